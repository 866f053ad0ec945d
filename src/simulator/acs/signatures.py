"""The server's signatures, as Standard Webhooks says: HMAC-SHA256 over id, time, body."""

import base64
import hashlib
import hmac
import json
import secrets

from simulator.clock import wall_timestamp

_PREFIX = "whsec_"
_KEY_BYTES = 24


def new_signing_secret() -> str:
    """Return a secret such as `whsec_…`, whose rest is base64."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(_KEY_BYTES)).decode()


def signature_headers(url: str, body: str, secret: str) -> dict[str, str]:  # noqa: ARG001 - a Signer's shape
    """Return the headers of one attempt; its id is the message's and the same for all of them."""
    message_id, timestamp = json.loads(body)["id"], wall_timestamp()
    key = base64.b64decode(secret.removeprefix(_PREFIX))
    digest = hmac.new(key, f"{message_id}.{timestamp}.{body}".encode(), hashlib.sha256).digest()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }
