"""The worker's part in sending messages, for one of them and by hand."""

from sqlalchemy import update

from cardwright.core.errors import Unavailable
from cardwright.db.jobs import Work
from cardwright.notifications.claiming import take_these
from cardwright.notifications.dispatch import carry_out
from cardwright.notifications.domain import ATTEMPT_LEASE
from cardwright.notifications.settling import settle
from cardwright.notifications.store import find_notification, notifications


async def send(work: Work, notification_id: str) -> None:
    """Send a message as if the pause before its next attempt were over; Unavailable when it waits again.

    Nothing is over for an attempt that may still run.
    """
    now = work.clock.now()
    async with work.transaction() as session:
        await session.execute(
            update(notifications)
            .where(
                notifications.c.id == notification_id,
                (notifications.c.state == "queued") | (notifications.c.attempted_at <= now - ATTEMPT_LEASE),
                notifications.c.due_at > now,
            )
            .values(due_at=now)
        )
    # What was looked up and not found is sent at once.
    while attempts := await take_these(work, [notification_id]):
        outcomes = [outcome for it in attempts if (outcome := await carry_out(work, it)) is not None]
        await settle(work, outcomes)
        for outcome in outcomes:
            if outcome.error is not None:
                raise outcome.error
    async with work.transaction() as session:
        left = await find_notification(session, notification_id)
    if left is not None and left.state in {"queued", "sending", "unknown"} and left.due_at is not None:
        code = "provider_resting" if left.state == "queued" else "notification_in_flight"
        seconds = int((left.due_at - now).total_seconds())
        raise Unavailable(code, "It waits.", retry_after_seconds=seconds)
