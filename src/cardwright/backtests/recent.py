"""The newest authorizations for whoever counts on the spot: as they were recorded, and velocity as it was."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import datetime
from typing import Final

from cardwright import rules
from cardwright.backtests.recent_queries import Recorded, newest_before
from cardwright.db.session import Session
from cardwright.rules import FactValue, Past, Transactions, velocity_definition

_AFTER_ALL: Final = "~"
_BATCH: Final = 500
# Each of them asks what was before it.
_BATCH_WITH_VELOCITY: Final = 50


class RecentAuthorizations:
    """Recorded authorizations, read batch by batch, each in a transaction of its own."""

    async def newest(
        self, transactions: Transactions, program_id: str, names: Collection[str], *, since: datetime
    ) -> AsyncIterator[Sequence[Past]]:
        """Yield a program's authorizations since an instant, the newest first."""
        velocity = tuple(sorted(name for name in names if velocity_definition(name) is not None))
        most, before = _BATCH_WITH_VELOCITY if velocity else _BATCH, _AFTER_ALL
        while True:
            async with transactions() as session:
                found = await newest_before(session, program_id, names, before=before, most=most)
                recent = [it for it in found if it.decided_at >= since]
                batch = await with_velocity(session, recent, velocity)
            if batch:
                yield batch
            # Ids grow with time, so that whatever follows is older.
            if len(recent) < most:
                return
            before = found[-1].decision_id


async def with_velocity(
    session: Session, recorded: Sequence[Recorded], names: tuple[str, ...]
) -> Sequence[Past]:
    """Return what was recorded, with velocity counted anew as it was where a name of it was not recorded."""
    lacking = {it.decision_id: tuple(name for name in names if name not in it.fields) for it in recorded}
    asked = [decision_id for decision_id, missing in lacking.items() if missing]
    occurred = await rules.occurrences_of(session, asked) if asked else {}
    batch: list[Past] = []
    for it in recorded:
        missing, happened = lacking[it.decision_id], occurred.get(it.decision_id)
        counted: Mapping[str, FactValue] = {}
        if it.card_id is None:
            counted = rules.unseen_velocity(missing)
        elif happened is not None:
            counted = await rules.read_past_velocity(
                session, missing, happened, amount=it.amount, currency=it.currency
            )
        batch.append(Past(it.decided_at, {**it.fields, **counted}))
    return batch
