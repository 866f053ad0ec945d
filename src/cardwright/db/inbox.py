"""Webhooks that arrived: stored once each before they are acknowledged, handled once each by the worker."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Table, UniqueConstraint, select, update
from sqlalchemy.dialects.postgresql import insert

from cardwright.core.ids import new_id
from cardwright.db import outbox
from cardwright.db.base import id_column, instant, json, metadata, reference, text
from cardwright.db.outbox import Event
from cardwright.db.session import Session

inbox = Table(
    "inbox",
    metadata,
    id_column(),
    reference("program_id"),
    text("source"),
    text("external_id"),
    text("type"),
    json("payload"),
    instant("received_at"),
    instant("handled_at", nullable=True),
    UniqueConstraint("source", "external_id"),
)


@dataclass(frozen=True, slots=True)
class InboundMessage:
    """A verified webhook of `source`; `external_id` is the sender's id of the message."""

    program_id: str
    source: str
    external_id: str
    type: str
    payload: Any
    received_at: datetime


async def receive(session: Session, message: InboundMessage) -> bool:
    """Store a message and announce it as `inbox.received`; False when it was here before."""
    inbox_id = new_id("inb")
    stored = await session.execute(
        insert(inbox)
        .values(
            id=inbox_id,
            program_id=message.program_id,
            source=message.source,
            external_id=message.external_id,
            type=message.type,
            payload=message.payload,
            received_at=message.received_at,
        )
        .on_conflict_do_nothing()
        .returning(inbox.c.id)
    )
    if stored.scalar_one_or_none() is None:
        return False
    await outbox.append(
        session,
        Event(
            "inbox.received", message.program_id, inbox_id, message.received_at, {"source": message.source}
        ),
    )
    return True


async def find(session: Session, inbox_id: str) -> InboundMessage | None:
    """Return a stored message that is still to be handled."""
    row = (
        await session.execute(select(inbox).where(inbox.c.id == inbox_id, inbox.c.handled_at.is_(None)))
    ).one_or_none()
    if row is None:
        return None
    return InboundMessage(row.program_id, row.source, row.external_id, row.type, row.payload, row.received_at)


async def mark_handled(session: Session, inbox_id: str, *, at: datetime) -> bool:
    """Mark a message handled in the transaction that holds its effects; False when it already was."""
    marked = await session.execute(
        update(inbox)
        .where(inbox.c.id == inbox_id, inbox.c.handled_at.is_(None))
        .values(handled_at=at)
        .returning(inbox.c.id)
    )
    return marked.scalar_one_or_none() is not None
