"""Random secrets of 256 bits: codes, refresh tokens, client secrets; only their digests are stored."""

import secrets
from hashlib import sha256


def new_secret() -> str:
    """Return 256 random bits as text."""
    return secrets.token_urlsafe(32)


def secret_hash(secret: str) -> str:
    """Return what is stored of a secret; so many random bits need no slow hash."""
    return sha256(secret.encode()).hexdigest()
