"""Stripe's signature: HMAC-SHA256 over the time and the raw body."""

import hashlib
import hmac
import secrets

from simulator.clock import wall_timestamp


def new_signing_secret() -> str:
    """Return a secret such as `whsec_…`."""
    return f"whsec_{secrets.token_hex(16)}"


def signature_headers(url: str, body: str, secret: str) -> dict[str, str]:  # noqa: ARG001 - a Signer's shape
    """Return the headers that prove a webhook; the time is the wall's, since receivers check its age."""
    timestamp = wall_timestamp()
    signed = f"{timestamp}.{body}".encode()
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    return {"Stripe-Signature": f"t={timestamp},v1={digest}"}
