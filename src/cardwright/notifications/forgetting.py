"""Forgetting what somebody was told, and on which devices, once their account is erased."""

from cardwright.db.jobs import Work
from cardwright.db.outbox import Event
from cardwright.notifications import store


async def forget_person(work: Work, event: Event) -> None:
    """Remove a person's notifications and devices."""
    async with work.transaction() as session:
        await store.remove_everything_of(session, event.subject_id)
