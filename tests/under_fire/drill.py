"""Processes and PostgreSQL are killed while outsiders ask; in the end what they were told is compared.

The clients live in the process that does the killing. Chance is seeded: the order of what is hit is the same
again, the moment of each blow is not.
"""

import asyncio
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from under_fire.books import Finding
from under_fire.outsiders import GIVING_UP_SECONDS, Outsiders
from under_fire.stage import PRODUCT, Stage, staged

_WORKERS_SHARE: Final = 0.15
_FIRST_SECONDS: Final = 60
HIT: Final = ("api", "worker", "postgres", "valkey")


@dataclass(frozen=True, slots=True)
class Plan:
    """What is hit, `seconds` apart: processes are killed, PostgreSQL crashes, Valkey is emptied."""

    kills: int
    crashes: int
    flushes: int = 0
    seconds: float = 0.7
    at_once: int = 8
    holders: int = 12
    seed: int = 7
    serves: str = PRODUCT
    postgres: Mapping[str, str] = field(default_factory=dict)

    def blows(self, chance: random.Random) -> list[str]:
        """Return what is hit, in order: crashes and flushes spread among the kills."""
        kills = ["worker" if chance.random() < _WORKERS_SHARE else "api" for _ in range(self.kills)]
        blows = [*kills, *["postgres"] * self.crashes, *["valkey"] * self.flushes]
        chance.shuffle(blows)
        return blows


@dataclass(slots=True)
class Outcome:
    """What came of it."""

    plan: Plan
    asked: int
    sent: int
    acknowledged: int
    findings: Sequence[Finding]
    took: float
    hits: Mapping[str, int]


async def drill(
    folder: Path, plan: Plan, on_progress: Callable[[int, int], None] = lambda _done, _of: None
) -> Outcome:
    """Start everything in an empty folder, hit it as planned while outsiders ask, and compare."""
    began = time.monotonic()
    chance = random.Random(plan.seed)  # noqa: S311 - it only has to come again
    blows = plan.blows(chance)
    async with staged(folder, people=plan.holders, serves=plan.serves, postgres=plan.postgres) as stage:
        outsiders = Outsiders(stage.ports, stage.holdings, chance)
        asking = asyncio.create_task(outsiders.ask_until_over(plan.at_once))
        supervising = asyncio.create_task(stage.start_what_ended())
        try:
            # What has not begun cannot be interrupted.
            async with asyncio.timeout(_FIRST_SECONDS):
                await outsiders.have_begun.wait()
            for done, blow in enumerate(blows, 1):
                before = outsiders.counts["decided"]
                await asyncio.sleep(chance.uniform(0.5, 1.5) * plan.seconds)
                await _until_more_than(before, outsiders)
                await _hit(stage, folder, blow, chance)
                on_progress(done, len(blows))
        finally:
            outsiders.is_over = True
            await asking
            supervising.cancel()
        findings = await stage.findings(outsiders)
    told = [*outsiders.purchases, *outsiders.cards]
    return Outcome(
        plan, len(told), sum(it.sent for it in told), sum(bool(it.answers) for it in told), findings,
        time.monotonic() - began, {it: blows.count(it) for it in HIT},
    )  # fmt: skip


async def _until_more_than(before: int, outsiders: Outsiders) -> None:
    """Hit only what works again: a slow machine would be down all the time, and nothing would be tried."""
    given_up = time.monotonic() + GIVING_UP_SECONDS
    while outsiders.counts["decided"] <= before and time.monotonic() < given_up:  # noqa: ASYNC110 - as above
        await asyncio.sleep(0.02)


async def _hit(stage: Stage, folder: Path, what: str, chance: random.Random) -> None:
    if what == "postgres":
        await asyncio.to_thread(stage.server.stop, mode="immediate")
        await asyncio.to_thread(stage.server.start)
    elif what == "valkey":
        # Ended and emptied: whoever trusts it with more than a hint has lost it.
        await asyncio.to_thread(stage.valkey.stop)
        for kept in (folder / "valkey").rglob("*.aof*"):
            kept.unlink()
        await asyncio.to_thread(stage.valkey.start)
    else:
        hit = stage.processes[0] if what == "worker" else chance.choice(stage.processes[1:])
        await asyncio.to_thread(hit.kill)
        await asyncio.to_thread(hit.start)
