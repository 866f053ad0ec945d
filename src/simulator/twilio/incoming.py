"""Messages that people write to the account's numbers, and the control that lets them write.

At Twilio each number is set up with the address that its messages are posted to; here one address serves all.
"""

import secrets
from email.utils import format_datetime
from typing import Any, TypeVar
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from simulator.control import ControlError
from simulator.twilio.delivery import CHANNEL, KIND
from simulator.twilio.segments import segment_count
from simulator.webhooks import Message
from simulator.world import World

_SETUP_KIND = "twilio_setup"
_SETUP_ID = "incoming"
_STOPPED_KIND = "twilio_stopped"
_STOPS = frozenset({"stop", "stopall", "unsubscribe", "cancel", "end", "quit"})
_STARTS = frozenset({"start", "unstop"})
M = TypeVar("M", bound=BaseModel)
_E164 = r"^\+[1-9][0-9]{6,14}$"


class Endpoint(BaseModel):
    """Where messages that come in are posted to."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str = Field(pattern=r"^https?://")


class Written(BaseModel):
    """What somebody writes; `to` null means the account's first number."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sender: str = Field(alias="from", pattern=_E164)
    to: str | None = Field(default=None, pattern=_E164)
    body: str = Field(max_length=1600)


def control_routes() -> list[Route]:
    """The controls of what comes in."""
    return [
        Route("/_sim/twilio/endpoint", set_endpoint, methods=["POST"]),
        Route("/_sim/twilio/messages", write_message, methods=["POST"]),
    ]


async def set_endpoint(request: Request) -> JSONResponse:
    """Set where messages that come in go, as one does once in Twilio's console."""
    world: World = request.app.state.world
    url = (await _read(request, Endpoint)).url
    world.objects.put(_SETUP_KIND, {"id": _SETUP_ID, "url": url})
    return JSONResponse({"url": url})


async def write_message(request: Request) -> JSONResponse:
    """Let somebody write a text message, {"from", "body"}; it is posted on, signed."""
    written = await _read(request, Written)
    return JSONResponse({"sid": _write(request.app.state.world, written)}, 201)


def has_stopped(world: World, recipient: str) -> bool:
    """Answer whether a phone wrote STOP and not yet START."""
    return world.objects.get(_STOPPED_KIND, recipient) is not None


def _note_keyword(world: World, sender: str, body: str) -> None:
    word = body.strip().lower()
    if word in _STOPS:
        world.objects.put(_STOPPED_KIND, {"id": sender})
    elif word in _STARTS:
        world.objects.delete(_STOPPED_KIND, sender)


def _write(world: World, written: Written) -> str:
    setup = world.objects.get(_SETUP_KIND, _SETUP_ID)
    if setup is None:
        raise ControlError("nobody has set where messages that come in are posted to")
    to = written.to or world.settings.twilio_numbers[0]
    if to not in world.settings.twilio_numbers:
        raise ControlError(f"{to} is not a number of this account")
    message = _kept(world, written.sender, to, written.body)
    world.objects.put(KIND, message)
    _note_keyword(world, written.sender, written.body)
    world.dispatcher.submit(
        Message(
            channel=CHANNEL,
            endpoint=setup["url"],
            url=setup["url"],
            topic="twilio.message.received",
            reference=message["sid"],
            body=urlencode(_parameters(message)),
            secret=world.settings.twilio_auth_token,
            content_type="application/x-www-form-urlencoded",
        )
    )
    return str(message["sid"])


def _kept(world: World, sender: str, to: str, body: str) -> dict[str, Any]:
    sid, account = f"SM{secrets.token_hex(16)}", world.settings.twilio_account_sid
    uri, now = f"/2010-04-01/Accounts/{account}/Messages/{sid}", format_datetime(world.clock.now())
    return {
        "id": sid, "sid": sid, "account_sid": account, "api_version": "2010-04-01", "body": body,
        "date_created": now, "date_sent": now, "date_updated": now, "direction": "inbound",
        "error_code": None, "error_message": None, "from": sender, "messaging_service_sid": None,
        "num_media": "0", "num_segments": str(segment_count(body)), "price": None, "price_unit": None,
        "status": "received", "status_callback": None,
        "subresource_uris": {"media": f"{uri}/Media.json"}, "to": to, "uri": f"{uri}.json",
    }  # fmt: skip


def _parameters(message: dict[str, Any]) -> dict[str, str]:
    return {
        "AccountSid": message["account_sid"],
        "ApiVersion": message["api_version"],
        "Body": message["body"],
        "From": message["from"],
        "MessageSid": message["sid"],
        "NumMedia": message["num_media"],
        "NumSegments": message["num_segments"],
        "SmsMessageSid": message["sid"],
        "SmsSid": message["sid"],
        "SmsStatus": "received",
        "To": message["to"],
    }


async def _read(request: Request, model: type[M]) -> M:
    try:
        return model.model_validate_json(await request.body())
    except ValidationError as error:
        raise ControlError(_first(error)) from None


def _first(error: ValidationError) -> str:
    problem = error.errors(include_url=False)[0]
    return f"{'.'.join(str(step) for step in problem['loc'])}: {problem['msg']}"
