"""Proofs of the key that tokens are bound to (RFC 9449): a stolen token alone is worth nothing."""

import base64
import json
from hashlib import sha256, sha512
from secrets import token_urlsafe
from time import time
from typing import Any, Final

from ecdsa import Ed25519, SigningKey  # pure Python, as all that goes onto a phone is

ALGORITHM: Final = "Ed25519"


class DeviceKey:
    """The key of one sign-in on one device; it never leaves the device's safe place and this process."""

    def __init__(self, secret: bytes | None = None) -> None:
        self._key: Any = (
            SigningKey.generate(curve=Ed25519)
            if secret is None
            else SigningKey.from_string(secret, curve=Ed25519, hashfunc=sha512)
        )
        public: bytes = self._key.verifying_key.to_string()
        self._jwk = {"kty": "OKP", "crv": "Ed25519", "x": encoded(public)}

    @classmethod
    def read(cls, text: str) -> "DeviceKey":
        """Return a key that was written; raise ValueError for what is none."""
        return cls(base64.b64decode(text, validate=True))

    def written(self) -> str:
        """Return the key as text, for the device's safe place."""
        secret: bytes = self._key.to_string()
        return base64.b64encode(secret).decode()

    def proof(self, method: str, address: str, access_token: str | None = None) -> str:
        """Return a proof for one request; what stands behind the ? of its address is no part of it."""
        claims: dict[str, Any] = {
            "jti": token_urlsafe(12),
            "htm": method,
            "htu": address,
            "iat": int(time()),
        }
        if access_token is not None:
            claims["ath"] = encoded(sha256(access_token.encode()).digest())
        head = {"typ": "dpop+jwt", "alg": ALGORITHM, "jwk": self._jwk}
        signed = ".".join(encoded(json.dumps(part).encode()) for part in (head, claims))
        return f"{signed}.{encoded(self._key.sign(signed.encode()))}"


def encoded(data: bytes) -> str:
    """Return bytes as tokens have them: base64url without its padding."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
