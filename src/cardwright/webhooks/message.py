"""What is posted to an endpoint: the body, the same at every try, and by whom it is read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from cardwright import events
from cardwright.core.errors import NotFound
from cardwright.db.session import Session, canonical_json
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
        return _message(
            id=delivery.event_id, type=delivery.event_type, timestamp=delivery.created_at, position=None,
            subject_id=delivery.endpoint_id, data=delivery.data,
        )  # fmt: skip
    try:
        event = await events.get_event(session, delivery.program_id, delivery.event_id)
    except NotFound:
        return None
    return _message(
        id=event.id, type=event.type, timestamp=event.occurred_at,
        # It counts the whole program's events, which is no holder's affair.
        position=event.position if delivery.user_id is None else None,
        subject_id=event.subject_id, data=event.data,
    )  # fmt: skip


def _message(*, data: Mapping[str, Any], **told: Any) -> Message:
    return Message(told["id"], canonical_json({**told, "data": dict(data)}).encode())
