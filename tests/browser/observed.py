"""The application on a real socket with a note of all that reaches it, and a server of hostile pages."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from builders import provided_for_tests
from cardwright.core.clock import SystemClock
from cardwright.main import build_app
from serving import serving


@dataclass(frozen=True)
class Arrival:
    """A request as it reached the application, and how it was answered."""

    method: str
    path: str
    site: str | None
    has_cookie: bool
    status: int


@dataclass
class Observed:
    """The application, with a note of every request that reaches it."""

    app: ASGIApp
    arrivals: list[Arrival] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = {name.decode(): value.decode() for name, value in scope["headers"]}
                self.arrivals.append(
                    Arrival(
                        scope["method"], scope["path"], headers.get("sec-fetch-site"),
                        "__Host-cardwright=" in headers.get("cookie", ""), message["status"],
                    )
                )  # fmt: skip
            await send(message)

        await self.app(scope, receive, noting if scope["type"] == "http" else send)


@dataclass(frozen=True)
class Site:
    """Where our own pages are, and what reached us."""

    address: str
    observed: Observed


@asynccontextmanager
async def observed_site(engine: AsyncEngine) -> AsyncIterator[Site]:
    """Serve the application for as long as the context lasts; it knows itself by its address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        provided = await provided_for_tests(engine, SystemClock(), issuer=address)
        observed = Observed(build_app(engine, provided))
        async with serving(observed, listener):
            yield Site(address, observed)


@asynccontextmanager
async def foreign_server() -> AsyncIterator[int]:
    """Serve an empty page, whatever is asked, for as long as the context lasts; give the port."""

    async def page(_request: Request) -> HTMLResponse:
        return HTMLResponse("<!doctype html><title>Win a prize</title><iframe name=sink></iframe>")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        async with serving(Starlette(routes=[Route("/{path:path}", page)]), listener):
            yield int(listener.getsockname()[1])
