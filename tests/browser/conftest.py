"""The application on a socket with one page of ours beside it, and a real Chromium that looks at it."""

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pytest
import uvicorn
from playwright.async_api import Browser, Page, async_playwright
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from builders import provided_for_tests
from cardwright.access import Authenticators
from cardwright.authentication import RelyingParty, SessionCookies
from cardwright.core.clock import MovableClock
from cardwright.http.cross_site import CrossSiteGate
from cardwright.main import build_app
from optional import find_chromium

PAGE: Final = Path(__file__).with_name("ceremony.html")
ARGUMENTS: Final = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run", "--disable-quic",
)  # fmt: skip


class WithPage:
    """Serves the page on the application's own origin."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == "/ceremony.html":
            await HTMLResponse(PAGE.read_text())(scope, receive, send)
        else:
            await self._app(scope, receive, send)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The machine's Chromium; none is downloaded."""
    return find_chromium()


@pytest.fixture
async def origin(engine: AsyncEngine, clock: MovableClock) -> AsyncIterator[str]:
    """The address of the application, which knows itself by it."""
    listening = socket.create_server(("127.0.0.1", 0))
    address = f"http://localhost:{listening.getsockname()[1]}"
    gate = CrossSiteGate(address)
    cookies = SessionCookies(clock, gate)
    provided = {
        **await provided_for_tests(engine, clock),
        CrossSiteGate: gate,
        SessionCookies: cookies,
        Authenticators: Authenticators((cookies,)),
        RelyingParty: RelyingParty.of(address, "Demo Program"),
    }
    config = uvicorn.Config(WithPage(build_app(engine, provided)), log_level="warning", lifespan="off")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    yield address
    server.should_exit = True
    await serving


@pytest.fixture
async def browser(chromium: str) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=chromium, args=list(ARGUMENTS))
        yield opened
        await opened.close()


@pytest.fixture
async def page(browser: Browser, origin: str) -> Page:
    """Our page, ready for ceremonies."""
    opened = await (await browser.new_context()).new_page()
    await opened.goto(f"{origin}/ceremony.html")
    return opened
