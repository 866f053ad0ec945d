"""The tables of deliveries and of their attempts: the log, one at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    Table,
    and_,
    delete,
    insert,
    select,
    update,
)
from sqlalchemy import (
    text as sql_text,
)

from cardwright.db.base import id_column, instant, json, metadata, reference, text
from cardwright.db.session import Session
from cardwright.webhooks.domain import Attempt, Delivery, DeliveryState
from cardwright.webhooks.store import webhook_endpoints, webhook_keys

webhook_deliveries = Table(
    "webhook_deliveries",
    metadata,
    id_column(),
    reference("program_id"),
    reference("user_id", nullable=True),
    reference("endpoint_id"),
    reference("event_id"),
    text("event_type"),
    instant("created_at"),
    text("state"),
    instant("due_at", nullable=True),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("replays", Integer, nullable=False, server_default="0"),
    reference("claim", nullable=True),
    instant("claimed_until", nullable=True),
    Column("last_status", Integer),
    text("last_error", nullable=True),
    instant("last_attempt_at", nullable=True),
    json("data", nullable=True),
    Index(None, "endpoint_id", "id"),
    Index(None, "created_at"),
    Index(
        "ix_webhook_deliveries_due", "endpoint_id", "due_at", postgresql_where=sql_text("state = 'pending'")
    ),
    Index("ix_webhook_deliveries_claimed", "endpoint_id", postgresql_where=sql_text("claim IS NOT NULL")),
    CheckConstraint("(state = 'pending') = (due_at IS NOT NULL)", name="due_at"),
    CheckConstraint("(claim IS NULL) = (claimed_until IS NULL)", name="claim"),
    CheckConstraint("state IN ('pending', 'succeeded', 'failed', 'canceled')", name="state"),
)
webhook_attempts = Table(
    "webhook_attempts",
    metadata,
    id_column(),
    reference("program_id"),
    reference("user_id", nullable=True),
    reference("delivery_id"),
    Column("number", Integer, nullable=False),
    instant("attempted_at"),
    Column("duration_ms", Integer, nullable=False),
    text("url"),
    json("request_headers"),
    Column("status", Integer),
    json("answer_headers"),
    text("answer_body"),
    Column("is_answer_cut", Boolean, nullable=False),
    text("error", nullable=True),
    Index(None, "delivery_id", "id"),
)
_SHOWN_OF_ATTEMPTS: Final = [
    column for column in webhook_attempts.c if column.name not in {"program_id", "user_id", "delivery_id"}
]
_KEPT: Final = frozenset(
    {"id", "program_id", "user_id", "endpoint_id", "event_id", "event_type", "created_at"}
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which deliveries of an endpoint are looked for; None leaves a thing open."""

    state: DeliveryState | None = None
    event_type: str | None = None
    since: datetime | None = None


async def add_delivery(session: Session, delivery: Delivery) -> None:
    """Store a delivery that no event of the list causes."""
    await session.execute(insert(webhook_deliveries).values(**_row(delivery)))


async def find_delivery(session: Session, delivery_id: str, *, lock: bool = False) -> Delivery | None:
    """Return a delivery to an endpoint that was not deleted; `lock` keeps it until the transaction ends."""
    query = (
        select(webhook_deliveries)
        .join(webhook_endpoints, webhook_endpoints.c.id == webhook_deliveries.c.endpoint_id)
        .where(webhook_deliveries.c.id == delivery_id, webhook_endpoints.c.deleted_at.is_(None))
    )
    if lock:
        query = query.with_for_update(of=webhook_deliveries)
    row = (await session.execute(query)).mappings().one_or_none()
    return None if row is None else delivery_of(row)


async def save_delivery(session: Session, delivery: Delivery) -> None:
    """Store where a delivery stands from now on."""
    values = {name: value for name, value in _row(delivery).items() if name not in _KEPT}
    await session.execute(
        update(webhook_deliveries).where(webhook_deliveries.c.id == delivery.id).values(**values)
    )


async def list_deliveries(
    session: Session, endpoint_id: str, wanted: Wanted, *, before: str | None, limit: int
) -> Sequence[Delivery]:
    """Return the deliveries to an endpoint by the time of their events, newest first."""
    conditions = [webhook_deliveries.c.endpoint_id == endpoint_id]
    if wanted.state is not None:
        conditions.append(webhook_deliveries.c.state == wanted.state.value)
    if wanted.event_type is not None:
        conditions.append(webhook_deliveries.c.event_type == wanted.event_type)
    if wanted.since is not None:
        conditions.append(webhook_deliveries.c.created_at >= wanted.since)
    if before is not None:
        conditions.append(webhook_deliveries.c.id < before)
    query = select(webhook_deliveries).where(and_(*conditions))
    rows = await session.execute(query.order_by(webhook_deliveries.c.id.desc()).limit(limit))
    return [delivery_of(row) for row in rows.mappings()]


