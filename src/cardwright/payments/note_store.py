"""The tables of what holders add to payments: a note, tags, receipts. Notes and receipts are sealed."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Column as SqlColumn
from sqlalchemy import Index, Integer, PrimaryKeyConstraint, RowMapping, Table, delete, func, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert

from cardwright.core.ids import new_id
from cardwright.db.base import id_column, instant, metadata, reference, text
from cardwright.db.session import Session
from cardwright.encryption import SealedColumn, open_all, open_sealed, seal, seal_all
from cardwright.payments.domain import Payment
from cardwright.payments.receipt_files import ReceiptFile

payment_notes = Table(
    "payment_notes",
    metadata,
    id_column("payment_id"),
    reference("program_id"),
    reference("user_id", index=True),
    text("note"),
    instant("updated_at"),
)
payment_tags = Table(
    "payment_tags",
    metadata,
    reference("payment_id"),
    text("tag"),
    reference("program_id"),
    reference("user_id"),
    PrimaryKeyConstraint("payment_id", "tag"),
    Index("ix_payment_tags_user_id", "user_id", "tag"),
)
receipts = Table(
    "receipts",
    metadata,
    id_column(),
    reference("program_id"),
    reference("user_id", index=True),
    reference("payment_id", index=True),
    text("file_name"),
    text("media_type"),
    SqlColumn("size_bytes", Integer, nullable=False),
    text("content"),
    instant("created_at"),
)
_NOTE: Final = SealedColumn(payment_notes, "note", row_id="payment_id")
_FILE_NAME: Final = SealedColumn(receipts, "file_name")
_CONTENT: Final = SealedColumn(receipts, "content")
SEALED_COLUMNS: Final = (_NOTE, _FILE_NAME, _CONTENT)


@dataclass(frozen=True, slots=True)
class Receipt:
    """A receipt without its content."""

    id: str
    program_id: str
    user_id: str
    payment_id: str
    file_name: str
    media_type: str
    size_bytes: int
    created_at: datetime


async def find_note(session: Session, payment: Payment) -> str | None:
    """Return a payment's note."""
    query = select(payment_notes.c.note).where(payment_notes.c.payment_id == payment.id)
    sealed = (await session.execute(query)).scalar_one_or_none()
    place = _NOTE.place(payment.id, payment.program_id)
    return None if sealed is None else await open_sealed(session, place, sealed)


async def save_note(session: Session, payment: Payment, note: str | None, *, at: datetime) -> None:
    """Store a payment's note in place of the one before; None for none."""
    if note is None:
        await session.execute(delete(payment_notes).where(payment_notes.c.payment_id == payment.id))
        return
    sealed = await seal(session, _NOTE.place(payment.id, payment.program_id), note)
    values = {"note": sealed, "updated_at": at}
    await session.execute(
        upsert(payment_notes)
        .values(payment_id=payment.id, program_id=payment.program_id, user_id=payment.user_id, **values)
        .on_conflict_do_update(index_elements=["payment_id"], set_=values)
    )


async def tags_of(session: Session, payment_id: str) -> Sequence[str]:
    """Return a payment's tags in the order of the alphabet."""
    query = select(payment_tags.c.tag).where(payment_tags.c.payment_id == payment_id)
    return (await session.execute(query.order_by(payment_tags.c.tag))).scalars().all()


async def save_tags(session: Session, payment: Payment, tags: Sequence[str]) -> None:
    """Store a payment's tags in place of those before."""
    await session.execute(delete(payment_tags).where(payment_tags.c.payment_id == payment.id))
    rows = [
        {"payment_id": payment.id, "tag": tag, "program_id": payment.program_id, "user_id": payment.user_id}
        for tag in tags
    ]
    if rows:
        await session.execute(insert(payment_tags), rows)


async def lock_receipts(session: Session, payment_id: str) -> int:
    """Return how many receipts a payment has, which nobody else changes until the transaction ends."""
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(payment_id, 2))))
    query = select(func.count()).where(receipts.c.payment_id == payment_id)
    return int((await session.execute(query)).scalar_one())


async def insert_receipt(session: Session, payment: Payment, file: ReceiptFile, *, at: datetime) -> Receipt:
    """Seal and store a receipt."""
    made = Receipt(
        new_id("rcpt"), payment.program_id, payment.user_id, payment.id, file.name, file.media_type,
        len(file.content), at,
    )  # fmt: skip
    content = base64.b64encode(file.content).decode()
    places = {column: column.place(made.id, made.program_id) for column in (_FILE_NAME, _CONTENT)}
    sealed = await seal_all(session, {places[_FILE_NAME]: file.name, places[_CONTENT]: content})
    await session.execute(
        insert(receipts).values(
            id=made.id, program_id=made.program_id, user_id=made.user_id, payment_id=made.payment_id,
            file_name=sealed[places[_FILE_NAME]], media_type=made.media_type, size_bytes=made.size_bytes,
            content=sealed[places[_CONTENT]], created_at=at,
        )
    )  # fmt: skip
    return made


async def receipts_of(session: Session, payment_id: str) -> Sequence[Receipt]:
    """Return a payment's receipts, oldest first."""
    query = select(*_without_content()).where(receipts.c.payment_id == payment_id)
    return await _read(session, (await session.execute(query.order_by(receipts.c.id))).mappings().all())


async def find_receipt(session: Session, receipt_id: str) -> Receipt | None:
    """Return a receipt."""
    rows = await session.execute(select(*_without_content()).where(receipts.c.id == receipt_id))
    found = await _read(session, rows.mappings().all())
    return found[0] if found else None


async def content_of(session: Session, receipt: Receipt) -> bytes:
    """Return what a receipt has in it."""
    query = select(receipts.c.content).where(receipts.c.id == receipt.id)
    sealed = (await session.execute(query)).scalar_one()
    place = _CONTENT.place(receipt.id, receipt.program_id)
    return base64.b64decode(await open_sealed(session, place, sealed))


async def remove_receipt(session: Session, receipt_id: str) -> None:
    """Remove a receipt."""
    await session.execute(delete(receipts).where(receipts.c.id == receipt_id))


async def remove_everything_of(session: Session, user_id: str) -> None:
    """Remove what a person added to their payments."""
    for table in (receipts, payment_tags, payment_notes):
        await session.execute(delete(table).where(table.c.user_id == user_id))


def _without_content() -> list[SqlColumn[object]]:
    return [column for column in receipts.c if column is not receipts.c.content]


async def _read(session: Session, rows: Sequence[RowMapping]) -> Sequence[Receipt]:
    places = {row["id"]: _FILE_NAME.place(row["id"], row["program_id"]) for row in rows}
    names = await open_all(session, {places[row["id"]]: row["file_name"] for row in rows})
    return [Receipt(**{**row, "file_name": names[places[row["id"]]]}) for row in rows]
