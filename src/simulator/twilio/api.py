"""The resources of Twilio's Messages API: create, fetch and list."""

import base64
import binascii
import secrets
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from simulator.twilio.acceptance import ensure_acceptable
from simulator.twilio.delivery import KIND, SmsDelivery
from simulator.twilio.errors import TwilioError
from simulator.twilio.incoming import has_stopped
from simulator.twilio.listing import matching, page_of
from simulator.twilio.segments import segment_count
from simulator.world import World

_PATH = "/2010-04-01/Accounts/{account}/Messages"
_KEPT_TO_OURSELVES = frozenset({"id", "status_callback"})


def routes() -> list[Route]:
    """The resources, and Twilio's own 404 for everything beside them."""
    return [
        Route(f"{_PATH}.json", create_message, methods=["POST"]),
        Route(f"{_PATH}.json", list_messages, methods=["GET"]),
        Route(f"{_PATH}/{{sid}}.json", fetch_message, methods=["GET"]),
        Route("/2010-04-01/{rest:path}", refuse_path, methods=["GET", "POST", "PUT", "DELETE"]),
    ]


async def create_message(request: Request) -> JSONResponse:
    """Accept a text message and set it on its way to the recipient."""
    world = _authenticated_world(request)
    body = (await request.body()).decode("utf-8", "replace")
    form = dict(parse_qsl(body))
    ensure_acceptable(form, world.settings)
    if has_stopped(world, form["To"]):
        raise TwilioError(21610, form["To"])
    message = _new_message(form, world)
    world.objects.put(KIND, message)
    delivery: SmsDelivery = request.app.state.sms_delivery
    delivery.start(message["sid"])
    return JSONResponse(_wire(message), 201)


async def fetch_message(request: Request) -> JSONResponse:
    """Answer with one message of the account."""
    world = _authenticated_world(request)
    message = world.objects.get(KIND, request.path_params["sid"])
    if message is None:
        raise TwilioError(20404, request.url.path)
    return JSONResponse(_wire(message))


async def list_messages(request: Request) -> JSONResponse:
    """Answer with a page of messages, newest first."""
    world = _authenticated_world(request)
    messages = [_wire(message) for message in world.objects.list(KIND)]
    found = matching(messages, request.query_params)
    return JSONResponse(page_of(found, request.query_params, request.url.path))


async def refuse_path(request: Request) -> JSONResponse:
    """Answer 404 the way Twilio does."""
    raise TwilioError(20404, request.url.path)


def _authenticated_world(request: Request) -> World:
    world: World = request.app.state.world
    account = world.settings.twilio_account_sid
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    try:
        presented = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        presented = b""
    expected = f"{account}:{world.settings.twilio_auth_token}".encode()
    if scheme.lower() != "basic" or not secrets.compare_digest(presented, expected):
        raise TwilioError(20003)
    if request.path_params["account"] != account:
        raise TwilioError(20404, request.url.path)
    return world


def _new_message(form: dict[str, str], world: World) -> dict[str, Any]:
    sid, account = f"SM{secrets.token_hex(16)}", world.settings.twilio_account_sid
    uri = f"/2010-04-01/Accounts/{account}/Messages/{sid}"
    now = format_datetime(world.clock.now())
    return {
        "id": sid,
        "sid": sid,
        "account_sid": account,
        "api_version": "2010-04-01",
        "body": form["Body"],
        "date_created": now,
        "date_sent": None,
        "date_updated": now,
        "direction": "outbound-api",
        "error_code": None,
        "error_message": None,
        "from": form.get("From"),
        "messaging_service_sid": form.get("MessagingServiceSid"),
        "num_media": "0",
        # A messaging service picks the sender later, and only then is the encoding known.
        "num_segments": str(segment_count(form["Body"])) if "From" in form else "0",
        "price": None,
        "price_unit": None,
        "status": "queued",
        "status_callback": form.get("StatusCallback"),
        "subresource_uris": {"media": f"{uri}/Media.json"},
        "to": form["To"],
        "uri": f"{uri}.json",
    }


def _wire(message: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in message.items() if name not in _KEPT_TO_OURSELVES}
