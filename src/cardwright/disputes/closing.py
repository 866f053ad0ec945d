"""What disputes mean for accounts that are closed, and what is forgotten of their holders afterwards."""

from collections.abc import Sequence

from cardwright.db.jobs import Work
from cardwright.db.outbox import Event
from cardwright.db.session import Session
from cardwright.disputes import file_store, store
from cardwright.disputes.evidence import Statement
from cardwright.users import Obstacle


async def find_obstacles(session: Session, *, program_id: str, user_id: str) -> Sequence[Obstacle]:
    """Return that disputes have to end first: their money would arrive with nobody to own it."""
    count = await store.count_unsettled(session, program_id, user_id)
    if not count:
        return ()
    return (Obstacle("disputes_open", f"Wait until your disputes have ended: {count} under way."),)


async def forget_person(work: Work, event: Event) -> None:
    """Forget what an erased person told and showed in disputes; what they were about stays."""
    async with work.transaction() as session:
        await file_store.delete_all_of_user(session, event.subject_id)
        for dispute in await store.all_of_user(session, event.subject_id):
            await store.save_statement(session, dispute, Statement())
