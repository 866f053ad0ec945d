"""Developers' servers that take webhooks: they verify by Standard Webhooks 1.0, and show what they got.

A receiver is made by naming it: whatever is posted to /receivers/NAME is kept. Told a secret or a public key,
it says of each message whether a signature is good, and answers 401 where none is.
"""

import base64
import hmac
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from simulator.control import ControlError
from simulator.world import World

RECEIVER = "receiver"
RECEIVED = "received"
_TOLERANCE_SECONDS = 300


class ReceiverRequest(BaseModel):
    """How a receiver verifies, and what it answers to what it believes."""

    model_config = ConfigDict(extra="forbid", strict=True)
    secret: str | None = Field(default=None, pattern="^whsec_")
    public_key: str | None = Field(default=None, pattern="^whpk_")
    status: int = Field(default=204, ge=200, le=599)


def routes() -> list[Route]:
    """Where receivers listen, and where they are told what to do and asked what they got."""
    return [
        Route("/receivers/{name}", receive, methods=["POST"]),
        Route("/_sim/receivers/{name}", set_up, methods=["PUT"]),
        Route("/_sim/receivers/{name}", show, methods=["GET"]),
    ]


async def receive(request: Request) -> Response:
    """Keep a message; answer as the receiver was told, or 401 when it cannot be believed."""
    world: World = request.app.state.world
    name, body = request.path_params["name"], await request.body()
    receiver = world.objects.get(RECEIVER, name) or {}
    told = {
        header: request.headers.get(f"webhook-{header}", "") for header in ("id", "timestamp", "signature")
    }
    # A developer's server has the real time, however far the network's was moved.
    now = world.clock.timestamp() - world.clock.offset_seconds
    verified_by = _verified_by(receiver, told, body, now)
    world.objects.put(
        RECEIVED,
        {
            "id": world.objects.new_id("rcv"),
            "receiver": name,
            "webhook_id": told["id"],
            "verified_by": verified_by,
            "body": body.decode("utf-8", "replace"),
            "at": world.clock.now().isoformat(),
        },
    )
    can_verify = receiver.get("secret") or receiver.get("public_key")
    return Response(status_code=401 if can_verify and not verified_by else receiver.get("status", 204))


async def set_up(request: Request) -> JSONResponse:
    """Tell a receiver how to verify and what to answer."""
    try:
        wanted = ReceiverRequest.model_validate(await request.json())
    except (ValidationError, ValueError) as error:
        raise ControlError(str(error)) from None
    world: World = request.app.state.world
    world.objects.put(RECEIVER, {"id": request.path_params["name"], **wanted.model_dump()})
    return JSONResponse(wanted.model_dump())


async def show(request: Request) -> JSONResponse:
    """Say what a receiver got, newest first."""
    world: World = request.app.state.world
    name = request.path_params["name"]
    return JSONResponse({"data": world.objects.list(RECEIVED, where=lambda it: it["receiver"] == name)})


def _verified_by(receiver: dict[str, Any], told: dict[str, str], body: bytes, now: float) -> list[str]:
    """Return the schemes of which a signature is good: v1 by the secret, v1a by the public key."""
    if not told["timestamp"].isdigit() or abs(now - int(told["timestamp"])) > _TOLERANCE_SECONDS:
        return []
    signed = f"{told['id']}.{told['timestamp']}.".encode() + body
    found = set()
    for each in told["signature"].split():
        scheme, _, text = each.partition(",")
        if scheme == "v1" and receiver.get("secret"):
            key = base64.b64decode(receiver["secret"].removeprefix("whsec_"))
            expected = base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
            found |= {scheme} if hmac.compare_digest(expected, text) else set()
        if scheme == "v1a" and receiver.get("public_key"):
            found |= {scheme} if _is_signed(receiver["public_key"], text, signed) else set()
    return sorted(found)


def _is_signed(public_key: str, signature: str, signed: bytes) -> bool:
    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key.removeprefix("whpk_")))
    try:
        key.verify(base64.b64decode(signature), signed)
    except (InvalidSignature, ValueError):
        return False
    return True
