"""How fast the mobile app is, in a browser of a phone's size: its start, and a list of 10,000 payments.

Run it with `make bench-mobile` (PAYMENTS=10000). Everything runs as in the demo, and the app as `make mobile`
serves it; the payments are written into the database at once. A start is timed from the request for the
page to the first content that a screen reader finds: cold with nothing in the browser's cache, warm with all
of it. Then the list of payments is scrolled by wheel to its end, which fetches older ones as it comes near.
A frame that takes longer than 50 ms is one that people see.
"""

import asyncio
import contextlib
import re
import statistics
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from rich.console import Console
from rich.table import Table
from sqlalchemy import text

from cardwright.core.clock import SystemClock
from cardwright.db.session import create_engine, transaction
from cardwright.demo.stack import Addresses, running_stack
from mobile.browser.handset import Handset
from mobile.browser.serving import serving
from optional import find_chromium
from web.conftest import ARGUMENTS
from web.holder import Holder
from web.outside import Outside
from written_payments import Written, write_payments

PAYMENTS: Final = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
STARTS: Final = 5
SEEN_MS: Final = 50
WHEEL_PX: Final = 1_200
MARKS: Final = 10
"""So many parts of the way are told apart: what is quick at first may not stay so."""
STUCK_SECONDS: Final = 60
PATIENCE_MS: Final = 60_000
WATCH: Final = """() => {
  window.frames_ = []
  let before = performance.now()
  const tick = (now) => { frames_.push(now - before); before = now; requestAnimationFrame(tick) }
  requestAnimationFrame(tick)
}"""


async def write(where: Addresses, user_id: str) -> None:
    """Write everything that the holder ever paid, over two years until an hour ago."""
    engine = create_engine(where.database)
    until = SystemClock().now() - timedelta(hours=1)
    async with transaction(engine) as session:
        program = (await session.execute(text("SELECT id FROM programs"))).scalar_one()
        written = Written(program, PAYMENTS, until - timedelta(days=730), until, owner=user_id)
        await write_payments(session, written)
    await engine.dispose()


def phone(browser: Browser) -> BrowserContext:
    """Return a browser that nobody has used, as large as a phone."""
    context = browser.new_context(
        locale="en-US", timezone_id="America/New_York", reduced_motion="reduce", has_touch=True,
        is_mobile=True, viewport={"width": 390, "height": 844}, device_scale_factor=2,
    )  # fmt: skip
    context.set_default_timeout(PATIENCE_MS)
    return context


def start(page: Page, address: str, identifier: str) -> float:
    """Open the app and return after how many seconds a piece of it is there."""
    handset = Handset(page, address)
    begun = time.perf_counter()
    handset.open()
    expect(handset.piece(identifier)).to_be_attached(timeout=PATIENCE_MS)
    return time.perf_counter() - begun


def starts(browser: Browser, address: str, holder: Holder) -> Table:
    """Return how long starts take: of nobody, cold and warm, and of somebody who is signed in, warm."""
    cold, warm = [], []
    for _ in range(STARTS):
        context = phone(browser)
        cold.append(start(context.new_page(), address, "sign-in"))
        warm.append(start(context.new_page(), address, "sign-in"))
        context.close()
    context = phone(browser)
    handset = Handset(context.new_page(), address)
    handset.open()
    handset.sign_in(holder)
    expect(handset.piece("balance")).to_be_attached(timeout=PATIENCE_MS)
    known = [start(context.new_page(), address, "balance") for _ in range(STARTS)]
    context.close()
    table = Table(
        "start", "median s", "fastest s", "slowest s", title=f"From nothing to content, {STARTS} each"
    )
    for name, taken in (
        ("cold, to the door", cold), ("warm, to the door", warm), ("warm, to the balance", known),
    ):  # fmt: skip
        table.add_row(name, *(f"{it:.2f}" for it in (statistics.median(taken), min(taken), max(taken))))
    return table


