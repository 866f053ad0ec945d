"""Forgetting what somebody was told, and on which devices, once their account is erased."""

from cardwright.db.jobs import Work
from cardwright.db.outbox import Event
from cardwright.notifications import preference_store, store, suppression_store


async def forget_person(work: Work, event: Event) -> None:
    """Remove a person's notifications, devices and choices, and what stands for their addresses."""
    async with work.transaction() as session:
        await store.remove_everything_of(session, event.subject_id)
        await preference_store.remove_preferences(session, event.subject_id)
        await suppression_store.remove_suppressions(session, event.subject_id)
