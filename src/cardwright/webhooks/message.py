"""What is posted to an endpoint: the body, the same at every try, and by whom it is read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Any, Final

from cardwright import events
from cardwright.core.errors import NotFound
from cardwright.db.session import Session, canonical_json
from cardwright.events import RecordedEvent
from cardwright.webhooks.domain import Delivery

TEST: Final = "webhooks.test"


@dataclass(frozen=True, slots=True)
class Message:
    """One event as receivers get it."""

    id: str
    body: bytes


async def message_of(session: Session, delivery: Delivery) -> Message | None:
    """Return what a delivery sends; None when its event is kept no more."""
    if delivery.data is not None:
        return _message(_of_a_test(delivery, delivery.data), to_holder=True)
    try:
        event = await events.get_event(session, delivery.program_id, delivery.event_id)
    except NotFound:
        return None
    return _message(event, to_holder=delivery.user_id is not None)


def _message(event: RecordedEvent, *, to_holder: bool) -> Message:
    told = events.shown(event, to_holder=to_holder)
    # As the API writes instants.
    at = event.occurred_at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return Message(event.id, canonical_json({**told, "timestamp": at}).encode())


def _of_a_test(delivery: Delivery, data: Mapping[str, Any]) -> RecordedEvent:
    return RecordedEvent(
        delivery.event_id, delivery.program_id, 0, delivery.event_type, delivery.endpoint_id,
        delivery.user_id, delivery.created_at, data,
    )  # fmt: skip
