"""What is needed of whoever keeps the keys that wrap our data keys."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """A data key as it may be stored; `provider_key_id` names the key-encryption key that it is under."""

    provider_key_id: str
    ciphertext: bytes = field(repr=False)


class KeyProvider(Protocol):
    """Wraps data keys; its own keys never leave it. What was wrapped in one context opens in no other."""

    async def wrap(self, key: bytes, context: Mapping[str, str]) -> WrappedKey:
        """Wrap a data key under the newest key-encryption key; raise Unavailable when it cannot be asked."""
        ...

    async def unwrap(self, wrapped: WrappedKey, context: Mapping[str, str]) -> bytes:
        """Return a data key; raise EncryptionError when it is not ours or the context differs."""
        ...
