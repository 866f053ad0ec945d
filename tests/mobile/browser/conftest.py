"""The mobile app as Flutter in a Chromium of a phone's size, beside everything the demo starts.

Run apart from tests/web: two stacks cannot be started around one Playwright.
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page

from cardwright.demo.stack import Addresses
from mobile.browser.handset import Handset
from mobile.conftest import HAS_PACKAGES
from optional import do_without
from web.conftest import browser, built, outside, stack

__all__ = ["browser", "built", "outside", "stack"]
ROOT = Path(__file__).parents[3]
START_SECONDS = 60
PATIENCE_MS = 20_000


@pytest.fixture(scope="session")
def served(stack: Addresses, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the app is served, by a process of its own."""
    if not HAS_PACKAGES:
        do_without("the mobile app's packages are not installed; `uv sync --group mobile` installs them")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = tmp_path_factory.mktemp("mobile") / "app.log"
    command = [sys.executable, "-m", "uvicorn", "--app-dir", str(ROOT / "mobile"), "asgi:app"]
    command += ["--host", "127.0.0.1", "--port", str(port), "--log-level", "warning"]
    with log.open("wb") as file:
        process = subprocess.Popen(
            command, env={**os.environ, "CARDWRIGHT_SERVER": stack.api}, stdout=file, stderr=file
        )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(address, process, log)
        yield address
    finally:
        process.terminate()
        process.wait(10)
    assert "Traceback" not in log.read_text(), log.read_text()


@pytest.fixture
def handset(browser: Browser, served: str) -> Iterator[Handset]:
    """A phone that nobody has used, which reaches nothing but this machine."""
    context = browser.new_context(
        locale="en-US", timezone_id="America/New_York", reduced_motion="reduce", has_touch=True,
        is_mobile=True, viewport={"width": 390, "height": 844}, device_scale_factor=2,
    )  # fmt: skip
    context.set_default_timeout(PATIENCE_MS)
    page: Page = context.new_page()
    page.route("**/*", lambda route: route.continue_() if _is_near(route.request.url) else route.abort())
    yield Handset(page, served)
    context.close()


def _is_near(url: str) -> bool:
    return url.startswith(("http://127.0.0.1:", "http://localhost:", "blob:", "data:"))


def _wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()
        try:
            httpx.get(address, timeout=5)
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"the mobile app did not start: {log.read_text()}")
