"""How smoothly lists of 100,000 payments scroll: the holder's activity and the staff's explorer, in Chromium.

Run it with `make bench-lists` (PAYMENTS=100000). Everything runs as in the demo, with the built web app; the
payments are written into its database at once. Each list is scrolled to its end, page by page as fast as
they come; then, with so much of it loaded, by wheel for some seconds at several depths. A frame that takes
longer than 50 ms is one that people see; a long task keeps the page from answering for as long.
"""

import asyncio
import contextlib
import statistics
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser, Page, sync_playwright
from rich.console import Console
from rich.table import Table
from sqlalchemy import text

from cardwright.core.clock import SystemClock
from cardwright.db.session import create_engine, transaction
from cardwright.demo.stack import Addresses, running_stack
from optional import find_chromium
from web.conftest import ARGUMENTS, enter
from web.holder import Holder
from web.outside import Outside
from written_payments import Written, write_payments

PAYMENTS: Final = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
LISTS: Final = (
    ("/activity", "[role=list] [role=listitem]"),
    ("/console/payments", "[role=table] [role=row]"),
)
DEPTHS: Final = (0.0, 0.5, 1.0)
WHEEL_SECONDS: Final = 5
WHEEL_PX: Final = 240
"""Each 16 ms: some 15,000 pixels a second, as a hard fling."""
SEEN_MS: Final = 50
PATIENCE_SECONDS: Final = 1_200
WATCH: Final = """() => {
  window.frames_ = []; window.tasks_ = []
  new PerformanceObserver((list) => tasks_.push(...list.getEntries().map(({duration}) => duration)))
    .observe({type: 'longtask'})
  let before = performance.now()
  const tick = (now) => { frames_.push(now - before); before = now; requestAnimationFrame(tick) }
  requestAnimationFrame(tick)
}"""
TAKEN: Final = """() => {
  const taken = {frames: window.frames_, tasks: window.tasks_}
  window.frames_ = []; window.tasks_ = []
  return taken
}"""
TO_THE_END: Final = """() => new Promise((done) => {
  // As far as it goes, again and again, until nothing more comes.
  let height = 0, since = performance.now()
  const step = () => {
    window.scrollTo(0, document.body.scrollHeight)
    const now = document.body.scrollHeight
    if (now !== height) { height = now; since = performance.now() }
    if (performance.now() - since > 3000) { done(height) } else { setTimeout(step, 30) }
  }
  step()
})"""


async def write(where: Addresses, user_id: str) -> None:
    """Write everything that the holder ever paid, over two years until an hour ago."""
    engine = create_engine(where.database)
    until = SystemClock().now() - timedelta(hours=1)
    async with transaction(engine) as session:
        program = (await session.execute(text("SELECT id FROM programs"))).scalar_one()
        written = Written(program, PAYMENTS, until - timedelta(days=730), until, owner=user_id)
        await write_payments(session, written)
    async with engine.connect() as connection:
        tidying = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await tidying.execute(text("VACUUM ANALYZE"))
    await engine.dispose()


def measure(page: Page, path: str, rows: str, table: Table) -> None:
    """Scroll one list and add what was seen to the table."""
    page.goto(path)
    page.locator(rows).nth(5).wait_for()
    page.evaluate(WATCH)
    begun = time.perf_counter()
    height = page.evaluate(TO_THE_END)
    told(table, page, path, f"to the end in {time.perf_counter() - begun:,.0f} s", rows)
    for depth in DEPTHS:
        page.evaluate(f"window.scrollTo(0, {depth} * {height} * 0.98)")
        page.wait_for_timeout(500)
        page.evaluate(TAKEN)
        page.mouse.move(640, 500)
        direction = -1 if depth == 1 else 1
        until = time.perf_counter() + WHEEL_SECONDS
        while time.perf_counter() < until:
            page.mouse.wheel(0, direction * WHEEL_PX)
            page.wait_for_timeout(16)
        told(table, page, path, f"by wheel from {depth:.0%}", rows)


def told(table: Table, page: Page, path: str, what: str, rows: str) -> None:
    """Add a line: frames, long tasks, what is in the document, what the page holds in memory."""
    taken: dict[str, Any] = page.evaluate(TAKEN)
    frames, tasks = sorted(taken["frames"]), taken["tasks"]
    protocol = page.context.new_cdp_session(page)
    protocol.send("HeapProfiler.collectGarbage")
    protocol.send("Performance.enable")
    metrics = {it["name"]: it["value"] for it in protocol.send("Performance.getMetrics")["metrics"]}
    seen = sum(frame > SEEN_MS for frame in frames)
    table.add_row(
        path, what, str(len(frames)), f"{statistics.median(frames):.0f}", f"{frames[-len(frames) // 20]:.0f}",
        f"{frames[-1]:.0f}", f"{seen / len(frames):.1%}", f"{len(tasks)} / {max(tasks, default=0):.0f}",
        str(page.locator(rows).count()), f"{page.evaluate('document.querySelectorAll(`*`).length'):,}",
        f"{metrics['JSHeapUsedSize'] / 1e6:.0f}",
    )  # fmt: skip


def look(browser: Browser, where: Addresses, holder: Holder, console: Console) -> None:
    """Measure every list as whoever sees it."""
    table = Table(
        "list", "how", "frames", "p50 ms", "p95 ms", "worst ms", "> 50 ms", "long tasks / worst ms", "rows",
        "elements", "heap MB",
    )  # fmt: skip
    staff = Holder(where.api, Outside(where.simulator), "admin@cardwright.example")
    staff.sign_in(where.staff_password)
    for (path, rows), who in zip(LISTS, (holder, staff), strict=True):
        context = browser.new_context(base_url=where.api, viewport={"width": 1280, "height": 900})
        context.set_default_timeout(PATIENCE_SECONDS * 1_000)
        enter(context, who, where)
        measure(context.new_page(), path, rows, table)
        context.close()
    console.print(table)


def main(folder: Path, console: Console) -> None:
    """Start everything, write, scroll, print."""
    silent = contextlib.nullcontext
    ports = {"api_port": 0, "simulator_port": 0, "smtp_port": 0}
    built = Path(__file__).parents[1] / "web/dist"
    with running_stack(folder, tell=lambda _: silent(), web=built, **ports) as (where, _):
        holder = Holder(where.api, Outside(where.simulator), "ada@people.example")
        holder.sign_up()
        begun = time.perf_counter()
        asyncio.run(write(where, holder.call("GET", "/v1/me")["id"]))
        console.print(f"{PAYMENTS:,} payments, written in {time.perf_counter() - begun:,.0f} s")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(ARGUMENTS))
            look(browser, where, holder, console)
            browser.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="cardwright-lists-") as made:
        main(Path(made) / "data", Console(width=150))
