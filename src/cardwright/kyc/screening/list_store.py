"""The tables of imported lists and of the people on them; of each list one version is in use."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Final

from sqlalchemy import (
    ARRAY,
    Boolean,
    Column,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Row,
    Table,
    Text,
    delete,
    func,
    insert,
    select,
    update,
)

from cardwright.db.base import id_column, instant, metadata, reference, text
from cardwright.db.session import Session
from cardwright.kyc.screening.births import read_birth
from cardwright.kyc.screening.domain import ScreeningList
from cardwright.kyc.screening.matching import Listed

_AT_ONCE: Final = 2000
lists = Table(
    "screening_lists",
    metadata,
    id_column(),
    reference("program_id"),
    text("name"),
    text("shape"),
    text("version"),
    Column("entries", Integer, nullable=False),
    Column("skipped", Integer, nullable=False),
    Column("unread_births", Integer, nullable=False),
    text("imported_by"),
    instant("imported_at"),
    Column("is_active", Boolean, nullable=False),
    Index("uq_screening_lists_active", "program_id", "name", unique=True, postgresql_where="is_active"),
    Index("ix_screening_lists_program_id_id", "program_id", "id"),
)
entries = Table(
    "screening_entries",
    metadata,
    reference("list_id"),
    text("reference"),
    reference("program_id"),
    Column("names", ARRAY(Text), nullable=False),
    Column("births", ARRAY(Text), nullable=False),
    Column("countries", ARRAY(Text), nullable=False),
    text("programs"),
    PrimaryKeyConstraint("list_id", "reference"),
)


async def lock_lists(session: Session, program_id: str) -> None:
    """Let one import after the other change the lists of a program."""
    await session.execute(
        select(func.pg_advisory_xact_lock(func.hashtextextended(f"screening:{program_id}", 0)))
    )


async def active_lists(session: Session, program_id: str) -> list[ScreeningList]:
    """Return the versions in use, by the names of the lists."""
    query = select(lists).where(lists.c.program_id == program_id, lists.c.is_active).order_by(lists.c.name)
    return [_list(row) for row in await session.execute(query)]


async def lists_page(
    session: Session, program_id: str, *, before: str | None, limit: int
) -> Sequence[ScreeningList]:
    """Return imported versions, in use or replaced, newest first."""
    query = select(lists).where(lists.c.program_id == program_id)
    if before is not None:
        query = query.where(lists.c.id < before)
    return [_list(row) for row in await session.execute(query.order_by(lists.c.id.desc()).limit(limit))]


async def replace_list(session: Session, imported: ScreeningList, persons: Sequence[Listed]) -> None:
    """Put a version into use and take the one before out of it, entries and all."""
    former = select(lists.c.id).where(
        lists.c.program_id == imported.program_id, lists.c.name == imported.name, lists.c.is_active
    )
    await session.execute(delete(entries).where(entries.c.list_id.in_(former.scalar_subquery())))
    await session.execute(
        update(lists)
        .where(lists.c.program_id == imported.program_id, lists.c.name == imported.name, lists.c.is_active)
        .values(is_active=False)
    )
    await session.execute(insert(lists).values(**asdict(imported)))
    for start in range(0, len(persons), _AT_ONCE):
        batch = persons[start : start + _AT_ONCE]
        await session.execute(insert(entries), [_values(imported, person) for person in batch])


async def everybody_on(session: Session, known: Sequence[ScreeningList]) -> Sequence[Listed]:
    """Return the people on lists, in an order that is always the same."""
    names = {it.id: it.name for it in known}
    query = select(entries).where(entries.c.list_id.in_(list(names)))
    rows = await session.execute(query.order_by(entries.c.list_id, entries.c.reference))
    return [
        Listed(
            row.reference, tuple(row.names), tuple(read_birth(it) for it in row.births),
            tuple(row.countries), row.programs, names[row.list_id],
        )
        for row in rows
    ]  # fmt: skip


def _values(imported: ScreeningList, person: Listed) -> dict[str, Any]:
    return {
        "list_id": imported.id, "reference": person.reference, "program_id": imported.program_id,
        "names": list(person.names), "births": [str(it) for it in person.births],
        "countries": list(person.countries), "programs": person.programs,
    }  # fmt: skip


def _list(row: Row[Any]) -> ScreeningList:
    return ScreeningList(**row._mapping)  # noqa: SLF001 - SQLAlchemy's documented way to read a row by names
