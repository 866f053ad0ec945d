"""From an event to the notifications it deserves: one per channel that was chosen and reaches the person."""

from datetime import datetime
from typing import Final

from cardwright.core.ids import new_id
from cardwright.db.jobs import Work
from cardwright.db.outbox import Event, append
from cardwright.db.session import Session
from cardwright.notifications import store
from cardwright.notifications.catalogue import CATALOGUE, Entry
from cardwright.notifications.choices import Preferences
from cardwright.notifications.composing import speech_for
from cardwright.notifications.domain import Channel, Notification, hold
from cardwright.notifications.live_signals import tell_of_inbox
from cardwright.notifications.ports import PORTS
from cardwright.notifications.preference_store import find_preferences
from cardwright.notifications.quiet import next_digest
from cardwright.users import find_profile

QUEUED: Final = "notifications.queued"


async def plan(work: Work, event: Event) -> None:
    """Store what is to be told of an event, and announce each message that must be sent. Idempotent."""
    entry = CATALOGUE[event.type]
    # What happens to a person has that person as its subject; everything else names its owner.
    user_id = str(event.payload.get("user_id", event.subject_id))
    at = work.clock.now()
    new = []
    async with work.transaction() as session:
        preferences = await find_preferences(session, user_id)
        for channel in preferences.channels_for(entry):
            wanted = _notification(entry, event, user_id, channel, at)
            if channel == "in_app":
                new.append(wanted)
            elif PORTS[channel] in work.provided and await _is_reachable(session, entry, channel, user_id):
                new.append(await _as_chosen(session, preferences, entry, wanted))
        # All at once, and so is what announces them.
        added = await store.add_notifications(session, new)
        await append(session, *(announcement(it, at) for it in added if it.state == "queued"))
    await tell_of_inbox(work.provided, event.program_id, user_id)


async def queue(session: Session, notification: Notification) -> None:
    """Store a message and announce it, unless it waits or its event was told on its channel before."""
    if await store.add_notification(session, notification) and notification.state == "queued":
        await append(session, announcement(notification, notification.created_at))


def announcement(notification: Notification, at: datetime) -> Event:
    """Return what has a message sent."""
    told = {"notification_id": notification.id}
    return Event(QUEUED, notification.program_id, notification.id, at, told)


async def _is_reachable(session: Session, entry: Entry, channel: Channel, user_id: str) -> bool:
    if entry.carries is not None:
        # A secret goes to an address of its own.
        return True
    if channel == "sms":
        profile = await find_profile(session, user_id)
        return profile is not None and profile.proven_phone is not None
    if channel == "push":
        return await store.count_active_devices(session, user_id) > 0
    return True


async def _as_chosen(
    session: Session, preferences: Preferences, entry: Entry, notification: Notification
) -> Notification:
    """Return a message as it is, or held for the digest that was chosen for it."""
    if preferences.digest is None or preferences.setting_of(entry, notification.channel) != "digest":
        return notification
    zone = (await speech_for(session, notification.user_id)).time_zone
    return hold(notification, "digest", next_digest(preferences.digest, zone, notification.created_at))


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
