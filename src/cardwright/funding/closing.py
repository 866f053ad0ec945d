"""What of money on its way holds an account back from being closed."""

from collections.abc import Sequence

from cardwright.db.session import Session
from cardwright.funding import dispute_store, withdrawal_store
from cardwright.funding.store import count_unfinished
from cardwright.users import Obstacle


async def find_obstacles(session: Session, *, program_id: str, user_id: str) -> Sequence[Obstacle]:
    """Return what has to end first: its money would arrive, or be asked for, with nobody to own it."""
    found = []
    if count := await count_unfinished(session, program_id, user_id):
        found.append(Obstacle("top_ups_open", f"Wait until your top-ups have ended: {count} under way."))
    if count := await withdrawal_store.count_pending(session, program_id, user_id):
        found.append(
            Obstacle("withdrawals_open", f"Wait until your withdrawals have ended: {count} under way.")
        )
    if count := await dispute_store.count_unfinished(session, program_id, user_id):
        found.append(
            Obstacle(
                "top_ups_disputed", f"Wait until your bank has decided on your top-ups: {count} disputed."
            )
        )
    return found
