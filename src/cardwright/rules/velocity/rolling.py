"""Rolls up what happened, some seconds after it did, so that a long window costs what a short one does.

Nothing waits for it and nothing is wrong without it: what is not rolled up is counted event by event. Whoever
is asked about is rolled up soon after the next decision, so there is no place to remember and none to lose.
"""

from datetime import timedelta
from typing import Final

from cardwright.core.ids import first_id
from cardwright.db.jobs import Work
from cardwright.rules.velocity import rolling_store as store
from cardwright.rules.velocity.domain import Entity
from cardwright.rules.velocity.rolling_store import Key

CHUNK: Final = 128
"""So many events lie between two totals: about what a window counts one by one at each of its ends."""
_MOST_AT_ONCE: Final = 64 * CHUNK
_LOOKED_BACK: Final = timedelta(seconds=15)
"""Three rounds of the worker."""


async def roll_up(work: Work) -> int:
    """Roll up whoever had a decision of late and more than a chunk that is not; return how many chunks."""
    async with work.transaction() as session:
        found = await store.due(session, first_id("dec", before_now=_LOOKED_BACK), CHUNK)
    return sum([await roll_up_one(work, entity, key) for entity, key in found])


async def roll_up_one(
    work: Work, entity: Entity, key: Key, *, chunk: int = CHUNK, most: int = _MOST_AT_ONCE
) -> int:
    """Roll up all of one entity but its last events, in transactions of `most`; return how many chunks."""
    # A merchant's lock is held for this only: what came until then stays as it is without.
    async with work.transaction() as session:
        until = await store.newest(session, entity, key)
    rolled = 0
    while until is not None:
        async with work.transaction() as session:
            if not await store.take(session, entity, key):
                break
            more = await store.roll(session, entity, key, until=until, chunk=chunk, most=most)
            await store.forget(session, entity, key)
        if more == 0:
            break
        rolled += more
    return rolled
