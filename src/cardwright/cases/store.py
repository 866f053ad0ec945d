"""The tables of cases, of what happened to them and of what staff noted. Only cases ever change."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    CheckConstraint,
    Column,
    Index,
    Integer,
    Row,
    Table,
    Text,
    UniqueConstraint,
    select,
    update,
)
from sqlalchemy.dialects import postgresql

from cardwright import worklists
from cardwright.cases.domain import Answer, Case, CaseState, Finding, Priority, Source
from cardwright.db.base import id_column, instant, metadata, minor_units, reference, text
from cardwright.db.confinement import HEARING, acting_as
from cardwright.db.session import Session

_UNRESOLVED: Final = "state <> 'resolved'"
cases = Table(
    "cases",
    metadata,
    id_column(),
    reference("program_id"),
    reference("user_id"),
    reference("payment_id"),
    reference("card_id"),
    reference("merchant_id"),
    text("merchant_name"),
    text("last4", nullable=True),
    minor_units("amount"),
    text("currency"),
    text("source"),
    Column("rules", postgresql.ARRAY(Text), nullable=False),
    Column("decisions", postgresql.ARRAY(Text), nullable=False),
    Column("score", Integer, nullable=True),
    text("state"),
    text("priority"),
    instant("opened_at"),
    instant("due_at"),
    Column("version", Integer, nullable=False),
    reference("assignee_id", nullable=True),
    instant("overdue_at", nullable=True),
    text("finding", nullable=True),
    instant("resolved_at", nullable=True),
    reference("resolved_by", nullable=True),
    instant("asked_at", nullable=True),
    instant("answer_by", nullable=True),
    text("answer", nullable=True),
    instant("answered_at", nullable=True),
    UniqueConstraint("payment_id"),
    CheckConstraint("amount >= 0", name="amount"),
    CheckConstraint("source IN ('rules', 'holder', 'staff')", name="source"),
    CheckConstraint("priority IN ('high', 'normal', 'low')", name="priority"),
    CheckConstraint("finding IN ('fraud', 'genuine', 'unclear')", name="finding"),
    CheckConstraint("answer IN ('yes', 'no')", name="answer"),
    CheckConstraint(
        "CASE state WHEN 'open' THEN assignee_id IS NULL AND finding IS NULL"
        " WHEN 'in_review' THEN assignee_id IS NOT NULL AND finding IS NULL"
        " WHEN 'resolved' THEN finding IS NOT NULL AND resolved_at IS NOT NULL AND resolved_by IS NOT NULL"
        " ELSE false END",
        name="state",
    ),
    Index("ix_cases_queue", "program_id", "due_at", "id", postgresql_where=_UNRESOLVED),
    Index("ix_cases_program_id_due_at", "program_id", "due_at", "id"),
    Index(
        "ix_cases_becoming_overdue", "due_at", postgresql_where=f"{_UNRESOLVED} AND overdue_at IS NULL"
    ),
    Index("ix_cases_user_id_id", "user_id", "id"),
    Index("ix_cases_program_id_merchant_id", "program_id", "merchant_id", "id"),
    Index("ix_cases_rules", "rules", postgresql_using="gin"),
)  # fmt: skip
HISTORY: Final = worklists.history_tables("case", "case_id", "c")
SEALED_COLUMNS: Final = (HISTORY.words,)
_CHANGING: Final = (
    "rules", "decisions", "score", "state", "priority", "due_at", "version", "assignee_id", "overdue_at",
    "finding", "resolved_at", "resolved_by", "asked_at", "answer_by", "answer", "answered_at",
)  # fmt: skip
_BY_HOLDER: Final = (
    "state", "priority", "due_at", "version", "assignee_id", "overdue_at", "finding", "resolved_at",
    "resolved_by", "answer", "answered_at",
)  # fmt: skip


async def add_case(session: Session, case: Case) -> bool:
    """Insert a case; False when its payment has one."""
    added = await session.execute(
        postgresql.insert(cases).values(**_values(case)).on_conflict_do_nothing(index_elements=["payment_id"])
    )
    return added.rowcount == 1


async def find_case(session: Session, case_id: str, *, lock: bool = False) -> Case | None:
    """Return a case, locked if asked for."""
    query = select(cases).where(cases.c.id == case_id)
    row = (await session.execute(query.with_for_update() if lock else query)).one_or_none()
    return None if row is None else case_from_row(row)


async def case_of_payment(session: Session, payment_id: str, *, lock: bool = False) -> Case | None:
    """Return the case of a payment, locked if asked for."""
    query = select(cases).where(cases.c.payment_id == payment_id)
    row = (await session.execute(query.with_for_update() if lock else query)).one_or_none()
    return None if row is None else case_from_row(row)


async def case_to_hear(session: Session, case_id: str) -> Case | None:
    """Return a case, locked, of which its holder is about to say something."""
    async with acting_as(session, HEARING):
        return await find_case(session, case_id, lock=True)


async def case_of_payment_to_hear(session: Session, payment_id: str) -> Case | None:
    """Return the case of a payment, locked, of which its holder is about to say something."""
    async with acting_as(session, HEARING):
        return await case_of_payment(session, payment_id, lock=True)


async def save(session: Session, case: Case) -> None:
    """Write what staff and the worker may change of a case."""
    await _write(session, case, _CHANGING)


async def save_heard(session: Session, case: Case) -> None:
    """Write what a holder's answer or report changes of a case, which holders themselves may not."""
    async with acting_as(session, HEARING):
        await _write(session, case, _BY_HOLDER)


async def _write(session: Session, case: Case, names: Sequence[str]) -> None:
    values = _values(case)
    await session.execute(
        update(cases).where(cases.c.id == case.id).values({name: values[name] for name in names})
    )


async def late_for_update(session: Session, at: datetime, limit: int) -> Sequence[Case]:
    """Return and lock cases that became overdue and are not marked; those being changed are skipped."""
    return [case_from_row(row) for row in await worklists.late_for_update(session, cases, at, limit)]


def _values(case: Case) -> dict[str, Any]:
    return {**asdict(case), "rules": list(case.rules), "decisions": list(case.decisions)}


def case_from_row(row: Row[Any]) -> Case:
    """Build a case from its row."""
    found = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's documented way to read a row by names
    return Case(
        **{
            **found,
            "source": Source(row.source), "rules": tuple(row.rules), "decisions": tuple(row.decisions),
            "state": CaseState(row.state), "priority": Priority(row.priority),
            "finding": row.finding and Finding(row.finding), "answer": row.answer and Answer(row.answer),
        }
    )  # fmt: skip
