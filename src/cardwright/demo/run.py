"""Run the demonstration: start the stack, tell the story, leave everything running or end."""

import asyncio
import re
import signal
import time
from io import StringIO
from pathlib import Path
from typing import Final

import httpx
from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright.db.session import create_engine
from cardwright.demo.closing import AUDIT_TITLE, CLOSING, audit
from cardwright.demo.keys import ENVIRONMENT_FILE
from cardwright.demo.outside import Outside
from cardwright.demo.people import FactorAsked, Person, StoryFailed
from cardwright.demo.processes import Children, ProcessFailed
from cardwright.demo.purchases import PURCHASES
from cardwright.demo.recorder import Recorder
from cardwright.demo.stack import STAFF, Addresses, running_stack
from cardwright.demo.story import PREPARATION, Scene

_PASSWORD: Final = "correct horse battery staple"  # noqa: S105 - the made-up people's, printed by the demo
_ADA: Final = "a•••@p•••.example"
"""How staff see the addresses of the cardholders whose cards the story is about."""
_WATCH_SECONDS: Final = 1.0
_PICTURED: Final = (6, 9, 10)


def run_demo(
    data: Path, story_file: Path, *, once: bool, console: Console, picture_file: Path | None = None,
    web: Path | None = None,
) -> None:  # fmt: skip
    """Start, tell, and, unless `once`, keep running until Ctrl-C; StoryFailed when something is not right.

    `web` is where the built web app would be; where it is not, the API runs without.
    """
    console.print(
        Panel.fit("[bold]Cardwright[/]: a virtual card is issued, used and explained", border_style="cyan")
    )
    for caught in (signal.SIGTERM, signal.SIGHUP):
        # Whatever asks the demo to end, its processes are stopped as on Ctrl-C.
        signal.signal(caught, signal.default_int_handler)
    picture = Console(record=True, width=104, file=StringIO(), force_terminal=True) if picture_file else None
    recorder = Recorder(console, picture, _PICTURED)
    served = web if web is not None and (web / "index.html").is_file() else None
    with running_stack(data, tell=lambda what: console.status(f"{what} …"), web=served) as (where, children):
        if served is not None:
            console.print(f"[bold]the web app: {where.api}[/]")
        console.print(
            f"[dim]everything runs: API {where.api}, outside world {where.simulator}, data {where.data}[/]"
        )
        try:
            people = asyncio.run(tell_story(where, recorder))
        except FactorAsked as asked:
            if once:
                raise
            console.print(f"\n[yellow]The story is not told again:[/] {asked} `make reset` begins anew.")
            show_addresses(where, "ada@people.example", console, has_web=served is not None)
            _watch(children, console)
            return
        recorder.write(story_file, people=people)
        if picture is not None and picture_file is not None:
            picture_file.write_text(without_web_fonts(picture.export_svg(title="make demo")))
        console.print(
            f"\n[bold green]The story is told:[/] {len(recorder.steps)} steps in {recorder.seconds():.1f} s; "
            f"details in {story_file}"
        )
        if not once:
            show_addresses(where, people[0], console, has_web=served is not None)
            _watch(children, console)


async def tell_story(where: Addresses, recorder: Recorder) -> list[str]:
    """Tell the story against a running stack and return the addresses of its people."""
    outside = Outside(where.simulator)
    engine = create_engine(where.database)
    async with httpx.AsyncClient(base_url=where.api, timeout=20) as api:
        scene = _scene(api, outside, recorder, engine, where, await _next_chapter(api, where))
        try:
            for title, step in (*PREPARATION, *PURCHASES, *CLOSING):
                with recorder.step(title):
                    await step(scene)
            with recorder.step(AUDIT_TITLE):
                await audit(scene)
        finally:
            await outside.aclose()
            await engine.dispose()
    return [scene.ada.email, scene.max.email]


def without_web_fonts(svg: str) -> str:
    """Drop the fonts that Rich would fetch from the web; the machine's own monospaced font does."""
    return re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)


async def _next_chapter(api: httpx.AsyncClient, where: Addresses) -> int:
    # A second run goes on where the first ended: with two more people. Both the database and the data folder
    # may be older than the other, so the later of what they know counts.
    admin = Person(api, "admin@cardwright.example", where.staff_password)
    await admin.sign_in()
    told, cursor = 0, ""
    while True:
        page = await admin.get(f"/v1/users?limit=100{cursor}")
        told += len([user for user in page["data"] if user["email"] == _ADA])
        if page["next_cursor"] is None:
            return _count_chapter(where.data / "chapters", told)
        cursor = f"&cursor={page['next_cursor']}"


def _count_chapter(counter: Path, told: int) -> int:
    begun = int(counter.read_text()) if counter.exists() else 0
    chapter = max(told, begun) + 1
    counter.write_text(str(chapter))
    return chapter


def _scene(
    api: httpx.AsyncClient, outside: Outside, recorder: Recorder, engine: AsyncEngine, where: Addresses,
    chapter: int,
) -> Scene:  # fmt: skip
    mark = "" if chapter == 1 else f"+{chapter}"
    return Scene(
        api=api,
        outside=outside,
        recorder=recorder,
        engine=engine,
        ada=Person(api, f"ada{mark}@people.example", _PASSWORD),
        max=Person(api, f"max{mark}@people.example", _PASSWORD),
        admin=Person(api, "admin@cardwright.example", where.staff_password),
        analyst=Person(api, "analyst@cardwright.example", where.staff_password),
        finance=Person(api, "finance@cardwright.example", where.staff_password),
    )


def show_addresses(where: Addresses, holder: str, console: Console, *, has_web: bool = False) -> None:
    """Say where everything is and who can sign in."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim")
    table.add_column()
    staff = "@, ".join(email.split("@")[0] for email in sorted(STAFF)) + "@cardwright.example"
    rows = (
        ("web app", where.api if has_web else "not built: `make web` builds it, then start this again"),
        ("API", f"{where.api}/docs"),
        ("outside world", f"{where.simulator}  (inbox, cards, pay at a merchant, clock, faults)"),
        ("cardholder", f"{holder} / {_PASSWORD}"),
        ("staff", f"{staff} / {where.staff_password}"),
        ("PostgreSQL", where.database),
        ("Valkey", where.redis),
        ("logs", str(where.data / "logs")),
        ("commands", f". {where.data / ENVIRONMENT_FILE}; .venv/bin/cardwright reconcile"),
    )
    for name, value in rows:
        table.add_row(name, value)
    console.print(Panel(table, title="Everything keeps running; Ctrl-C ends it", border_style="cyan"))


def _watch(children: Children, console: Console) -> None:
    try:
        while True:
            time.sleep(_WATCH_SECONDS)
            ended = children.find_ended()
            if ended is None:
                continue
            if not children.start_again(ended, time.monotonic()):
                raise ProcessFailed(
                    f"{ended.name} ended by itself again and again. `make demo` starts all anew and goes on "
                    f"with the same data. The end of its log:\n{ended.last_words()}"
                )
            console.print(f"[yellow]{ended.name} ended by itself and was started again[/]; see {ended.log}")
    except KeyboardInterrupt:
        return


__all__ = ["StoryFailed", "run_demo", "tell_story"]
