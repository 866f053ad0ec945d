"""Keys and signatures of Standard Webhooks 1.0: HMAC-SHA256 as `v1`, Ed25519 as `v1a`."""

import base64
import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cardwright.core.sensitive import Sensitive
from cardwright.webhooks.domain import Signature

_SECRET: Final = "whsec_"  # noqa: S105 - a prefix
_PRIVATE: Final = "whsk_"
_PUBLIC: Final = "whpk_"
_SECRET_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key of an endpoint; `public_key` is what receivers of `v1a` verify with."""

    signature: Signature
    text: Sensitive
    public_key: str | None = None


def mint(signature: Signature) -> SigningKey:
    """Return a key that nobody had before."""
    seed = secrets.token_bytes(_SECRET_BYTES)
    if signature is Signature.HMAC:
        return SigningKey(signature, Sensitive(_SECRET + _base64(seed)))
    public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    return SigningKey(signature, Sensitive(_PRIVATE + _base64(seed)), _PUBLIC + _base64(public))


def headers_of(event_id: str, body: bytes, keys: Iterable[SigningKey], *, at: datetime) -> dict[str, str]:
    """Return the three headers of a message that is sent at an instant, signed with every key."""
    timestamp = str(int(at.timestamp()))
    signed = f"{event_id}.{timestamp}.".encode() + body
    return {
        "webhook-id": event_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(f"{key.signature.value},{_signature(key, signed)}" for key in keys),
    }


def _signature(key: SigningKey, signed: bytes) -> str:
    secret = base64.b64decode(key.text.reveal().partition("_")[2])
    if key.signature is Signature.HMAC:
        return _base64(hmac.digest(secret, signed, "sha256"))
    return _base64(Ed25519PrivateKey.from_private_bytes(secret).sign(signed))


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
