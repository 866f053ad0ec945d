"""The whole product with its web app in processes of its own, and a Chromium that records what goes wrong."""

import contextlib
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from cardwright.demo.stack import Addresses, running_stack
from optional import do_without, find_chromium
from web.desk import Desk, make_desk
from web.holder import COOKIE, Holder
from web.outside import Outside
from web.watched import Watched

ROOT = Path(__file__).parents[2]
BUILT = ROOT / "web" / "dist"
ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run", "--disable-quic",
    # A camera that shows a moving picture, and nobody who has to allow it.
    "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream",
)  # fmt: skip
PATIENCE_MS = 15_000


@pytest.fixture(scope="session")
def built() -> Path:
    """The built web app."""
    if not (BUILT / "index.html").is_file():
        do_without("the web app is not built; `make web` builds it")
    return BUILT


@contextlib.contextmanager
def running(data: Path, web: Path) -> Iterator[Addresses]:
    """Everything the demo starts, on databases of its own."""
    before = {name: os.environ.pop(name, None) for name in ("DATABASE_URL", "REDIS_URL")}
    silent = contextlib.nullcontext
    ports = {"api_port": 0, "simulator_port": 0, "smtp_port": 0}
    with running_stack(data, tell=lambda _: silent(), web=web, **ports) as (where, _):
        yield where
    os.environ.update({name: value for name, value in before.items() if value is not None})


@contextlib.contextmanager
def beside(data: Path, web: Path) -> Iterator[Addresses]:
    """Another one, started from a thread: Playwright's loop runs in this one."""
    another = running(data, web)
    with ThreadPoolExecutor(1) as thread:
        yield thread.submit(another.__enter__).result()
        thread.submit(another.__exit__, None, None, None).result()


@pytest.fixture(scope="session")
def stack(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Addresses]:
    """The stack that tests share."""
    with running(tmp_path_factory.mktemp("web") / "data", built) as where:
        yield where


@pytest.fixture(scope="session")
def outside(stack: Addresses) -> Outside:
    return Outside(stack.simulator)


@pytest.fixture(scope="session")
def browser(stack: Addresses) -> Iterator[Browser]:
    """The machine's Chromium; begun after the stack, whose start cannot run inside Playwright's loop."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=find_chromium(), args=list(ARGUMENTS))
        yield opened
        opened.close()


@pytest.fixture
def context(browser: Browser, stack: Addresses) -> Iterator[BrowserContext]:
    """A browser that nobody has used; it waits for no animation."""
    opened = browser.new_context(
        base_url=stack.api, locale="en-US", timezone_id="America/New_York", reduced_motion="reduce",
        viewport={"width": 1280, "height": 860},
    )  # fmt: skip
    opened.set_default_timeout(PATIENCE_MS)
    yield opened
    opened.close()


@pytest.fixture
def watched(context: BrowserContext) -> Iterator[Watched]:
    """What goes wrong in the browser; the test fails at its end for what it did not expect."""
    watching = Watched(context)
    yield watching
    assert watching.wrong == []


@pytest.fixture
def page(context: BrowserContext, watched: Watched) -> Page:
    return context.new_page()


@pytest.fixture
def newcomer(stack: Addresses, outside: Outside) -> Holder:
    """Somebody who can be signed up."""
    return Holder(stack.api, outside, f"grace-{uuid4().hex[:8]}@people.example")


@pytest.fixture(scope="session")
def settled_in(stack: Addresses, outside: Outside) -> Holder:
    """A cardholder with money, three cards and payments of every kind."""
    holder = Holder(stack.api, outside, f"ada-{uuid4().hex[:8]}@people.example")
    holder.sign_up()
    holder.prove_identity()
    holder.add_money(400_00)
    everyday = holder.create_card("Everyday", limits=[{"window": "month", "amount": 150_00}])
    subscription = holder.create_card("Music", type="merchant_locked", colour="violet")
    frozen = holder.create_card("Holiday", colour="orange")
    cleared = outside.pay(everyday, "green-basket", 42_80)
    outside.refund(outside.clear(cleared["id"], 42_80), 12_00)
    outside.pay(everyday, "corner-cafe", 9_50)
    outside.pay(subscription, "cloud-forge", 15_00)
    outside.pay(everyday, "pine-books", 140_00)
    holder.call("POST", f"/v1/cards/{frozen}/freeze")
    return holder


@pytest.fixture(scope="session")
def member(stack: Addresses, outside: Outside) -> Callable[[str], Holder]:
    """Staff of the demo by the name before the @ of their address, such as `reviewer`, signed in once."""

    @cache
    def signed_in(name: str) -> Holder:
        somebody = Holder(stack.api, outside, f"{name}@cardwright.example")
        somebody.sign_in(stack.staff_password)
        return somebody

    return signed_in


@pytest.fixture(scope="session")
def desk(stack: Addresses, outside: Outside, member: Callable[[str], Holder]) -> Desk:
    """Work for staff: somebody to look up, a case, a dispute, a review."""
    return make_desk(stack, outside, member("reviewer"))


def enter(context: BrowserContext, holder: Holder, stack: Addresses) -> None:
    """Give a browser the cookie of somebody who is signed in."""
    context.add_cookies(
        [
            {
                "name": COOKIE,
                "value": holder.secret,
                "domain": urlsplit(stack.api).hostname or "",
                "path": "/",
                "secure": True,
                "httpOnly": True,
                "sameSite": "Lax",
            }
        ]
    )
