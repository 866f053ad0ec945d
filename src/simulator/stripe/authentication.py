"""API keys: Bearer or Basic, the secret one for everything, the public one for what a browser may do."""

import base64
import binascii
import hmac

from simulator.settings import SimulatorSettings
from simulator.stripe.errors import StripeError, unauthorized

_SHOWN_CHARACTERS = 4


def is_publishable_call(
    authorization: str | None, settings: SimulatorSettings, *, allows_publishable: bool
) -> bool:
    """Say whether the call came with the public key; StripeError 401 when its key does not suffice."""
    key = _key_from(authorization)
    if hmac.compare_digest(key.encode(), settings.stripe_secret_key.encode()):
        return False
    if not hmac.compare_digest(key.encode(), settings.stripe_publishable_key.encode()):
        raise _unknown_key(key)
    if not allows_publishable:
        raise unauthorized("This call needs a secret API key, not a publishable one.", "secret_key_required")
    return True


def _key_from(authorization: str | None) -> str:
    scheme, _, credentials = (authorization or "").partition(" ")
    if scheme.lower() == "bearer" and credentials:
        return credentials.strip()
    if scheme.lower() == "basic" and credentials:
        try:
            return base64.b64decode(credentials, validate=True).decode().partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            raise _unknown_key(credentials) from None
    raise unauthorized("No API key was given: send it as a bearer token in the Authorization header.")


def _unknown_key(key: str) -> StripeError:
    return unauthorized(f"Invalid API Key provided: {'*' * 8}{key[-_SHOWN_CHARACTERS:]}")
