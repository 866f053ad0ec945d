"""From an event to the notifications it deserves: one per channel that was chosen and reaches the person."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from cardwright.core.ids import new_id
from cardwright.db.jobs import Work
from cardwright.db.outbox import Event
from cardwright.db.session import Session
from cardwright.notifications import store
from cardwright.notifications.catalogue import CATALOGUE, Entry
from cardwright.notifications.domain import Channel, Notification, hold, put_off
from cardwright.notifications.live_signals import tell_of_inboxes
from cardwright.notifications.people import Person, find_people
from cardwright.notifications.ports import PORTS
from cardwright.notifications.quiet import next_digest


async def plan(work: Work, event: Event) -> None:
    """Store what is to be told of an event. Idempotent."""
    async with work.transaction() as session:
        tell = await plan_all(session, work, [event])
    await tell()


async def plan_all(session: Session, work: Work, events: Sequence[Event]) -> Callable[[], Awaitable[None]]:
    """Store what is to be told of events; return what wakes the people once that is committed. Idempotent."""
    people = await find_people(session, [_whom(event) for event in events])
    at = work.clock.now()
    new: list[Notification] = []
    for event in events:
        new += _planned(work, event, people[_whom(event)], at)
    await store.add_notifications(session, new)

    async def tell() -> None:
        await tell_of_inboxes(work.provided, {(event.program_id, _whom(event)) for event in events})

    return tell


async def queue(session: Session, notification: Notification) -> None:
    """Store a message to be sent at once, unless it waits or its event was told on its channel before."""
    is_held = notification.state == "held"
    due = notification if is_held else put_off(notification, notification.created_at)
    await store.add_notification(session, due)


def _whom(event: Event) -> str:
    # What happens to a person has that person as its subject; everything else names its owner.
    return str(event.payload.get("user_id", event.subject_id))


def _planned(work: Work, event: Event, person: Person, at: datetime) -> Iterator[Notification]:
    """Return what an event deserves: a message per channel that was chosen and reaches the person."""
    entry = CATALOGUE[event.type]
    facts = entry.facts_of(event.payload)
    for channel in person.preferences.channels_for(entry):
        wanted = Notification(
            id=new_id("ntf"), program_id=event.program_id, user_id=person.user_id, event_id=event.id,
            event_type=event.type, channel=channel, state="queued", facts=facts, created_at=at, due_at=at,
        )  # fmt: skip
        if channel == "in_app":
            # The list itself is the delivery: there is nobody to send it to.
            yield replace(wanted, state="delivered", sent_at=at, due_at=None)
        elif PORTS[channel] in work.provided and _is_reachable(entry, channel, person):
            yield _as_chosen(person, entry, wanted)


def _is_reachable(entry: Entry, channel: Channel, person: Person) -> bool:
    if entry.carries is not None:
        # A secret goes to an address of its own.
        return True
    if channel == "sms":
        return person.phone is not None
    return channel != "push" or bool(person.devices)


def _as_chosen(person: Person, entry: Entry, notification: Notification) -> Notification:
    """Return a message as it is, or held for the digest that was chosen for it."""
    digest = person.preferences.digest
    if digest is None or person.preferences.setting_of(entry, notification.channel) != "digest":
        return notification
    return hold(
        notification, "digest", next_digest(digest, person.speech().time_zone, notification.created_at)
    )
