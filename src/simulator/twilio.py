"""Twilio's Messages API: create, fetch and list text messages, with the numbers that misbehave on purpose.

Twilio's own test numbers refuse at once (`+15005550001` and its kin, below). A recipient made of `+1500555` and a
carrier's five-digit code is accepted and ends badly later: `+150055530003` becomes `undelivered` with error 30003;
30001 and 30002 never leave the queue and become `failed`. Everyone else receives their message.
"""

import base64
import binascii
import re
import secrets
from datetime import date, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from simulator.settings import SimulatorSettings
from simulator.sms import KIND, SmsDelivery, segment_count
from simulator.world import World

_PATH = "/2010-04-01/Accounts/{account}/Messages"
_E164 = re.compile(r"\+[1-9]\d{6,14}")
_BODY_LIMIT_CHARACTERS = 1600
_PRIVATE = {"id", "status_callback"}
_MAGIC_RECIPIENTS = {
    "+15005550001": 21211,
    "+15005550002": 21612,
    "+15005550003": 21408,
    "+15005550004": 21610,
    "+15005550009": 21614,
}
_MAGIC_SENDERS = {"+15005550001": 21212, "+15005550007": 21606, "+15005550008": 21611}
_MESSAGES = {
    20001: "Invalid parameter: {value}",
    20003: "Authenticate",
    20404: "The requested resource {value} was not found",
    21211: "The 'To' number {value} is not a valid phone number.",
    21212: "The 'From' number {value} is not a valid phone number.",
    21266: "'To' and 'From' number cannot be the same: {value}",
    21408: "Sending to the region of the 'To' number {value} has not been enabled.",
    21602: "Message body is required.",
    21603: "A 'From' phone number is required.",
    21604: "A 'To' phone number is required.",
    21606: "The 'From' number {value} is not a message-capable number of this account.",
    21609: "The 'StatusCallback' URL {value} is not a valid URL.",
    21610: "The recipient {value} has unsubscribed from messages of this sender.",
    21611: "The 'From' number {value} has too many queued messages.",
    21612: "The 'To' number {value} is not reachable from this 'From' number.",
    21614: "The 'To' number {value} is not a mobile number.",
    21617: "The message body exceeds the limit of 1600 characters.",
    21701: "The Messaging Service {value} does not exist.",
}
_STATUS = {20003: 401, 20404: 404}
_CHOICES = {
    "ContentRetention": {"retain", "discard"},
    "AddressRetention": {"retain", "obfuscate"},
    "RiskCheck": {"enable", "disable"},
}
_NOT_SIMULATED = ("MediaUrl", "ContentSid", "ScheduleType", "SendAt")


class TwilioError(Exception):
    """A request Twilio refuses; carries Twilio's error code and the value that is at fault."""

    def __init__(self, code: int, value: str = "") -> None:
        super().__init__(_MESSAGES[code].format(value=value))
        self.code = code


def render_error(_request: Request, error: Exception) -> JSONResponse:
    """Answer with Twilio's error document: code, message, more_info and status."""
    code = error.code if isinstance(error, TwilioError) else 20500
    status = _STATUS.get(code, 400)
    more_info = f"https://www.twilio.com/docs/errors/{code}"
    document = {"code": code, "message": str(error), "more_info": more_info, "status": status}
    headers = {"WWW-Authenticate": 'Basic realm="Twilio API"'} if status == 401 else None
    return JSONResponse(document, status, headers)


def routes() -> list[Route]:
    """The resources of the Messages API, and Twilio's own 404 for everything beside them."""
    return [
        Route(f"{_PATH}.json", create_message, methods=["POST"]),
        Route(f"{_PATH}.json", list_messages, methods=["GET"]),
        Route(f"{_PATH}/{{sid}}.json", fetch_message, methods=["GET"]),
        Route("/2010-04-01/{rest:path}", refuse_path, methods=["GET", "POST", "PUT", "DELETE"]),
    ]


async def create_message(request: Request) -> JSONResponse:
    """Accept a text message and start its way to the recipient."""
    world = _authenticated_world(request)
    form = dict(parse_qsl((await request.body()).decode("utf-8", "replace"), keep_blank_values=False))
    _ensure_acceptable(form, world.settings)
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
    """Answer with a page of messages, newest first; the page token names the last message already seen."""
    world = _authenticated_world(request)
    query = dict(request.query_params)
    page_size, page = _integer(query, "PageSize", 50, 1, 1000), _integer(query, "Page", 0, 0, 1_000_000)
    found = _matching(world.objects.list(KIND), query)
    start = _position_after(found, query.get("PageToken"))
    shown = found[start : start + page_size]

    def uri(number: int, **token: str) -> str:
        kept = {name: value for name, value in query.items() if name not in {"Page", "PageSize", "PageToken"}}
        return f"{request.url.path}?{urlencode({**kept, 'PageSize': page_size, 'Page': number, **token})}"

    more = start + page_size < len(found)
    return JSONResponse(
        {
            "messages": [_wire(message) for message in shown],
            "page": page,
            "page_size": page_size,
            "start": start,
            "end": max(start, start + len(shown) - 1),
            "uri": uri(page),
            "first_page_uri": uri(0),
            "next_page_uri": uri(page + 1, PageToken=f"PA{shown[-1]['sid']}") if more else None,
            "previous_page_uri": None,
        }
    )


