"""The table of sealed card numbers, in a schema of its own that only the vault's role may use."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Index, Table, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from cardwright.db.base import id_column, instant, metadata, reference, text
from cardwright.db.confinement import VAULT, acting_as
from cardwright.db.session import Session
from cardwright.encryption import SealedColumn

card_numbers = Table(
    "card_numbers",
    metadata,
    id_column("card_id"),
    reference("program_id"),
    text("number"),
    instant("kept_at"),
    instant("erase_after", nullable=True),
    Index("ix_card_numbers_erase_after", "erase_after"),
    schema="vault",
)
NUMBER: Final = SealedColumn(card_numbers, "number", row_id="card_id", role=VAULT)
SEALED_COLUMNS: Final = (NUMBER,)


async def add_number(session: Session, *, card_id: str, program_id: str, sealed: str, at: datetime) -> bool:
    """Store a card's sealed number; False when the card has one already."""
    async with acting_as(session, VAULT):
        added = await session.execute(
            insert(card_numbers)
            .values(card_id=card_id, program_id=program_id, number=sealed, kept_at=at)
            .on_conflict_do_nothing()
            .returning(card_numbers.c.card_id)
        )
    return added.scalar_one_or_none() is not None


async def mark_for_erasure(session: Session, *, card_id: str, program_id: str, after: datetime) -> None:
    """Write when a card's number is to be erased; the first instant stays."""
    mark = update(card_numbers).where(
        card_numbers.c.card_id == card_id,
        card_numbers.c.program_id == program_id,
        card_numbers.c.erase_after.is_(None),
    )
    async with acting_as(session, VAULT):
        await session.execute(mark.values(erase_after=after))


async def erase_due(session: Session, at: datetime, *, limit: int) -> Sequence[tuple[str, str]]:
    """Erase numbers whose time is over; return the (card, program) of each."""
    due = (
        select(card_numbers.c.card_id)
        .where(card_numbers.c.erase_after <= at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    erased = (
        delete(card_numbers)
        .where(card_numbers.c.card_id.in_(due))
        .returning(card_numbers.c.card_id, card_numbers.c.program_id)
    )
    async with acting_as(session, VAULT):
        rows = (await session.execute(erased)).all()
    return [(row.card_id, row.program_id) for row in rows]


async def find_number(session: Session, *, card_id: str, program_id: str) -> str | None:
    """Return a card's number, sealed."""
    query = select(card_numbers.c.number).where(
        card_numbers.c.card_id == card_id, card_numbers.c.program_id == program_id
    )
    async with acting_as(session, VAULT):
        found: str | None = (await session.execute(query)).scalar_one_or_none()
    return found
