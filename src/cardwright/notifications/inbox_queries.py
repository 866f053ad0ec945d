"""What stands in a person's inbox, in its order, and what of it was read."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import func, select, update

from cardwright.db.session import Session
from cardwright.notifications.domain import Notification
from cardwright.notifications.inbox_store import marks_of
from cardwright.notifications.store import notification_of, notifications

_LISTED: Final = notifications.c.channel == "in_app"
_UNREAD: Final = notifications.c.read_at.is_(None)


async def list_after(session: Session, user_id: str, position: int, *, limit: int) -> Sequence[Notification]:
    """Return what came into an inbox after a position, oldest first."""
    rows = await session.execute(
        select(notifications)
        .where(notifications.c.user_id == user_id, notifications.c.inbox_position > position)
        .order_by(notifications.c.inbox_position)
        .limit(limit)
    )
    return [notification_of(row) for row in rows]


async def count_unread(session: Session, user_id: str) -> int:
    """Return how many notifications of an inbox were not read."""
    counted = await session.execute(
        select(func.count())
        .select_from(notifications)
        .where(notifications.c.user_id == user_id, _LISTED, _UNREAD)
    )
    return int(counted.scalar_one())


async def find_listed(session: Session, user_id: str, notification_id: str) -> Notification | None:
    """Return one notification of a person's inbox."""
    found = await session.execute(
        select(notifications).where(
            notifications.c.id == notification_id, notifications.c.user_id == user_id, _LISTED
        )
    )
    row = found.one_or_none()
    return None if row is None else notification_of(row)


async def save_read(session: Session, user_id: str, first: int, last: int, *, at: datetime) -> int:
    """Mark what stands between two positions as read and return how much of it was not."""
    marked = await session.execute(
        update(notifications)
        .where(
            notifications.c.user_id == user_id, _LISTED, _UNREAD,
            notifications.c.inbox_position.between(first, last),
        )
        .values(read_at=at)
    )  # fmt: skip
    return marked.rowcount


async def last_position(session: Session, user_id: str) -> int:
    """Return how far an inbox has come; 0 for one that is empty."""
    return (await marks_of(session, [user_id])).get(user_id, (0, 0))[0]
