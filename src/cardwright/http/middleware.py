"""Around every request: an id, a log line, a size limit, headers that keep browsers from guessing."""

from collections.abc import Sequence
from typing import Final

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bound_contextvars

from cardwright.core.ids import new_id
from cardwright.http.errors import BodyTooLarge
from cardwright.http.origin import handling

_log = structlog.get_logger()
MAX_BODY_BYTES: Final = 1_048_576
_HEADERS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
)


class RequestEnvelope:
    """Pure ASGI middleware; unlike BaseHTTPMiddleware it neither buffers nor spawns tasks.

    What comes after one of `secret_paths` in an address proves something, and is kept out of the log.
    """

    def __init__(self, app: ASGIApp, secret_paths: Sequence[str] = ()) -> None:
        self.app = app
        self._secret_prefixes = tuple(f"{path}/" for path in secret_paths)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection event."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        scope["request_id"] = request_id = new_id("req")
        is_answered = False

        async def send_with_headers(message: Message) -> None:
            nonlocal is_answered
            if message["type"] == "http.response.start":
                is_answered = True
                _log.info(
                    "request", request_id=request_id, method=scope["method"],
                    path=self._logged(scope["path"]), status=message["status"],
                )  # fmt: skip
                names = {name.lower() for name, _ in message["headers"]}
                extra = [header for header in _HEADERS if header[0] not in names]
                message["headers"] = [*message["headers"], *extra, (b"x-request-id", request_id.encode())]
            await send(message)

        try:
            with handling(scope, request_id), bound_contextvars(request_id=request_id):
                await self.app(scope, _limited(receive, scope), send_with_headers)
        except Exception:
            # Answered and logged with a 500 already; raised again it would cost the client its connection.
            if not is_answered:
                raise

    def _logged(self, path: str) -> str:
        prefix = next((prefix for prefix in self._secret_prefixes if path.startswith(prefix)), None)
        return path if prefix is None else f"{prefix}..."


def _limited(receive: Receive, scope: Scope) -> Receive:
    received = 0

    async def limited() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        # Asked when something arrives: by then the request has found its route, which may take more.
        most: int = scope.get("most_body_bytes", MAX_BODY_BYTES)
        if received > most:
            raise BodyTooLarge(most)
        return message

    return limited
