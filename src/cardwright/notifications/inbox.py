"""Use cases of the inbox: how much is unread, and marking what was read."""

from dataclasses import replace
from datetime import datetime

from cardwright.core.errors import NotFound
from cardwright.db.session import Session
from cardwright.notifications import inbox_queries, inbox_store
from cardwright.notifications.domain import Notification


async def count_unread(session: Session, user_id: str) -> int:
    """Return how much a person has not read."""
    return await inbox_queries.count_unread(session, user_id)


async def mark_read(session: Session, user_id: str, notification_id: str, *, at: datetime) -> Notification:
    """Mark one notification as read; what was read before keeps its instant. NotFound if not theirs."""
    found = await _listed(session, user_id, notification_id)
    if found.read_at is not None or found.inbox_position is None:
        return found
    await _mark(session, user_id, found.inbox_position, found.inbox_position, at)
    return replace(found, read_at=at)


async def mark_read_up_to(session: Session, user_id: str, notification_id: str, *, at: datetime) -> int:
    """Mark a notification and all before it as read; returns how much is unread then. NotFound if not theirs.

    What came while somebody was reading stays unread.
    """
    found = await _listed(session, user_id, notification_id)
    await _mark(session, user_id, 1, found.inbox_position or 0, at)
    return await inbox_queries.count_unread(session, user_id)


async def _listed(session: Session, user_id: str, notification_id: str) -> Notification:
    found = await inbox_queries.find_listed(session, user_id, notification_id)
    if found is None:
        raise NotFound("notification_unknown", "There is no such notification.")
    return found


async def _mark(session: Session, user_id: str, first: int, last: int, at: datetime) -> None:
    if await inbox_queries.save_read(session, user_id, first, last, at=at):
        await inbox_store.note_reading(session, user_id)
