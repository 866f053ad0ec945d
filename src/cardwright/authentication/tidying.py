"""What nobody came back for is forgotten: abandoned registrations, spent resets, old failures."""

from datetime import timedelta
from typing import Final

from cardwright.authentication import email_change_store, lock_store, reset_store, verification_store
from cardwright.db.jobs import Work

_ABANDONED_AFTER: Final = timedelta(days=1)
_FAILURES_KEPT: Final = timedelta(days=30)


async def forget_abandoned(work: Work) -> None:
    """Remove what expired long enough ago that nobody will ask about it."""
    at = work.clock.now()
    async with work.transaction() as session:
        await verification_store.remove_abandoned(session, at - _ABANDONED_AFTER)
        await reset_store.remove_resets_before(session, at - _ABANDONED_AFTER)
        await email_change_store.remove_changes_before(session, at)
        await lock_store.remove_attempts_before(session, at - _FAILURES_KEPT)
