"""The table of programs."""

from collections.abc import Sequence

from sqlalchemy import Table, select
from sqlalchemy.dialects.postgresql import insert

from cardwright.core.ids import new_id
from cardwright.core.money import ensure_currency
from cardwright.db.base import id_column, metadata, text
from cardwright.db.session import Session
from cardwright.programs.domain import Program

programs = Table("programs", metadata, id_column(), text("slug", unique=True), text("name"), text("currency"))


async def find_program(session: Session, slug: str) -> Program | None:
    """Return the program of a slug; None when there is none."""
    row = (await session.execute(select(programs).where(programs.c.slug == slug))).one_or_none()
    return None if row is None else Program(row.id, row.slug, row.name, row.currency)


async def find_currency(session: Session, program_id: str) -> str | None:
    """Return the currency that a program's cards pay in; None when there is no such program."""
    found = await session.execute(select(programs.c.currency).where(programs.c.id == program_id))
    currency: str | None = found.scalar_one_or_none()
    return currency


async def list_programs(session: Session) -> Sequence[Program]:
    """Return every program, by its slug."""
    rows = await session.execute(select(programs).order_by(programs.c.slug))
    return [Program(row.id, row.slug, row.name, row.currency) for row in rows]


async def ensure_program(session: Session, *, slug: str, name: str, currency: str) -> Program:
    """Return the program of that slug, made on first use; its currency never changes afterwards."""
    await session.execute(
        insert(programs)
        .values(id=new_id("prog"), slug=slug, name=name, currency=ensure_currency(currency))
        .on_conflict_do_nothing(index_elements=["slug"])
    )
    row = (await session.execute(select(programs).where(programs.c.slug == slug))).one()
    return Program(row.id, row.slug, row.name, row.currency)
