"""The two addresses of Google that a push needs: the token exchange and `messages:send`.

Device tokens choose what becomes of a message: one that starts with "unregistered", "quota", "unavailable",
"mismatch" or "invalid" gets the error of that name, every other one belongs to a phone that shows it.
"""

import secrets
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from simulator.fcm.errors import GoogleError
from simulator.fcm.message import PushMessage, parse_send_request
from simulator.fcm.tokens import ensure_may_send, issue_token
from simulator.world import World

RETRY_AFTER_SECONDS = 1


def routes() -> list[Route]:
    """Google's routes; they share the root with the other providers."""
    return [
        Route("/token", exchange_token, methods=["POST"]),
        Route("/v1/projects/{project}/messages:send", send_message, methods=["POST"]),
    ]


async def exchange_token(request: Request) -> JSONResponse:
    """Trade a signed assertion for a bearer token."""
    form = dict(parse_qsl((await request.body()).decode("utf-8", "replace")))
    return JSONResponse(issue_token(request.app.state.world, form), headers={"Cache-Control": "no-store"})


async def send_message(request: Request) -> JSONResponse:
    """Deliver one push message to the inbox, or refuse it as Google would."""
    world: World = request.app.state.world
    project = request.path_params["project"]
    ensure_may_send(world, request.headers.get("authorization"))
    if project != world.settings.fcm_project:
        raise GoogleError("PERMISSION_DENIED", f"The account may not send for the project {project}.")
    sending = parse_send_request(await request.body())
    _ensure_reachable(sending.message.token or "")
    if sending.validate_only:
        return JSONResponse({"name": f"projects/{project}/messages/fake_message_id"})
    name = f"projects/{project}/messages/{secrets.token_hex(12)}"
    _show(world, sending.message, name)
    return JSONResponse({"name": name})


def _show(world: World, message: PushMessage, name: str) -> None:
    notification = message.notification
    world.inbox.add(
        "push",
        to=message.recipient,
        sender=world.settings.fcm_project,
        subject=notification.title if notification else None,
        text=(notification.body if notification else None) or "",
        extra={"name": name, "data": message.data},
    )


def _ensure_reachable(token: str) -> None:
    """Raise the error that the first word of a device token asks for."""
    if token.startswith("unregistered"):
        raise GoogleError("NOT_FOUND", "The requested entity was not found.", fcm_code="UNREGISTERED")
    if token.startswith("invalid"):
        text = "This is not a valid FCM registration token."
        raise GoogleError("INVALID_ARGUMENT", text, fcm_code="INVALID_ARGUMENT")
    if token.startswith("mismatch"):
        raise GoogleError("PERMISSION_DENIED", "The sender does not match.", fcm_code="SENDER_ID_MISMATCH")
    if token.startswith("quota"):
        text = "The quota of messages to this device is used up."
        raise GoogleError("RESOURCE_EXHAUSTED", text, fcm_code="QUOTA_EXCEEDED")
    if token.startswith("unavailable"):
        text, wait = "The service is overloaded.", RETRY_AFTER_SECONDS
        raise GoogleError("UNAVAILABLE", text, fcm_code="UNAVAILABLE", retry_after_seconds=wait)
