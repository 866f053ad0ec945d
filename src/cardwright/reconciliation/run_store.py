"""The table of runs."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Column, Index, Integer, Row, Table, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from cardwright.db.base import id_column, instant, metadata, reference, text
from cardwright.db.session import Session
from cardwright.reconciliation.domain import Run, RunState

runs = Table(
    "reconciliation_runs",
    metadata,
    id_column(),
    reference("program_id"),
    text("state"),
    reference("requested_by"),
    instant("as_of"),
    instant("since", nullable=True),
    instant("created_at"),
    instant("heard_at", nullable=True),
    instant("finished_at", nullable=True),
    *(Column(name, Integer, nullable=False) for name in ("fetched", "compared", "found", "repaired")),
    CheckConstraint(
        "state IN ('requested', 'fetching', 'comparing', 'repairing', 'done')", name="state"
    ),
    Index("ix_reconciliation_runs_program_id", "program_id", "id"),
    Index(
        "uq_reconciliation_runs_unfinished", "program_id", unique=True,
        postgresql_where="finished_at IS NULL",
    ),
)  # fmt: skip


async def insert_run(session: Session, run: Run) -> bool:
    """Insert a run; False while another of its program is not finished."""
    inserted = await session.execute(
        insert(runs).values(**asdict(run)).on_conflict_do_nothing().returning(runs.c.id)
    )
    return inserted.scalar_one_or_none() is not None


async def save_run(session: Session, run: Run) -> None:
    """Store how far a run has come."""
    values = asdict(run)
    await session.execute(update(runs).where(runs.c.id == values.pop("id")).values(**values))


async def claim_run(session: Session, program_id: str, *, at: datetime, silent_since: datetime) -> Run | None:
    """Return the run that is due: not finished, and that nobody works on; it is this worker's now."""
    due = (
        select(runs.c.id)
        .where(
            runs.c.program_id == program_id, runs.c.finished_at.is_(None),
            or_(runs.c.heard_at.is_(None), runs.c.heard_at < silent_since),
        )
        .with_for_update(skip_locked=True)
    )  # fmt: skip
    row = (
        await session.execute(update(runs).where(runs.c.id.in_(due)).values(heard_at=at).returning(*runs.c))
    ).one_or_none()
    return None if row is None else _run(row)


async def find_unfinished(session: Session, program_id: str) -> Run | None:
    """Return the run of a program that has not ended."""
    query = select(runs).where(runs.c.program_id == program_id, runs.c.finished_at.is_(None))
    row = (await session.execute(query)).one_or_none()
    return None if row is None else _run(row)


async def find_run(session: Session, program_id: str, run_id: str) -> Run | None:
    """Return a run of a program."""
    query = select(runs).where(runs.c.program_id == program_id, runs.c.id == run_id)
    row = (await session.execute(query)).one_or_none()
    return None if row is None else _run(row)


async def runs_page(session: Session, program_id: str, *, before: str | None, limit: int) -> Sequence[Run]:
    """Return runs, newest first."""
    query = select(runs).where(runs.c.program_id == program_id)
    if before is not None:
        query = query.where(runs.c.id < before)
    return [_run(row) for row in await session.execute(query.order_by(runs.c.id.desc()).limit(limit))]


def _run(row: Row[Any]) -> Run:
    return Run(**{**row._asdict(), "state": RunState(row.state)})
