"""The table of months that were closed or opened again; the newest row says until when books are closed."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    Integer,
    Row,
    Table,
    UniqueConstraint,
    func,
    insert,
    select,
)

from cardwright.core.ids import new_id
from cardwright.db.base import id_column, instant, json, metadata, reference, text
from cardwright.db.session import Session
from cardwright.ledger.domain import PeriodAction, PeriodChange

period_changes = Table(
    "period_changes",
    metadata,
    id_column(),
    reference("program_id"),
    Column("sequence", Integer, nullable=False),
    Column("month", Date, nullable=False),
    text("action"),
    instant("closed_until"),
    json("trial_balance", nullable=True),
    instant("changed_at"),
    reference("approval_id"),
    UniqueConstraint("program_id", "sequence"),
    CheckConstraint("action IN ('closed', 'reopened')", name="action"),
    CheckConstraint("(trial_balance IS NOT NULL) = (action = 'closed')", name="snapshot"),
    CheckConstraint("extract(day FROM month) = 1", name="month"),
)


async def lock_periods(session: Session, program_id: str, month: date) -> None:
    """Wait for whoever dates an entry into the month or one before it, and keep everybody else from it."""
    for name in ("past", f"{month:%Y-%m}"):
        await session.execute(select(func.lock_period(program_id, name, True)))


async def find_newest(session: Session, program_id: str) -> PeriodChange | None:
    """Return the change that says until when the books are closed; None when none ever was."""
    changes = await list_changes(session, program_id, before=None, limit=1)
    return changes[0] if changes else None


async def list_changes(
    session: Session, program_id: str, *, before: str | None, limit: int
) -> Sequence[PeriodChange]:
    """Return what was closed and opened again, newest first."""
    query = select(period_changes).where(period_changes.c.program_id == program_id)
    if before is not None:
        place = select(period_changes.c.sequence).where(
            period_changes.c.program_id == program_id, period_changes.c.id == before
        )
        query = query.where(period_changes.c.sequence < place.scalar_subquery())
    rows = await session.execute(query.order_by(period_changes.c.sequence.desc()).limit(limit))
    return [_change(row) for row in rows]


async def all_changes(session: Session) -> Sequence[PeriodChange]:
    """Return the changes of every program, by program and newest first."""
    rows = await session.execute(
        select(period_changes).order_by(period_changes.c.program_id, period_changes.c.sequence.desc())
    )
    return [_change(row) for row in rows]


async def insert_change(
    session: Session,
    *,
    program_id: str,
    month: date,
    action: PeriodAction,
    closed_until: datetime,
    trial_balance: Sequence[dict[str, Any]] | None,
    at: datetime,
    approval_id: str,
) -> PeriodChange:
    """Append a change; the database refuses what does not follow from the one before or was not approved."""
    before = await find_newest(session, program_id)
    values = {
        "id": new_id("period"),
        "program_id": program_id,
        "sequence": (before.sequence if before else 0) + 1,
        "month": month,
        "action": action.value,
        "closed_until": closed_until,
        "changed_at": at,
        "approval_id": approval_id,
    }
    if trial_balance is not None:
        values["trial_balance"] = list(trial_balance)
    row = (await session.execute(insert(period_changes).values(values).returning(*period_changes.c))).one()
    return _change(row)


def _change(row: Row[Any]) -> PeriodChange:
    return PeriodChange(
        id=row.id, program_id=row.program_id, sequence=row.sequence, month=row.month,
        action=PeriodAction(row.action), closed_until=row.closed_until, trial_balance=row.trial_balance,
        changed_at=row.changed_at, approval_id=row.approval_id,
    )  # fmt: skip
