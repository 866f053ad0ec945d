"""Reading a list by deadline: one page, how many wait, and those that have become late.

A list's table has the columns `id`, `program_id`, `state`, `due_at`, `overdue_at` and `assignee_id`; what is
in the state `resolved` waits for nobody.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Table, and_, func, or_, select, tuple_

from cardwright.db.session import Session

RESOLVED: Final = "resolved"


def unresolved(table: Table) -> ColumnElement[bool]:
    """Return what holds of an item that is not resolved."""
    return table.c.state != RESOLVED


def overdue(table: Table, at: datetime, *, wanted: bool = True) -> ColumnElement[bool]:
    """Return what holds of an item that is late, or of one that is not."""
    if wanted:
        return and_(unresolved(table), table.c.due_at <= at)
    return or_(~unresolved(table), table.c.due_at > at)


async def page_by_deadline(
    session: Session, table: Table, conditions: Sequence[ColumnElement[bool]], *, after: str | None,
    limit: int,
) -> Sequence[Row[Any]]:  # fmt: skip
    """Return the rows for which every condition holds by the time they are due, those after one."""
    place = tuple_(table.c.due_at, table.c.id)
    query = select(table).where(*conditions)
    if after is not None:
        last = select(table.c.due_at, table.c.id).where(table.c.id == after)
        query = query.where(place > last.scalar_subquery())
    rows = await session.execute(query.order_by(table.c.due_at, table.c.id).limit(limit))
    return rows.all()


async def count_waiting(
    session: Session, table: Table, program_id: str, parts: Mapping[str, ColumnElement[bool]]
) -> Mapping[str, int]:
    """Return for how many unresolved items of a program each condition holds, in one reading."""
    counted = [func.count().filter(condition) for condition in parts.values()]
    query = select(*counted).where(table.c.program_id == program_id, unresolved(table))
    return dict(zip(parts, (await session.execute(query)).one(), strict=True))


async def late_for_update(
    session: Session, table: Table, at: datetime, limit: int, *conditions: ColumnElement[bool]
) -> Sequence[Row[Any]]:
    """Return and lock items that became overdue and are not marked; those being changed are skipped."""
    rows = await session.execute(
        select(table)
        .where(unresolved(table), table.c.overdue_at.is_(None), table.c.due_at <= at, *conditions)
        .order_by(table.c.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return rows.all()
