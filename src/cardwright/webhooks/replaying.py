"""Use cases of the log: look at deliveries, send them again, send a test."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from cardwright import audit, events
from cardwright.access import Actor, Viewer
from cardwright.core.errors import Gone, Invalid, NotFound
from cardwright.core.ids import new_id
from cardwright.db.jobs import Work
from cardwright.db.outbox import Event, append
from cardwright.db.session import Session
from cardwright.events import CATALOGUE, Audience, RecordedEvent
from cardwright.webhooks import delivery_store, queue_store, store
from cardwright.webhooks.delivery_store import Wanted
from cardwright.webhooks.domain import (
    Attempt,
    Delivery,
    DeliveryState,
    Endpoint,
    ensure_replayable,
)
from cardwright.webhooks.message import TEST, Message, message_of
from cardwright.webhooks.service import find_seen, sees

REPLAY_REQUESTED: Final = "webhooks.replay_requested"
LONGEST_REPLAY: Final = timedelta(days=31)
_AT_ONCE: Final = 500
_OUT_OF_ORDER: Final = timedelta(minutes=10)
"""How much later than it happened an event may come into the stream."""


class Which(StrEnum):
    """What a replay of a span sends: what failed or was canceled, or all that was never taken."""

    FAILED = "failed"
    UNDELIVERED = "undelivered"


@dataclass(frozen=True, slots=True)
class Span:
    """From when to when events are sent again, and which."""

    since: datetime
    until: datetime
    which: Which


@dataclass(frozen=True, slots=True)
class Log:
    """A delivery with what it sends and everything that was tried."""

    delivery: Delivery
    message: Message | None
    attempts: Sequence[Attempt]


async def list_deliveries(
    session: Session, endpoint_id: str, wanted: Wanted, *, viewer: Viewer, before: str | None, limit: int
) -> Sequence[Delivery]:
    """Return deliveries by the time of their events, newest first; NotFound `webhook_endpoint_not_found`."""
    await find_seen(session, endpoint_id, viewer=viewer)
    return await delivery_store.list_deliveries(session, endpoint_id, wanted, before=before, limit=limit)


async def get_delivery(session: Session, delivery_id: str, *, viewer: Viewer) -> Log:
    """Return a delivery within sight with its attempts; NotFound `webhook_delivery_not_found`.

    What a holder was sent of their own affairs alone, such as their sign-ins, staff sees without its body.
    """
    delivery = await _seen(session, delivery_id, viewer=viewer)
    is_private = viewer.owner_id is None and delivery.user_id is not None and not _is_for_program(delivery)
    message = None if is_private else await message_of(session, delivery)
    return Log(delivery, message, await delivery_store.list_attempts(session, delivery_id))


async def replay(session: Session, delivery_id: str, *, by: Actor, at: datetime) -> Delivery:
    """Send a delivery again, whatever became of it, with all its tries before it.

    Raises NotFound `webhook_delivery_not_found` and Conflict `webhook_endpoint_disabled`.
    """
    found = await _seen(session, delivery_id, viewer=by.viewer)
    endpoint = await find_seen(session, found.endpoint_id, viewer=by.viewer, lock=True)
    ensure_replayable(endpoint)
    delivery = await _seen(session, delivery_id, viewer=by.viewer, lock=True)
    again = replace(delivery, state=DeliveryState.PENDING, due_at=at, tries=0, replays=delivery.replays + 1)
    await delivery_store.save_delivery(session, again)
    details = {"owner_id": endpoint.user_id, "delivery_id": delivery.id}
    await audit.record(
        session, by.user_id, by.program_id, "webhook_endpoint.replayed", endpoint.id, details, at
    )
    return again


async def request_replay(session: Session, endpoint_id: str, span: Span, *, by: Actor, at: datetime) -> None:
    """Have a whole span sent again, in the background.

    Raises NotFound `webhook_endpoint_not_found`, Conflict `webhook_endpoint_disabled`, Invalid
    `replay_span_invalid`.
    """
    endpoint = await find_seen(session, endpoint_id, viewer=by.viewer, lock=True)
    ensure_replayable(endpoint)
    if not span.since < span.until <= at + timedelta(minutes=1) or at - span.since > LONGEST_REPLAY:
        raise Invalid(
            "replay_span_invalid", f"A replay goes back {LONGEST_REPLAY.days} days at most, and not ahead."
        )
    told = {
        "since": span.since.isoformat(), "until": span.until.isoformat(), "which": span.which.value,
    }  # fmt: skip
    await append(session, Event(REPLAY_REQUESTED, endpoint.program_id, endpoint.id, at, told))
    details = {"owner_id": endpoint.user_id, **told}
    await audit.record(
        session, by.user_id, by.program_id, "webhook_endpoint.replayed", endpoint.id, details, at
    )


async def run_replay(work: Work, event: Event) -> None:
    """Send a span again. It may run twice: what was taken meanwhile is not sent once more."""
    asked = event.payload
    span = Span(
        datetime.fromisoformat(asked["since"]), datetime.fromisoformat(asked["until"]), Which(asked["which"])
    )
    at = work.clock.now()
    async with work.transaction() as session:
        endpoint = await store.find_endpoint(session, event.subject_id, lock=True)
        if endpoint is None or not endpoint.is_enabled:
            return
        await delivery_store.replay_unsuccessful(
            session, endpoint.id, since=span.since, until=span.until, at=at
        )
    if span.which is Which.UNDELIVERED:
        await _queue_never_sent(work, endpoint, span, at)


async def send_test(session: Session, endpoint_id: str, *, by: Actor, at: datetime) -> Delivery:
    """Send an event that nothing caused, so that a receiver can be tried; its filters are not asked.

    Raises NotFound `webhook_endpoint_not_found` and Conflict `webhook_endpoint_disabled`.
    """
    endpoint = await find_seen(session, endpoint_id, viewer=by.viewer)
    ensure_replayable(endpoint)
    data = {"message": "This is a test. Nothing happened."}
    delivery = Delivery(
        new_id("whd"), endpoint.program_id, endpoint.user_id, endpoint.id, new_id("evt"), TEST, at, due_at=at,
        data=data,
    )  # fmt: skip
    await delivery_store.add_delivery(session, delivery)
    return delivery


async def _queue_never_sent(work: Work, endpoint: Endpoint, span: Span, at: datetime) -> None:
    async with work.transaction() as session:
        after = await _position_before(session, endpoint, span.since - _OUT_OF_ORDER)
    page: Sequence[RecordedEvent] = ()
    while not page or len(page) == _AT_ONCE:
        async with work.transaction() as session:
            page = await _events(session, endpoint, after, _AT_ONCE)
            wanted = [event for event in page if span.since <= event.occurred_at < span.until]
            await queue_store.add_deliveries(session, wanted, endpoint_id=endpoint.id, due_at=at)
        if not page or page[-1].occurred_at >= span.until + _OUT_OF_ORDER:
            return
        after = page[-1].position


async def _position_before(session: Session, endpoint: Endpoint, at: datetime) -> int:
    """Return a position after which nothing is missing that happened from an instant on, in some 40 looks."""
    early, late = 0, 1
    while await _is_early(session, endpoint, late, at):
        early, late = late, late * 2
    while late - early > 1:
        middle = (early + late) // 2
        if await _is_early(session, endpoint, middle, at):
            early = middle
        else:
            late = middle
    return early if await _is_kept(session, endpoint, early) else late


async def _is_early(session: Session, endpoint: Endpoint, position: int, at: datetime) -> bool:
    try:
        found = await _events(session, endpoint, position, 1)
    except Gone:
        return True
    return bool(found) and found[0].occurred_at < at


async def _is_kept(session: Session, endpoint: Endpoint, position: int) -> bool:
    try:
        await _events(session, endpoint, position, 1)
    except Gone:
        return False
    return True


async def _events(session: Session, endpoint: Endpoint, after: int, limit: int) -> Sequence[RecordedEvent]:
    return await events.list_events(
        session, endpoint.program_id, after=after, user_id=endpoint.user_id, limit=limit
    )


def _is_for_program(delivery: Delivery) -> bool:
    kind = CATALOGUE.get(delivery.event_type)
    is_test = delivery.data is not None
    return is_test or (kind is not None and Audience.DEVELOPER in kind.audience)


async def _seen(session: Session, delivery_id: str, *, viewer: Viewer, lock: bool = False) -> Delivery:
    delivery = await delivery_store.find_delivery(session, delivery_id, lock=lock)
    if delivery is None or not sees(viewer, delivery.program_id, delivery.user_id):
        raise NotFound("webhook_delivery_not_found", "There is no such delivery.")
    return delivery
