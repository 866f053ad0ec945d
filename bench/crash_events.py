"""Kills the worker over and over while 10,000 events flow, and counts what became of each.

Run it with `make crash-events` (EVENTS=10000 KILLS=25). The worker, the simulator and PostgreSQL, durable as
in production, are processes of their own; the worker is ended by SIGKILL at random moments, also while it
starts. What counts as once is told in tests/crashing.py.
"""

import asyncio
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from cardwright.db.embedded import EmbeddedPostgres
from cardwright.db.migrate import upgrade
from crashing import Drill, Outcome
from event_traffic import Outside, nobody_home, traffic_on, worker_on

EVENTS, KILLS = (int(it) for it in (*sys.argv[1:], *("10000", "25")[len(sys.argv) - 1 :]))
RATE: Final = 60
PEOPLE: Final = 100


def main() -> None:
    """Run the drill and print what was counted; the exit status says whether it was right."""
    console = Console()
    seed = time.time_ns() % 10**6
    with tempfile.TemporaryDirectory(prefix="cardwright-drill-") as folder:
        server = EmbeddedPostgres(Path(folder) / "pg")
        url = server.start()
        try:
            upgrade(url)
            began = time.monotonic()
            outcome = asyncio.run(drill(url, Path(folder), console, seed))
        finally:
            server.stop(mode="immediate")
    show(console, outcome, time.monotonic() - began, seed)
    sys.exit(0 if outcome.is_right else 1)


async def drill(url: str, folder: Path, console: Console, seed: int) -> Outcome:
    """Let events flow while the worker is killed."""
    traffic = await traffic_on(url, people=PEOPLE)
    outside = Outside(folder / "outside")
    outside.data.mkdir()
    with Progress(console=console) as progress:
        tasks = {name: progress.add_task(name, total=None) for name in ("events", "kills", "waiting")}

        def show_progress(what: str, done: int, total: int) -> None:
            # What waits grows and shrinks; the others only grow.
            told = f"{what}: {done}" if what == "waiting" else what
            progress.update(tasks[what], completed=done, total=total, description=told)

        async with nobody_home() as public_url:
            with outside.running():
                worker = worker_on(url, folder, outside, public_url)
                chance = random.Random(seed)  # noqa: S311 - it only has to be told
                try:
                    return await Drill(traffic, outside, worker, chance, show_progress).run(
                        EVENTS, KILLS, seconds=EVENTS / RATE
                    )
                finally:
                    worker.kill()
                    worker.nursery.close()


def show(console: Console, outcome: Outcome, took: float, seed: int) -> None:
    """Print a row per channel."""
    table = Table(title=f"{outcome.events} events, {outcome.kills} kills, {took:.0f} s, seed {seed}")
    columns = ("channel", "expected", "missing", "seen twice", "in doubt", "sent again, shown once")
    for name in columns:
        table.add_column(name, justify="left" if name == "channel" else "right")
    for channel, it in outcome.tallies.items():
        counted = (it.expected, it.missing, it.repeated, it.in_doubt, it.sent_again)
        table.add_row(channel, *(str(number) for number in counted))
    console.print(table)


if __name__ == "__main__":
    main()
