"""The tables of batches and their rows."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Row,
    Table,
    func,
    insert,
    select,
    update,
)

from cardwright.cards.domain import Batch, BatchRow, RowState
from cardwright.db.base import id_column, instant, json, metadata, reference, text
from cardwright.db.session import Session

card_batches = Table(
    "card_batches",
    metadata,
    id_column(),
    reference("program_id"),
    reference("user_id"),
    text("currency"),
    text("processor"),
    Column("total", Integer, nullable=False),
    Column("is_canceled", Boolean, nullable=False),
    instant("created_at"),
    Index("ix_card_batches_user_id_id", "user_id", "id"),
)
card_batch_rows = Table(
    "card_batch_rows",
    metadata,
    reference("batch_id"),
    Column("number", Integer, nullable=False),
    json("content"),
    text("state"),
    reference("card_id", nullable=True),
    text("error_code", nullable=True),
    text("error_message", nullable=True),
    PrimaryKeyConstraint("batch_id", "number"),
    CheckConstraint("state IN ('waiting', 'made', 'failed', 'canceled')", name="state"),
    CheckConstraint("(card_id IS NOT NULL) = (state = 'made')", name="card"),
)
_rows = card_batch_rows.c


async def insert_batch(session: Session, batch: Batch, contents: Sequence[Mapping[str, str]]) -> None:
    """Insert a batch with its rows, all of them waiting."""
    await session.execute(
        insert(card_batches).values(
            id=batch.id, program_id=batch.program_id, user_id=batch.user_id, currency=batch.currency,
            processor=batch.processor, total=batch.total, is_canceled=False, created_at=batch.created_at,
        )
    )  # fmt: skip
    rows = [
        {"batch_id": batch.id, "number": number, "content": dict(content), "state": RowState.WAITING}
        for number, content in enumerate(contents, start=1)
    ]
    await session.execute(insert(card_batch_rows), rows)


async def find_batch(session: Session, batch_id: str) -> Batch | None:
    """Return a batch with how far it is."""
    row = (await session.execute(select(card_batches).where(card_batches.c.id == batch_id))).one_or_none()
    if row is None:
        return None
    counted = await session.execute(
        select(_rows.state, func.count()).where(_rows.batch_id == batch_id).group_by(_rows.state)
    )
    counts = {RowState(state): count for state, count in counted}
    return Batch(
        row.id, row.program_id, row.user_id, row.currency, row.processor, row.total, row.is_canceled,
        row.created_at, counts,
    )  # fmt: skip


async def waiting_row_for_update(session: Session, batch_id: str) -> BatchRow | None:
    """Return a row that waits and that nobody else makes at the moment, locked."""
    query = (
        select(card_batch_rows)
        .where(_rows.batch_id == batch_id, _rows.state == RowState.WAITING)
        .order_by(_rows.number)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    row = (await session.execute(query)).one_or_none()
    return None if row is None else _row(row)


async def save_made(session: Session, batch_id: str, number: int, card_id: str) -> None:
    """Write which card a row became."""
    await session.execute(_one(batch_id, number).values(state=RowState.MADE, card_id=card_id))


async def save_failed(session: Session, batch_id: str, number: int, code: str, message: str) -> None:
    """Write why a row became no card."""
    failed = {"state": RowState.FAILED, "error_code": code, "error_message": message}
    await session.execute(_one(batch_id, number).values(failed))


async def cancel_batch(session: Session, batch_id: str) -> None:
    """Let rows that wait become nothing; those that are being made are waited for."""
    await session.execute(update(card_batches).where(card_batches.c.id == batch_id).values(is_canceled=True))
    waiting = (_rows.batch_id == batch_id, _rows.state == RowState.WAITING)
    await session.execute(update(card_batch_rows).where(*waiting).values(state=RowState.CANCELED))


async def rows_page(
    session: Session, batch_id: str, *, state: RowState | None, after: int, limit: int
) -> Sequence[BatchRow]:
    """Return rows in the order of the list."""
    query = select(card_batch_rows).where(_rows.batch_id == batch_id, _rows.number > after)
    if state is not None:
        query = query.where(_rows.state == state)
    rows = await session.execute(query.order_by(_rows.number).limit(limit))
    return [_row(row) for row in rows]


def _one(batch_id: str, number: int) -> Any:
    return update(card_batch_rows).where(_rows.batch_id == batch_id, _rows.number == number)


def _row(row: Row[Any]) -> BatchRow:
    return BatchRow(
        row.number, row.content, RowState(row.state), row.card_id, row.error_code, row.error_message
    )
