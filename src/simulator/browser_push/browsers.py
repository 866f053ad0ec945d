"""Browsers that subscribed: their keys, and what they make of a message."""

import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import http_ece
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from simulator.browser_push.errors import PushError
from simulator.world import World

KIND = "browser"
STATES = ("active", "gone", "missing", "busy", "down")
_CURVE = ec.SECP256R1()
_KEY_BYTES = 32
_AUTH_BYTES = 16


def subscribe(world: World, *, application_server_key: str | None, state: str = "active") -> dict[str, Any]:
    """Make a browser that subscribed, and return what `PushSubscription.toJSON()` gives in it.

    With an application server's key it takes messages of that server only. `state` is what its push service
    answers: "gone" 410, "missing" 404, "busy" 429, "down" 503.
    """
    key = ec.generate_private_key(_CURVE)
    browser: dict[str, Any] = {
        "id": secrets.token_urlsafe(24),
        "private_key": key.private_numbers().private_value.to_bytes(_KEY_BYTES).hex(),
        "auth": secrets.token_bytes(_AUTH_BYTES).hex(),
        "application_server_key": application_server_key,
        "state": state,
    }
    world.objects.put(KIND, browser)
    point = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return {
        "endpoint": f"{world.settings.base_url}/push/{browser['id']}",
        "expirationTime": None,
        "keys": {"p256dh": base64url(point), "auth": base64url(bytes.fromhex(browser["auth"]))},
    }


def read(browser: dict[str, Any], body: bytes) -> dict[str, Any]:
    """Return what a message says to the browser that it was encrypted for; PushError where it cannot."""
    key = ec.derive_private_key(int(browser["private_key"], 16), _CURVE)
    try:
        text = http_ece.decrypt(  # type: ignore[no-untyped-call]
            body, private_key=key, auth_secret=bytes.fromhex(browser["auth"]), version="aes128gcm"
        )
    except (http_ece.ECEException, InvalidTag, ValueError, IndexError) as error:
        raise PushError(400, f"The browser cannot decrypt this: {error}") from None
    try:
        said = json.loads(text)
    except ValueError:
        said = None
    return said if isinstance(said, dict) else {"body": text.decode("utf-8", "replace")}


def base64url(raw: bytes) -> str:
    """Write bytes without padding."""
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def from_base64url(text: str) -> bytes:
    """Read bytes, padded or not; ValueError for what is none."""
    return urlsafe_b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4))
