"""Challenges as links and buttons of messages meet them: shown, and refused; never approved."""

from datetime import datetime

from cardwright.access import Principal, Viewer
from cardwright.challenges import service, store
from cardwright.challenges.domain import Challenge
from cardwright.db.session import Session


async def find_asked(session: Session, challenge_id: str, program_id: str, user_id: str) -> Challenge | None:
    """Return a challenge that somebody may answer."""
    return await store.find_visible(session, challenge_id, Viewer(program_id, user_id))


async def refuse_by_link(
    session: Session, challenge_id: str, *, program_id: str, user_id: str, way: str, at: datetime
) -> Challenge:
    """Refuse as whoever a link or a button was sent to; the caller made sure of that.

    Raises what `service.refuse` does.
    """
    by = Principal(user_id, program_id)
    return await service.refuse(session, challenge_id, report_fraud=False, by=by, at=at, way=way)
