"""Key-encryption keys in a file of the owner's: for demonstrations, and where there is no key service."""

import base64
import json
import os
import secrets
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from cardwright.core.ids import new_id
from cardwright.encryption import EncryptionError, WrappedKey

_KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_FEWEST_DIFFERENT_BYTES: Final = 16
"""Random keys practically always have more; typed, repeated and blank ones have fewer."""


class WeakKey(ValueError):
    """A key file, or a key in it, protects nothing."""


@dataclass(frozen=True, slots=True)
class _KeyFile:
    current: str
    keys: Mapping[str, bytes] = field(repr=False)
    is_demo: bool = False


class FileKeyProvider:
    """Wraps with the file's current key, unwraps with any of them; a key added later is found when needed.

    Raises WeakKey for a file that others may read, for keys that are weak, and for a demo's unless accepted.
    """

    def __init__(self, path: Path, *, accept_demo: bool = False) -> None:
        self._path = path
        self._accept_demo = accept_demo
        self._file = self._load()

    async def wrap(self, key: bytes, context: Mapping[str, str]) -> WrappedKey:
        """Wrap a data key with AES-256-GCM, its context being associated data."""
        self._file = self._load()
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = AESGCM(self._file.keys[self._file.current]).encrypt(nonce, key, _canonical(context))
        return WrappedKey(self._file.current, nonce + sealed)

    async def unwrap(self, wrapped: WrappedKey, context: Mapping[str, str]) -> bytes:
        """Return a data key; raise EncryptionError when it is not under these keys or in this context."""
        if wrapped.provider_key_id not in self._file.keys:
            self._file = self._load()
        key = self._file.keys.get(wrapped.provider_key_id)
        if key is None:
            raise EncryptionError(f"the key file has no key {wrapped.provider_key_id}")
        nonce, sealed = wrapped.ciphertext[:_NONCE_BYTES], wrapped.ciphertext[_NONCE_BYTES:]
        try:
            return AESGCM(key).decrypt(nonce, sealed, _canonical(context))
        except (InvalidTag, ValueError):
            raise EncryptionError("a wrapped key was changed or belongs elsewhere") from None

    def _load(self) -> _KeyFile:
        file = _read(self._path)
        if file.is_demo and not self._accept_demo:
            raise WeakKey(f"{self._path} was made by a demo; make one with `cardwright keys add-kek`")
        return file


def add_key(path: Path, *, is_demo: bool = False) -> str:
    """Add a fresh key to a file, made when it is missing, and return its id; it is current from now on.

    The older keys stay until nothing is wrapped with them. Readers see the old file or the new one.
    """
    known = _read(path) if path.exists() else _KeyFile("", {}, is_demo)
    added = new_id("kek")
    keys = {**known.keys, added: secrets.token_bytes(_KEY_BYTES)}
    content = {
        "current": added,
        "keys": {key_id: base64.b64encode(key).decode() for key_id, key in keys.items()},
        "demo": known.is_demo,
    }
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(content, file, indent=2)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    return added


def _read(path: Path) -> _KeyFile:
    try:
        mode = path.stat().st_mode
        content = json.loads(path.read_text())
        keys = {str(key_id): base64.b64decode(key, validate=True) for key_id, key in content["keys"].items()}
        file = _KeyFile(str(content["current"]), keys, is_demo=_is_demo(content))
    except OSError as error:
        raise WeakKey(f"{path} cannot be read: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        # Without the cause, whose text may hold the key.
        raise WeakKey(f"{path} is not a key file") from None
    _ensure_strong(path, file, mode)
    return file


def _is_demo(content: Mapping[str, Any]) -> bool:
    return content.get("demo") is not False


def _ensure_strong(path: Path, file: _KeyFile, mode: int) -> None:
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise WeakKey(f"{path} may be read or written by others than its owner; chmod 600 it")
    if file.current not in file.keys:
        raise WeakKey(f"{path} lacks its current key")
    for key_id, key in file.keys.items():
        if len(key) != _KEY_BYTES:
            raise WeakKey(f"{key_id} in {path} is not {_KEY_BYTES} bytes long")
        if len(set(key)) < _FEWEST_DIFFERENT_BYTES:
            raise WeakKey(f"{key_id} in {path} is not random")


def _canonical(context: Mapping[str, str]) -> bytes:
    return json.dumps(context, sort_keys=True, separators=(",", ":")).encode()
