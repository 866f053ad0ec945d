"""Faults one by one and two at a time while outsiders ask, and what was answered during each."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy.engine import make_url

from cut_wire import a_wire
from under_fire.books import Finding
from under_fire.clocks import FILE, STEPPED
from under_fire.faults import FAULTS, FEW_CONNECTIONS, Surroundings
from under_fire.outsiders import Outsiders
from under_fire.stage import staged

RECOVERY_SECONDS: Final = 60
_PATIENCE_SECONDS: Final = 15.0
"""Longer than any fault: whoever was not answered was let hang."""
_CLIENTS: Final = 6
UNHURRIED: Final = {"CARDWRIGHT_PROGRAM__STAND_IN_AFTER_MS": "3000"}
"""What is asked is what happens at the deadline, not how fast a busy machine decides: a later one, then."""


@dataclass(frozen=True, slots=True)
class Endured:
    """What came of one fault, or of several at once."""

    names: Sequence[str]
    counts: Mapping[str, int]
    """Tries during it that were `decided`, `stood_in`, `refused` or `cut_off`."""
    recovered_after: float
    """Seconds from its end until everybody had come to a decision."""

    @property
    def is_as_expected(self) -> bool:
        """Whether all of it was answered, and by a decision where the database was there."""
        if self.counts["cut_off"] or self.counts["refused"]:
            return False
        if len(self.names) > 1:
            return True
        expected = FAULTS[self.names[0]].decided
        return expected is None or (self.counts["stood_in"] == 0) == expected


async def endure(
    folder: Path, mixes: Sequence[Sequence[str]], seed: int,
    on_progress: Callable[[Endured], None] = lambda _: None,
) -> tuple[list[Endured], list[Finding]]:  # fmt: skip
    """Let each mix of faults happen in turn; return what was seen, and what is wrong in the end."""
    clock_file = folder / "clock"
    clock_file.write_text("0")
    async with AsyncExitStack() as stack:
        wire = await stack.enter_async_context(a_wire())

        def through_the_wire(url: str) -> str:
            wire.to = make_url(url).port or 0
            return make_url(url).set(port=wire.port).render_as_string(hide_password=False)

        stage = await stack.enter_async_context(
            staged(
                folder, people=4, serves=STEPPED, postgres=FEW_CONNECTIONS, way_to=through_the_wire,
                environment={FILE: str(clock_file), **UNHURRIED},
            )
        )  # fmt: skip
        chance = random.Random(seed)  # noqa: S311 - it only has to come again
        outsiders = Outsiders(
            stage.ports, stage.holdings, chance, patience=_PATIENCE_SECONDS, cards_share=0.0
        )
        asking = asyncio.create_task(outsiders.ask_until_over(_CLIENTS))
        supervising = asyncio.create_task(stage.start_what_ended())
        around, seen = Surroundings(stage, wire, clock_file), []
        try:
            while len(outsiders.served) < _CLIENTS:  # noqa: ASYNC110 - nobody else waits for it
                await asyncio.sleep(0.02)
            for names in mixes:
                seen.append(await _endured(names, around, outsiders))
                on_progress(seen[-1])
        finally:
            wire.mend()
            outsiders.is_over = True
            await asking
            supervising.cancel()
        return seen, await stage.findings(outsiders)


async def _endured(names: Sequence[str], around: Surroundings, outsiders: Outsiders) -> Endured:
    before = Counter(outsiders.counts)
    async with AsyncExitStack() as stack:
        for name in names:
            await stack.enter_async_context(FAULTS[name].happens(around))
        await asyncio.sleep(max(FAULTS[name].seconds for name in names))
    ended = time.monotonic()
    async with asyncio.timeout(RECOVERY_SECONDS):
        # Each of those who ask has got over it, and what comes now belongs to the next.
        while min(outsiders.served.values()) < ended:  # noqa: ASYNC110 - nobody else waits for it
            await asyncio.sleep(0.02)
    counts = Counter(outsiders.counts)
    counts.subtract(before)
    return Endured(names, counts, time.monotonic() - ended)
