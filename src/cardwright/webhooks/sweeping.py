"""What is kept for a while only: the log, keys that ended, and everything of people who left."""

from datetime import timedelta
from typing import Final

from cardwright.db.jobs import Work
from cardwright.db.outbox import Event
from cardwright.webhooks import delivery_store, store

KEPT: Final = timedelta(days=30)
_AT_ONCE: Final = 5000


async def sweep_log(work: Work) -> None:
    """Remove what was sent longer than KEPT ago, and the keys and endpoints that nothing needs any more."""
    at = work.clock.now()
    removed = _AT_ONCE
    while removed == _AT_ONCE:
        async with work.transaction() as session:
            removed = await delivery_store.sweep_log(session, before=at - KEPT, limit=_AT_ONCE)
    async with work.transaction() as session:
        await delivery_store.cancel_stragglers(session)
        await store.remove_ended_keys(session, at=at)
        await delivery_store.sweep_deleted_endpoints(session)


async def forget_person(work: Work, event: Event) -> None:
    """Remove a person's endpoints with all that was sent there."""
    async with work.transaction() as session:
        await delivery_store.remove_person(session, event.subject_id)
