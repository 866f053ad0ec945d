"""Whom the simulator believes when it posts to others: public authorities, and one that it was told of."""

import ssl
from pathlib import Path

import httpx


def context(authority: Path | None) -> ssl.SSLContext:
    """Return what verifies receivers' certificates; FileNotFoundError when the authority is not there."""
    trusted = httpx.create_ssl_context(trust_env=False)
    if authority is not None:
        trusted.load_verify_locations(authority)
    return trusted
