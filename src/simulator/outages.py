"""Calls that go wrong on order: late, lost, unanswered, or answered with a server error."""

from collections.abc import MutableMapping
from typing import Any

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from simulator.faults import BrokenResponse, Faults, garbage, wait_out

PREFIXES = ("/2010-04-01/", "/token", "/v1/projects/", "/acs/v1/", "/vpa/", "/v3.6/", "/push/")


class OutageMiddleware:
    """Applies the faults of target "api" to the calls for all but Stripe, which applies its own."""

    def __init__(self, app: ASGIApp, faults: Faults) -> None:
        self._app = app
        self._faults = faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the call through, or let it meet its fate."""
        if scope["type"] != "http" or not scope["path"].startswith(PREFIXES):
            await self._app(scope, receive, send)
            return
        path = scope["path"]
        struck = self._faults.take("api", f"{scope['method']} {path}", path)
        if "delay" in struck:
            # A caller that hangs up takes along what was not read, and the call would never be done.
            receive = await _read(receive)
        await wait_out(struck)
        if "drop" in struck:
            await BrokenResponse()(scope, receive, send)
        elif "error" in struck:
            await _outage(struck["error"].status)(scope, receive, send)
        elif "drop_response" in struck:
            await self._app(scope, receive, _discard)
            await BrokenResponse()(scope, receive, send)
        elif "garbage" in struck:
            await self._app(scope, receive, _discard)
            await garbage()(scope, receive, send)
        else:
            await self._app(scope, receive, send)


async def _read(receive: Receive) -> Receive:
    """Read a call whole and return what tells it again."""
    told: list[Message] = []
    while not told or told[-1].get("more_body", False):
        told.append(await receive())

    async def again() -> Message:
        return told.pop(0) if told else await receive()

    return again


async def _discard(_message: MutableMapping[str, Any]) -> None:
    """Swallow an answer: the call took effect and its caller never learns."""


def _outage(status: int) -> JSONResponse:
    """Build an answer that the clients of Twilio, Google and Visa read as trouble on the other side."""
    text = "Simulated outage."
    error = {"code": status, "message": text, "status": "UNAVAILABLE", "details": []}
    return JSONResponse({"code": status, "message": text, "status": status, "error": error}, status)
