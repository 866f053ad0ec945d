"""The one address of each subscription, and the string behind the stage that makes browsers."""

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from simulator.browser_push import browsers
from simulator.browser_push.errors import PushError
from simulator.browser_push.vapid import ensure_signed
from simulator.inbox import KIND as INBOX
from simulator.world import World

RETRY_AFTER_SECONDS = 7
_MOST_BYTES = 4096
_LONGEST_TOPIC = 32
_URGENCIES = frozenset({"very-low", "low", "normal", "high"})
_REFUSALS = {"gone": 410, "missing": 404, "busy": 429, "down": 503}


def routes() -> list[Route]:
    """The push service, and how to get a browser that uses it."""
    return [
        Route("/push/{browser}", receive_message, methods=["POST"]),
        Route("/_sim/push/subscriptions", make_browser, methods=["POST"]),
    ]


async def make_browser(request: Request) -> JSONResponse:
    """Make a browser that subscribed; the body may name `application_server_key` and `state`."""
    wanted = json.loads(await request.body() or b"{}")
    state = wanted.get("state", "active")
    if state not in browsers.STATES:
        raise PushError(400, f"The state is one of {', '.join(browsers.STATES)}.")
    key = wanted.get("application_server_key")
    made = browsers.subscribe(request.app.state.world, application_server_key=key, state=state)
    return JSONResponse(made, 201)


async def receive_message(request: Request) -> Response:
    """Take a message for a browser, which decrypts it and shows it in the inbox at once."""
    world: World = request.app.state.world
    browser = world.objects.get(browsers.KIND, request.path_params["browser"])
    if browser is None:
        raise PushError(404, "There is no such subscription.")
    status = _REFUSALS.get(browser["state"])
    if status is not None:
        wait = RETRY_AFTER_SECONDS if status in {429, 503} else None
        raise PushError(status, f"The subscription is {browser['state']}.", retry_after_seconds=wait)
    sender = ensure_signed(
        request.headers.get("authorization"),
        audience=world.settings.base_url,
        expected_key=browser["application_server_key"],
    )
    body = await request.body()
    _ensure_headers(request, body)
    shown = _show(world, browser, sender, browsers.read(browser, body), dict(request.headers))
    return Response(status_code=201, headers={"Location": f"{world.settings.base_url}/push/m/{shown['id']}"})


def _ensure_headers(request: Request, body: bytes) -> None:
    headers = request.headers
    if len(body) > _MOST_BYTES:
        raise PushError(413, "A message has 4096 bytes at most.")
    if not headers.get("ttl", "").isdigit():
        raise PushError(400, "The header TTL says in seconds how long to keep the message.")
    if headers.get("content-encoding") != "aes128gcm":
        raise PushError(415, "Messages are encrypted: aes128gcm.")
    if headers.get("urgency", "normal") not in _URGENCIES:
        raise PushError(400, "Such an urgency is not known.")
    topic = headers.get("topic", "")
    if len(topic) > _LONGEST_TOPIC or (not topic.replace("-", "").replace("_", "").isalnum() and topic):
        raise PushError(400, "A topic has 32 characters of base64url at most.")


def _show(
    world: World, browser: dict[str, Any], sender: str, said: dict[str, Any], headers: dict[str, str]
) -> dict[str, Any]:
    """Put a message into the inbox, in place of an earlier one on the same topic."""
    endpoint, topic = f"{world.settings.base_url}/push/{browser['id']}", headers.get("topic")
    if topic is not None:
        for earlier in world.inbox.list("push", endpoint):
            if earlier["extra"].get("topic") == topic:
                world.objects.delete(INBOX, earlier["id"])
    return world.inbox.add(
        "push",
        to=endpoint,
        sender=sender,
        subject=said.get("title"),
        text=str(said.get("body", "")),
        extra={
            "topic": topic,
            "ttl_seconds": int(headers["ttl"]),
            "urgency": headers.get("urgency", "normal"),
            "data": {name: value for name, value in said.items() if name not in {"title", "body"}},
        },
    )
