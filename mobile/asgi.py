"""The app as Flutter in a browser, for any ASGI server: `uvicorn --app-dir mobile asgi:app`."""

from pathlib import Path
from typing import Any, Final

import flet_web.fastapi as flet_fastapi
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from main import main

_SESSION_SECONDS: Final = 120
"""How long a page that nobody looks at is kept. Whoever comes back later signs in by the tokens they have."""
_POLICY: Final = (
    "default-src 'self'; "
    "script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval' blob:; worker-src 'self' blob:; "
    "connect-src 'self' ws: wss: data: blob:; "
    "img-src 'self' data: blob:; font-src 'self' data:; "
    "style-src 'self' 'unsafe-inline'; frame-ancestors 'none'; base-uri 'self'; object-src 'none'"
)
"""Flutter compiles WebAssembly and writes its start into the page; nothing is taken from other hosts."""
_HEADERS: Final = {
    b"content-security-policy": _POLICY.encode(),
    b"referrer-policy": b"no-referrer",
    b"x-content-type-options": b"nosniff",
}
_WITHOUT: Final = frozenset({b"access-control-allow-origin"})
"""Flet's server lets every page read its files; ours are for this page alone."""


class Headers:
    """Sets what browsers are to keep to, whatever the app below says."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on, with other headers."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                replaced = _WITHOUT | _HEADERS.keys()
                kept = [(name, value) for name, value in message["headers"] if name.lower() not in replaced]
                message["headers"] = [*kept, *_HEADERS.items()]
            await send(message)

        await self._app(scope, receive, send_with_headers)


_flet: Any = flet_fastapi.app(
    main,
    assets_dir=str(Path(__file__).parent / "assets"),
    app_name="Cardwright",
    app_short_name="Cardwright",
    app_description="Your cards, wherever you are",
    no_cdn=True,
    session_timeout_seconds=_SESSION_SECONDS,
)
app = Headers(GZipMiddleware(_flet, minimum_size=1000))
