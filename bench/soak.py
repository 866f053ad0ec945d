"""Asks for half of what the machine can take, for long: are deadlines missed, does memory grow, do queues.

Run it with `make soak` (MINUTES=30). Two API processes and the worker, on a durable PostgreSQL, are asked
over HTTP by as many clients as they can answer for a moment; half of that rate is then kept up. An answer
that is the program's stand-in, or none within two seconds, is a missed deadline. Memory is that of the
processes (VmRSS), queues are rows that wait in PostgreSQL. The exit status is 0 only when no deadline was
missed, no process grew by more than a tenth after the first third, and no queue was longer at the end than
half-way.
"""

import asyncio
import random
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from statistics import median
from typing import Any, Final

import asyncpg
import httpx
from rich.console import Console
from rich.live import Live
from rich.table import Table

from integration.payments.wire import PATH, asking
from under_fire.stage import Stage, staged

MINUTES: Final = float(sys.argv[1]) if len(sys.argv) > 1 else 30.0
PEOPLE: Final = 150
_AT_ONCE: Final = 16
_CALIBRATED_SECONDS: Final = 20.0
_DEADLINE_SECONDS: Final = 2.0
_PLENTY: Final = 10**9
_GROWTH: Final = 1.1
_ROWS: Final = 12
"""As many stretches is the time cut into, a row of the table each."""
_QUEUES: Final = """SELECT (SELECT count(*) FROM outbox) AS outbox, (SELECT count(*) FROM pgqueuer) AS jobs,
    (SELECT count(*) FROM notifications WHERE state IN ('queued', 'sending')) AS messages"""


@dataclass(slots=True)
class Stretch:
    """What was seen in one stretch of time."""

    latencies: list[float] = field(default_factory=list)
    missed: int = 0
    memory: Mapping[str, int] = field(default_factory=dict)
    """Kilobytes of each process at its end."""
    queues: Mapping[str, int] = field(default_factory=dict)


@dataclass
class Load:
    """Asks for authorizations on cards in turn, each of them new."""

    client: httpx.AsyncClient
    stage: Stage
    chance: random.Random
    _numbers: Any = field(default_factory=count)

    def __post_init__(self) -> None:
        self._cards = [card for it in self.stage.holdings.values() for card in it.references]

    async def ask(self, into: Stretch) -> None:
        """Ask once; a stand-in's answer or none in time is a miss."""
        number = next(self._numbers)
        question = asking(
            self._cards[number % len(self._cards)], 1_00 + number % 900, reference=f"soak_{number}"
        )
        port = self.chance.choice(self.stage.ports)
        began = time.monotonic()
        try:
            answer = await self.client.post(f"http://127.0.0.1:{port}{PATH}", **question)
            is_decided = "metadata" in answer.json()
        except httpx.HTTPError:
            is_decided = False
        into.missed += not is_decided
        into.latencies.append(time.monotonic() - began)

    async def as_fast_as_possible(self, seconds: float) -> float:
        """Return how many per second are answered by as many clients as ask at once."""
        seen, until = Stretch(), time.monotonic() + seconds

        async def go_on() -> None:
            while time.monotonic() < until:
                await self.ask(seen)

        await asyncio.gather(*[go_on() for _ in range(_AT_ONCE)])
        return len(seen.latencies) / seconds

    async def at(self, rate: float, seconds: float) -> Stretch:
        """Ask at a steady rate, whatever the answers take."""
        seen, began = Stretch(), time.monotonic()
        async with asyncio.TaskGroup() as tasks:
            for number in range(int(rate * seconds)):
                await asyncio.sleep(max(0.0, began + number / rate - time.monotonic()))
                tasks.create_task(self.ask(seen))
        seen.memory = self._memory()
        connection = await asyncpg.connect(self.stage.url)
        seen.queues = dict(await connection.fetchrow(_QUEUES))
        await connection.close()
        return seen

    def _memory(self) -> Mapping[str, int]:
        names = ("worker", *(f"API {number}" for number, _ in enumerate(self.stage.ports, 1)))
        return {
            name: _kilobytes(process.pid or 0)
            for name, process in zip(names, self.stage.processes, strict=True)
        }


def _kilobytes(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))


async def soak(console: Console, folder: Path) -> bool:
    """Find the rate, keep half of it up, and print a row for each stretch; return whether all was well."""
    limits = httpx.Limits(max_connections=400, max_keepalive_connections=60)
    async with (
        staged(folder, people=PEOPLE, balance=_PLENTY) as stage,
        httpx.AsyncClient(limits=limits, timeout=_DEADLINE_SECONDS, trust_env=False) as client,
    ):
        load = Load(client, stage, random.Random(7))  # noqa: S311 - which process is asked
        await load.as_fast_as_possible(_CALIBRATED_SECONDS / 4)
        most = await load.as_fast_as_possible(_CALIBRATED_SECONDS)
        table = _table(most)
        seen: list[Stretch] = []
        with Live(table, console=console):
            for number in range(_ROWS):
                seen.append(await load.at(most / 2, MINUTES * 60 / _ROWS))
                _add(table, (number + 1) * MINUTES / _ROWS, seen[-1])
    return _is_well(console, seen)


def _table(most: float) -> Table:
    title = f"{most / 2:.0f} authorizations a second, half of {most:.0f}"
    columns = (
        "minute",
        "answered",
        "missed",
        "p50",
        "p99",
        "worker MB",
        "API MB",
        "outbox",
        "jobs",
        "messages",
    )
    return Table(*columns, title=title)


def _add(table: Table, minute: float, it: Stretch) -> None:
    ordered = sorted(it.latencies)
    worker, *apis = it.memory.values()
    table.add_row(
        f"{minute:.1f}", f"{len(ordered):,}", str(it.missed), f"{median(ordered) * 1_000:.0f} ms",
        f"{ordered[int(len(ordered) * 0.99)] * 1_000:.0f} ms", f"{worker / 1024:.0f}",
        ", ".join(f"{api / 1024:.0f}" for api in apis),
        *(str(waiting) for waiting in it.queues.values()),
    )  # fmt: skip


def _is_well(console: Console, seen: Sequence[Stretch]) -> bool:
    settled, middle, last = seen[len(seen) // 3], seen[len(seen) // 2], seen[-1]
    wrong = []
    if missed := sum(it.missed for it in seen):
        wrong.append(f"{missed} deadlines were missed")
    wrong += [
        f"{name} grew from {settled.memory[name]:,} to {kilobytes:,} kB"
        for name, kilobytes in last.memory.items()
        if kilobytes > _GROWTH * settled.memory[name]
    ]
    # A queue breathes: a few that wait are none that grow.
    wrong += [
        f"{waiting} {name} wait, {middle.queues[name]} did half-way"
        for name, waiting in last.queues.items()
        if waiting > 2 * middle.queues[name] + _AT_ONCE
    ]
    for it in wrong:
        console.print(f"[red]{it}")
    if not wrong:
        console.print("No deadline was missed, nothing grew.")
    return not wrong


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="cardwright-soak-") as place:
        sys.exit(0 if asyncio.run(soak(Console(), Path(place))) else 1)