def scroll(browser: Browser, address: str, holder: Holder, app: int) -> Table:
    """Return how scrolling to the end of all payments went, part by part."""
    context = phone(browser)
    page = context.new_page()
    handset = Handset(page, address)
    handset.open()
    handset.sign_in(holder)
    handset.tab(1)
    handset.sees("filter-all", "")
    page.evaluate(WATCH)
    page.mouse.move(195, 500)
    table = Table(
        "payments fetched", "s for these", "frames", "p50 ms", "p95 ms", "worst ms", "> 50 ms", "app MB",
        title=f"Scrolling {PAYMENTS:,} payments to the end",
    )  # fmt: skip
    begun, pages = time.perf_counter(), Fetched(holder)
    while pages.share < 1 and time.perf_counter() - pages.came_at < STUCK_SECONDS:
        page.mouse.wheel(0, WHEEL_PX)
        page.wait_for_timeout(16)
        if pages.look(page) and pages.is_at_a_mark():
            frames: list[float] = sorted(page.evaluate("frames_.splice(0)"))
            if frames:
                told(table, pages, frames, time.perf_counter() - begun, app)
            begun = time.perf_counter()
    frames = sorted(page.evaluate("frames_.splice(0)"))
    if frames and pages.share < 1:
        told(table, pages, frames, time.perf_counter() - begun, app)
    context.close()
    return table


class Fetched:
    """How many payments the app has asked for, as its own list tells it to screen readers."""

    def __init__(self, holder: Holder) -> None:
        self._holder = holder
        self._marks = 0
        self.count = 0
        self.came_at = time.perf_counter()

    @property
    def share(self) -> float:
        """How much of the way is done, as one of one."""
        return min(1.0, self.count / PAYMENTS)

    def look(self, page: Page) -> bool:
        """See which payment is the lowest that is shown, and answer whether it is a lower one."""
        seen: list[str] = page.evaluate(
            """() => [...document.querySelectorAll("[flt-semantics-identifier^='payment-pay_']")]
                .map((it) => it.getAttribute('flt-semantics-identifier'))"""
        )
        numbers = [
            int(it.removeprefix("payment-pay_")) for it in seen if it.removeprefix("payment-pay_").isdigit()
        ]
        if not numbers:
            return False
        # What was written is numbered from the oldest on.
        lowest = PAYMENTS - min(numbers) + 1
        if lowest <= self.count:
            return False
        self.count, self.came_at = lowest, time.perf_counter()
        return True

    def is_at_a_mark(self) -> bool:
        """Answer whether another tenth of the way is done."""
        if self.share * MARKS < self._marks + 1:
            return False
        self._marks = int(self.share * MARKS)
        return True


def told(table: Table, pages: Fetched, frames: list[float], seconds: float, app: int) -> None:
    """Add a line."""
    seen = sum(frame > SEEN_MS for frame in frames)
    table.add_row(
        f"{pages.count:,}", f"{seconds:.0f}", str(len(frames)), f"{statistics.median(frames):.0f}",
        f"{frames[-len(frames) // 20 - 1]:.0f}", f"{frames[-1]:.0f}", f"{seen / len(frames):.1%}",
        f"{memory_mb(app):.0f}",
    )  # fmt: skip


def main(folder: Path, console: Console) -> None:
    """Start everything, write, start the app over and over, scroll, print."""
    silent = contextlib.nullcontext
    ports = {"api_port": 0, "simulator_port": 0, "smtp_port": 0}
    built = Path(__file__).parents[1] / "web/dist"
    with running_stack(folder / "data", tell=lambda _: silent(), web=built, **ports) as (where, _):
        holder = Holder(where.api, Outside(where.simulator), "ada@people.example")
        holder.sign_up()
        begun = time.perf_counter()
        asyncio.run(write(where, holder.call("GET", "/v1/me")["id"]))
        console.print(f"{PAYMENTS:,} payments, written in {time.perf_counter() - begun:,.0f} s")
        with serving(where.api, folder / "app.log") as address, sync_playwright() as playwright:
            app = served_by(address)
            browser: Any = playwright.chromium.launch(executable_path=find_chromium(), args=list(ARGUMENTS))
            console.print(starts(browser, address, holder))
            console.print(scroll(browser, address, holder, app))
            browser.close()


def served_by(address: str) -> int:
    """Return the id of the process that serves the app: it has the port on its command line."""
    port = address.rsplit(":", 1)[1]
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if port in (folder / "cmdline").read_text().split("\0"):
                return int(folder.name)
    raise RuntimeError("the app's process is not to be found; this needs Linux")


def memory_mb(process_id: int) -> float:
    """Return what a process holds in memory."""
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{process_id}/status").read_text())
    assert found is not None  # noqa: S101 - Linux writes it so
    return int(found[1]) / 1e3


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="cardwright-mobile-") as made:
        main(Path(made), Console(width=120))