async def refuse_path(request: Request) -> JSONResponse:
    """Answer 404 the way Twilio does."""
    raise TwilioError(20404, request.url.path)


def _authenticated_world(request: Request) -> World:
    world: World = request.app.state.world
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    try:
        presented = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        presented = b""
    account = world.settings.twilio_account_sid
    expected = f"{account}:{world.settings.twilio_auth_token}".encode()
    if scheme.lower() != "basic" or not secrets.compare_digest(presented, expected):
        raise TwilioError(20003)
    if request.path_params["account"] != account:
        raise TwilioError(20404, request.url.path)
    return world


def _ensure_acceptable(form: dict[str, str], settings: SimulatorSettings) -> None:
    _ensure_complete(form)
    _ensure_recipient(form["To"])
    _ensure_sender(form, settings)
    callback = form.get("StatusCallback")
    if callback and (urlsplit(callback).scheme not in {"http", "https"} or not urlsplit(callback).hostname):
        raise TwilioError(21609, callback)
    for name, choices in _CHOICES.items():
        if form.get(name, next(iter(choices))) not in choices:
            raise TwilioError(20001, f"{name}={form[name]}")
    for name in _NOT_SIMULATED:
        if name in form:
            raise TwilioError(20001, f"{name} is not simulated")


def _ensure_complete(form: dict[str, str]) -> None:
    if "To" not in form:
        raise TwilioError(21604)
    if "From" not in form and "MessagingServiceSid" not in form:
        raise TwilioError(21603)
    if not {"Body", "MediaUrl", "ContentSid"} & form.keys():
        raise TwilioError(21602)
    if len(form.get("Body", "")) > _BODY_LIMIT_CHARACTERS:
        raise TwilioError(21617)


def _ensure_recipient(number: str) -> None:
    if number in _MAGIC_RECIPIENTS:
        raise TwilioError(_MAGIC_RECIPIENTS[number], number)
    if not _E164.fullmatch(number):
        raise TwilioError(21211, number)


def _ensure_sender(form: dict[str, str], settings: SimulatorSettings) -> None:
    service, number = form.get("MessagingServiceSid"), form.get("From")
    if service not in {None, settings.twilio_messaging_service_sid}:
        raise TwilioError(21701, str(service))
    if number is None:
        return
    if number in _MAGIC_SENDERS:
        raise TwilioError(_MAGIC_SENDERS[number], number)
    if not _E164.fullmatch(number):
        raise TwilioError(21212, number)
    if number == form["To"]:
        raise TwilioError(21266, number)
    if number not in settings.twilio_numbers:
        raise TwilioError(21606, number)


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
    return {name: value for name, value in message.items() if name not in _PRIVATE}


def _matching(messages: list[dict[str, Any]], query: dict[str, str]) -> list[dict[str, Any]]:
    """Keep what the query asks for; `DateSent<` and `DateSent>` include the day they name, as Twilio's do."""
    for name, field in (("To", "to"), ("From", "from")):
        if name in query:
            messages = [message for message in messages if message[field] == query[name]]
    for name in ("DateSent", "DateSent<", "DateSent>"):
        if name in query:
            day = _day(name, query[name])
            messages = [message for message in messages if _is_sent_on(message, name, day)]
    return messages


def _is_sent_on(message: dict[str, Any], comparison: str, day: date) -> bool:
    if message["date_sent"] is None:
        return False
    sent = parsedate_to_datetime(message["date_sent"]).date()
    if comparison == "DateSent":
        return sent == day
    return sent <= day if comparison == "DateSent<" else sent >= day


def _day(name: str, value: str) -> date:
    try:
        return datetime.fromisoformat(value).date()
    except ValueError:
        raise TwilioError(20001, f"{name}={value}") from None


def _integer(query: dict[str, str], name: str, default: int, least: int, most: int) -> int:
    value = query.get(name, str(default))
    if not (value.isascii() and value.isdigit() and least <= int(value) <= most):
        raise TwilioError(20001, f"{name}={value}")
    return int(value)


def _position_after(messages: list[dict[str, Any]], token: str | None) -> int:
    if token is None:
        return 0
    for position, message in enumerate(messages):
        if token == f"PA{message['sid']}":
            return position + 1
    raise TwilioError(20001, f"PageToken={token}")