async def add_attempt(session: Session, delivery: Delivery, attempt: Attempt) -> None:
    """Store what was sent and what came back."""
    row = {name: value for name, value in asdict(attempt).items() if name != "retry_after"}
    await session.execute(
        insert(webhook_attempts).values(
            **row, program_id=delivery.program_id, user_id=delivery.user_id, delivery_id=delivery.id
        )
    )


async def list_attempts(session: Session, delivery_id: str) -> Sequence[Attempt]:
    """Return all attempts of a delivery, oldest first."""
    query = select(*_SHOWN_OF_ATTEMPTS).where(webhook_attempts.c.delivery_id == delivery_id)
    rows = await session.execute(query.order_by(webhook_attempts.c.id))
    return [Attempt(**row) for row in rows.mappings()]


async def cancel_waiting(session: Session, endpoint_id: str) -> None:
    """Let what waits for an endpoint wait no more."""
    await session.execute(
        update(webhook_deliveries)
        .where(webhook_deliveries.c.endpoint_id == endpoint_id, webhook_deliveries.c.state == "pending")
        .values(state=DeliveryState.CANCELED.value, due_at=None)
    )


async def replay_unsuccessful(
    session: Session, endpoint_id: str, *, since: datetime, until: datetime, at: datetime
) -> int:
    """Let what failed or was canceled in a span be sent again; return how many."""
    replayed = await session.execute(
        update(webhook_deliveries)
        .where(
            webhook_deliveries.c.endpoint_id == endpoint_id,
            webhook_deliveries.c.state.in_(["failed", "canceled"]),
            webhook_deliveries.c.created_at >= since,
            webhook_deliveries.c.created_at < until,
        )
        .values(
            state=DeliveryState.PENDING.value, due_at=at, tries=0, replays=webhook_deliveries.c.replays + 1
        )
    )
    return replayed.rowcount


async def sweep_log(session: Session, *, before: datetime, limit: int) -> int:
    """Remove the oldest deliveries that wait for nothing, with their attempts; return how many."""
    oldest = (
        select(webhook_deliveries.c.id)
        .where(webhook_deliveries.c.created_at < before, webhook_deliveries.c.state != "pending")
        .order_by(webhook_deliveries.c.created_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    removed = (
        (await session.execute(
            delete(webhook_deliveries)
            .where(webhook_deliveries.c.id.in_(oldest.scalar_subquery()))
            .returning(webhook_deliveries.c.id)
        )).scalars().all()
    )  # fmt: skip
    await session.execute(delete(webhook_attempts).where(webhook_attempts.c.delivery_id.in_(removed)))
    return len(removed)


async def cancel_stragglers(session: Session) -> None:
    """Cancel what was queued at the very moment when its endpoint was disabled or deleted."""
    ended = select(webhook_endpoints.c.id).where(
        webhook_endpoints.c.disabled_because.is_not(None) | webhook_endpoints.c.deleted_at.is_not(None)
    )
    await session.execute(
        update(webhook_deliveries)
        .where(webhook_deliveries.c.endpoint_id.in_(ended), webhook_deliveries.c.state == "pending")
        .values(state=DeliveryState.CANCELED.value, due_at=None)
    )


async def sweep_deleted_endpoints(session: Session) -> None:
    """Remove the deleted endpoints that the log names no more."""
    named = select(webhook_deliveries.c.id).where(webhook_deliveries.c.endpoint_id == webhook_endpoints.c.id)
    await session.execute(
        delete(webhook_endpoints).where(webhook_endpoints.c.deleted_at.is_not(None), ~named.exists())
    )


async def remove_person(session: Session, user_id: str) -> None:
    """Remove all that was ever sent to a holder's endpoints, and the endpoints."""
    for table in (webhook_attempts, webhook_deliveries, webhook_keys, webhook_endpoints):
        await session.execute(delete(table).where(table.c.user_id == user_id))


def _row(delivery: Delivery) -> dict[str, Any]:
    return {**asdict(delivery), "state": delivery.state.value}


def delivery_of(row: Mapping[Any, Any]) -> Delivery:
    """Return the delivery of a row."""
    return Delivery(**{**row, "state": DeliveryState(row["state"])})
