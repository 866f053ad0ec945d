"""A real Chromium, the application on a real socket, and another server whose pages wish it ill."""

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
import uvicorn
from playwright.async_api import Browser, async_playwright
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from builders import provided_for_tests
from cardwright.core.clock import SystemClock
from cardwright.main import build_app

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run", "--disable-quic",
]  # fmt: skip


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


@pytest.fixture
async def chromium() -> AsyncIterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("there is no Chromium on this machine")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        await browser.close()


@asynccontextmanager
async def serving(app: ASGIApp, listener: socket.socket) -> AsyncIterator[None]:
    """Serve an application in this event loop for as long as the context lasts."""
    server = uvicorn.Server(
        uvicorn.Config(app, log_level="warning", lifespan="off", timeout_graceful_shutdown=1)
    )
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        while not server.started:
            assert not task.done(), "the server did not start"
            await asyncio.sleep(0.01)
        yield
    finally:
        server.should_exit = True
        await task


@pytest.fixture
async def site(engine: AsyncEngine) -> AsyncIterator[Site]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        provided = await provided_for_tests(engine, SystemClock(), address)
        observed = Observed(build_app(engine, provided))
        async with serving(observed, listener):
            yield Site(address, observed)


@pytest.fixture
async def foreign_port() -> AsyncIterator[int]:
    """The port of a server that has nothing to do with ours: an empty page, whatever is asked."""

    async def page(_request: Request) -> HTMLResponse:
        return HTMLResponse("<!doctype html><title>Win a prize</title><iframe name=sink></iframe>")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        async with serving(Starlette(routes=[Route("/{path:path}", page)]), listener):
            yield int(listener.getsockname()[1])
