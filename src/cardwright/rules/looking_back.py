"""How often what proofs found has happened: a bounded look at the newest authorizations."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Final

from cardwright.rules import lists
from cardwright.rules.language.interpreter import Facts, Lists
from cardwright.rules.ports import PastAuthorizations, Transactions
from cardwright.rules.proofs import Counts, Report, Tally

LOOKED_BACK: Final = timedelta(days=90)
MOST_LOOKED_AT: Final = 50_000
_SECONDS: Final = 2.0


@dataclass(frozen=True, slots=True)
class Looked:
    """What was counted over so many authorizations, decided from `since` on; None where there were none.

    `incomplete` of them lack a field that the rules read, and are in no count. `is_whole` when all of the
    last 90 days were looked at: otherwise there are more than 50,000, or time ran out.
    """

    counts: Counts
    looked_at: int
    incomplete: int
    since: datetime | None
    is_whole: bool


async def look_back(
    history: PastAuthorizations, transactions: Transactions, program_id: str, tally: Tally, report: Report,
    at: datetime,
) -> Looked:  # fmt: skip
    """Count what a report tells over the authorizations before an instant, for two seconds at most.

    Lists are asked as they are at that instant.
    """
    async with transactions() as session:
        contents = await lists.contents_of_lists(session, program_id, tally.list_names, at)
    held = {it.name: frozenset(it.values) for it in contents}
    ends, looked_at, is_whole = monotonic() + _SECONDS, 0, True
    since: datetime | None = None
    batches = history.newest(transactions, program_id, tally.names, since=at - LOOKED_BACK)
    async for batch in batches:
        if looked_at + len(batch) > MOST_LOOKED_AT or monotonic() > ends:
            is_whole = False
            break
        # In a thread: five hundred rules on a batch make authorizations on this event loop wait.
        await asyncio.to_thread(_add, tally, [it.facts for it in batch], held)
        looked_at += len(batch)
        since = min(it.decided_at for it in batch)
    counts = await asyncio.to_thread(tally.counts, report)
    return Looked(counts, looked_at, tally.incomplete, since, is_whole)


def _add(tally: Tally, batch: Sequence[Facts], held: Lists) -> None:
    for facts in batch:
        tally.add(facts, held)
