"""A process that is about to stop says so while it still answers, so that nothing more is sent to it."""

from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_CLOSE = (b"connection", b"close")


@dataclass(slots=True)
class Draining:
    """Whether this process is about to stop."""

    is_on: bool = False


class LastAnswers:
    """While draining, each answer ends its connection: whoever asks again is led to another process."""

    def __init__(self, app: ASGIApp, draining: Draining) -> None:
        self._app = app
        self._draining = draining

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and say that it is the last answer of its connection if it is."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_last(message: Message) -> None:
            # Asked when the answer begins: the signal may have come while it was worked on.
            if self._draining.is_on and message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], _CLOSE]
            await send(message)

        await self._app(scope, receive, send_last)
