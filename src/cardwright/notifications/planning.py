"""From an event to the notifications it deserves: one per channel that the person can be reached on."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from cardwright.core.ids import new_id
from cardwright.db.jobs import Work
from cardwright.db.outbox import Event, append
from cardwright.db.session import Session
from cardwright.notifications import store
from cardwright.notifications.catalogue import CATALOGUE, Entry
from cardwright.notifications.domain import Channel, Notification
from cardwright.notifications.ports import EmailSender, PushSender, SmsSender
from cardwright.users import find_profile

QUEUED: Final = "notifications.queued"
_SENDERS: Final[Mapping[Channel, type[Any]]] = {"email": EmailSender, "sms": SmsSender, "push": PushSender}


async def plan(work: Work, event: Event) -> None:
    """Store what is to be told of an event, and announce each message that must be sent. Idempotent."""
    entry = CATALOGUE[event.type]
    # What happens to a person has that person as its subject; everything else names its owner.
    user_id = str(event.payload.get("user_id", event.subject_id))
    offered = [channel for channel in entry.channels if _SENDERS[channel] in work.provided]
    at = work.clock.now()
    async with work.transaction() as session:
        channels: list[Channel] = [
            channel
            for channel in offered
            if entry.carries is not None or await _is_reachable(session, channel, user_id)
        ]
        new = [_notification(entry, event, user_id, channel, at) for channel in (*channels, "in_app")]
        # All at once, and so is what announces them.
        added = await store.add_notifications(session, new)
        await append(session, *(_queued(it) for it in added if it.channel != "in_app"))


async def _is_reachable(session: Session, channel: Channel, user_id: str) -> bool:
    if channel == "sms":
        profile = await find_profile(session, user_id)
        return profile is not None and profile.proven_phone is not None
    if channel == "push":
        return await store.count_active_devices(session, user_id) > 0
    return True


def _notification(entry: Entry, event: Event, user_id: str, channel: Channel, at: datetime) -> Notification:
    is_listed = channel == "in_app"
    return Notification(
        id=new_id("ntf"),
        program_id=event.program_id,
        user_id=user_id,
        event_id=event.id,
        event_type=event.type,
        channel=channel,
        # The list itself is the delivery: there is nobody to send it to.
        state="delivered" if is_listed else "queued",
        facts=entry.facts_of(event.payload),
        created_at=at,
        sent_at=at if is_listed else None,
    )


def _queued(notification: Notification) -> Event:
    told = {"notification_id": notification.id}
    return Event(QUEUED, notification.program_id, notification.id, notification.created_at, told)
