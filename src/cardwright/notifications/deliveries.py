"""Use cases: what became of messages, and sending one again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cardwright import audit
from cardwright.access import Actor
from cardwright.core.errors import Conflict, NotFound
from cardwright.core.ids import new_id
from cardwright.db.session import Session
from cardwright.notifications import delivery_store, store
from cardwright.notifications.catalogue import CATALOGUE
from cardwright.notifications.domain import Failures, Notification, State
from cardwright.notifications.planning import queue

FAILED: Final[tuple[State, ...]] = ("failed", "undeliverable", "unknown", "withheld")
"""The states in which a message did not, or may not have arrived, and in which it can be sent again."""


@dataclass(frozen=True, slots=True)
class Told:
    """An event that a person was told, and each message about it."""

    notification: Notification
    deliveries: Sequence[Notification]


async def get_told(session: Session, *, user_id: str, notification_id: str) -> Told:
    """Return one's own notification with what became of it on each channel; raises NotFound."""
    notification = await store.find_notification(session, notification_id)
    if notification is None or notification.user_id != user_id:
        raise _unknown()
    return Told(notification, await delivery_store.list_alike(session, notification))


async def list_deliveries(
    session: Session, *, user_id: str, before_id: str | None, limit: int
) -> Sequence[Notification]:
    """Return every message to a person, newest first."""
    return await delivery_store.list_of_person(session, user_id, before_id=before_id, limit=limit)


async def count_failures(
    session: Session, program_id: str, *, hours: int, at: datetime
) -> Sequence[Failures]:
    """Return how many messages of the last hours did not arrive, by channel and reason."""
    return await delivery_store.count_failures(session, program_id, FAILED, since=at - timedelta(hours=hours))


async def resend(session: Session, actor: Actor, notification_id: str, *, at: datetime) -> Notification:
    """Send a message that did not arrive once more; the caps and the person's choices hold for it again.

    Raises NotFound, Conflict `not_resendable` for one that is not over or did arrive, sent again or not, and
    `carries_secret` for codes and links, which only the person can ask for.
    """
    old = await store.find_notification_for_update(session, notification_id)
    if old is None or old.program_id != actor.program_id:
        raise _unknown()
    family = await _of_family(session, old)
    # One in doubt that is still to be looked up may have arrived.
    is_doubted = any(it.state == "unknown" and it.due_at is not None for it in family)
    if is_doubted or any(it.state not in FAILED for it in family):
        raise Conflict("not_resendable", "Only a message that did not arrive is sent again.")
    if CATALOGUE[old.event_type].carries is not None:
        raise Conflict("carries_secret", "The person has to ask for another code or link.")
    again = Notification(
        id=new_id("ntf"),
        program_id=old.program_id,
        user_id=old.user_id,
        # An event is told once on a channel; whoever sends again decides to tell it anew.
        event_id=new_id("evt"),
        event_type=old.event_type,
        channel=old.channel,
        state="queued",
        facts=old.facts,
        created_at=at,
        resend_of=old.resend_of or old.id,
    )
    await queue(session, again)
    told = {"owner_id": old.user_id, "channel": old.channel, "resent_as": again.id, "before": old.state}
    await audit.record(session, actor.user_id, actor.program_id, "message.resent", old.id, told, at)
    return again


async def _of_family(session: Session, notification: Notification) -> Sequence[Notification]:
    """Return a message with every time that it was sent again; who else asks for one of them waits."""
    first: Notification | None = notification
    if notification.resend_of is not None:
        first = await store.find_notification_for_update(session, notification.resend_of)
    if first is None:
        return (notification,)
    alike = await delivery_store.list_alike(session, first)
    return [it for it in alike if first.id in {it.id, it.resend_of}]


def _unknown() -> NotFound:
    return NotFound("notification_unknown", "There is no such notification.")
