"""Which top-ups hold an account back from being closed."""

from collections.abc import Sequence

from cardwright.db.session import Session
from cardwright.funding.store import count_unfinished
from cardwright.users import Obstacle


async def find_obstacles(session: Session, *, program_id: str, user_id: str) -> Sequence[Obstacle]:
    """Return that top-ups have to end first: their money would arrive with nobody to own it."""
    count = await count_unfinished(session, program_id, user_id)
    return (
        (Obstacle("top_ups_open", f"Wait until your top-ups have ended: {count} under way."),)
        if count
        else ()
    )
