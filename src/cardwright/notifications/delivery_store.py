"""What staff read of the table of notifications: the messages of a person, and what failed."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select

from cardwright.db.session import Session
from cardwright.notifications.domain import Failures, Notification, State
from cardwright.notifications.store import notification_of, notifications


async def list_alike(session: Session, notification: Notification) -> Sequence[Notification]:
    """Return everything that told a person of one event, and what was sent again, oldest first."""
    same_event = select(notifications.c.id).where(notifications.c.event_id == notification.event_id)
    rows = await session.execute(
        select(notifications)
        .where(
            notifications.c.user_id == notification.user_id,
            (notifications.c.event_id == notification.event_id) | notifications.c.resend_of.in_(same_event),
        )
        .order_by(notifications.c.id)
    )
    return [notification_of(row) for row in rows]


async def list_of_person(
    session: Session, user_id: str, *, before_id: str | None, limit: int
) -> Sequence[Notification]:
    """Return what a person was told on all channels, newest first."""
    wanted = select(notifications).where(notifications.c.user_id == user_id)
    if before_id is not None:
        wanted = wanted.where(notifications.c.id < before_id)
    rows = await session.execute(wanted.order_by(notifications.c.id.desc()).limit(limit))
    return [notification_of(row) for row in rows]


async def count_failures(
    session: Session, program_id: str, states: Sequence[State], *, since: datetime
) -> Sequence[Failures]:
    """Return how many messages ended in these states, by channel and code, the most frequent first."""
    number = func.count().label("number")
    by = (notifications.c.channel, notifications.c.state, notifications.c.error_code)
    rows = await session.execute(
        select(*by, number)
        .where(
            notifications.c.program_id == program_id,
            notifications.c.state.in_(states),
            notifications.c.created_at >= since,
        )
        .group_by(*by)
        .order_by(number.desc(), *by)
    )
    return [Failures(row.channel, row.state, row.error_code, row.number) for row in rows]
