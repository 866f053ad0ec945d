"""Events written in the transaction of the change that caused them; a relay turns them into jobs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import BigInteger, Column, Identity, Table, bindparam, delete, insert, select

from cardwright.core.ids import new_id
from cardwright.db.base import id_column, instant, json, metadata, reference, text
from cardwright.db.session import Session
from cardwright.db.together import joinable

outbox = Table(
    "outbox",
    metadata,
    Column("position", BigInteger, Identity(), primary_key=True),
    id_column(primary_key=False),
    text("type"),
    reference("program_id"),
    reference("subject_id"),
    json("payload"),
    instant("occurred_at"),
)
_APPEND: Final = joinable(insert(outbox))
_OLDEST: Final = (
    select(outbox.c.position)
    .order_by(outbox.c.position)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)
_IS_ANY_WAITING: Final = select(select(outbox.c.position).exists())
_TAKE: Final = delete(outbox).where(outbox.c.position.in_(_OLDEST.scalar_subquery())).returning(*outbox.c)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened: `type` is `noun.past_participle`, `subject_id` the object it happened to.

    The payload is JSON, small, and holds ids and amounts, never a secret: it passes through queues.
    """

    type: str
    program_id: str
    subject_id: str
    occurred_at: datetime
    payload: Mapping[str, Any] = field(default_factory=dict)
    id: str = field(default_factory=lambda: new_id("evt"))


async def append(session: Session, *events: Event) -> None:
    """Write events; they are delivered after, and only if, the session's transaction commits."""
    if len(events) == 1:
        await session.execute(_APPEND, _row(events[0]))
    elif events:
        await session.execute(_APPEND, [_row(event) for event in events])


def _row(event: Event) -> dict[str, Any]:
    # By name, as the general way copies the payload through and through.
    return {
        "id": event.id, "type": event.type, "program_id": event.program_id, "subject_id": event.subject_id,
        "payload": event.payload, "occurred_at": event.occurred_at,
    }  # fmt: skip


async def is_any_waiting(session: Session) -> bool:
    """Return whether there is an event to take, without a lock."""
    return bool((await session.execute(_IS_ANY_WAITING)).scalar_one())


async def take(session: Session, limit: int) -> Sequence[Event]:
    """Remove and return the oldest events; other relays skip those that are being taken."""
    rows = await session.execute(_TAKE, {"limit": limit})
    return [
        Event(
            type=row.type,
            program_id=row.program_id,
            subject_id=row.subject_id,
            occurred_at=row.occurred_at,
            payload=row.payload,
            id=row.id,
        )
        for row in sorted(rows.all(), key=lambda row: row.position)
    ]
