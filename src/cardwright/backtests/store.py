"""The table of backtests. What was found stays with the request for it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Column, Index, Integer, Row, Table, func, insert, or_, select, update

from cardwright.backtests.run import (
    ENDED,
    Progress,
    Run,
    RunState,
    request_from_json,
    request_to_json,
)
from cardwright.db.base import id_column, instant, json, metadata, reference, text
from cardwright.db.session import Session

backtests = Table(
    "backtests",
    metadata,
    id_column(),
    reference("program_id"),
    text("state"),
    json("request"),
    reference("requested_by"),
    instant("created_at"),
    *(Column(name, Integer, nullable=False) for name in ("rows", "rows_of", "steps", "steps_of", "attempts")),
    instant("started_at", nullable=True),
    instant("heard_at", nullable=True),
    instant("finished_at", nullable=True),
    text("failure", nullable=True),
    json("result", nullable=True),
    CheckConstraint("state IN ('queued', 'running', 'done', 'failed', 'canceled')", name="state"),
    CheckConstraint("(finished_at IS NULL) = (state IN ('queued', 'running'))", name="finished_at"),
    Index("ix_backtests_program_id", "program_id", "id"),
    Index("ix_backtests_unfinished", "program_id", "id", postgresql_where="finished_at IS NULL"),
)


async def insert_run(session: Session, run: Run) -> None:
    """Insert a new run."""
    await session.execute(
        insert(backtests).values(
            id=run.id, program_id=run.program_id, state=run.state, request=request_to_json(run.request),
            requested_by=run.requested_by, created_at=run.created_at, attempts=run.attempts,
            **asdict(run.progress),
        )
    )  # fmt: skip


async def find_run(session: Session, program_id: str, run_id: str, *, lock: bool = False) -> Run | None:
    """Return a run of a program, locked if asked for."""
    query = select(backtests).where(backtests.c.program_id == program_id, backtests.c.id == run_id)
    row = (await session.execute(query.with_for_update() if lock else query)).one_or_none()
    return None if row is None else _run(row)


async def runs_page(session: Session, program_id: str, *, before: str | None, limit: int) -> Sequence[Run]:
    """Return runs, newest first, without what they found."""
    columns = [it for it in backtests.c if it.name != "result"]
    query = select(*columns).where(backtests.c.program_id == program_id)
    if before is not None:
        query = query.where(backtests.c.id < before)
    return [_run(row) for row in await session.execute(query.order_by(backtests.c.id.desc()).limit(limit))]


async def claim_run(session: Session, program_id: str, *, at: datetime, silent_since: datetime) -> Run | None:
    """Return the oldest run that waits or whose worker is silent, now this worker's; one at a time runs."""
    await session.execute(
        select(func.pg_advisory_xact_lock(func.hashtextextended(f"backtests:{program_id}", 0)))
    )
    unfinished = (backtests.c.program_id == program_id, backtests.c.finished_at.is_(None))
    working = select(backtests.c.id).where(
        *unfinished, backtests.c.state == RunState.RUNNING, backtests.c.heard_at >= silent_since
    )
    if (await session.execute(working.limit(1))).first() is not None:
        return None
    due = (
        select(backtests.c.id)
        .where(*unfinished, or_(backtests.c.heard_at.is_(None), backtests.c.heard_at < silent_since))
        .order_by(backtests.c.id)
        .limit(1)
    )
    row = (
        await session.execute(
            update(backtests)
            .where(backtests.c.id.in_(due))
            .values(
                state=RunState.RUNNING, heard_at=at, attempts=backtests.c.attempts + 1,
                started_at=func.coalesce(backtests.c.started_at, at),
            )
            .returning(*backtests.c)
        )
    ).one_or_none()  # fmt: skip
    return None if row is None else _run(row)


async def note_progress(session: Session, run: Run, progress: Progress, *, at: datetime) -> bool:
    """Store how far a run has come, a sign of life; False when it is this worker's no longer."""
    return await _change(session, run, {**asdict(progress), "heard_at": at})


async def end_run(
    session: Session, run: Run, state: RunState, *, at: datetime, failure: str | None = None,
    result: Mapping[str, Any] | None = None,
) -> bool:  # fmt: skip
    """Store how a run ended; False when it had ended, or another worker has it."""
    return await _change(
        session,
        run,
        {"state": state, "finished_at": at, "failure": failure, **({"result": result} if result else {})},
    )


async def cancel_run(session: Session, run: Run, *, at: datetime) -> Run:
    """End a locked run at once; its worker finds it gone."""
    await session.execute(
        update(backtests).where(backtests.c.id == run.id).values(state=RunState.CANCELED, finished_at=at)
    )
    return replace(run, state=RunState.CANCELED, finished_at=at)


async def count_unfinished(session: Session, program_id: str) -> int:
    """Return how many runs wait or are on their way."""
    query = select(func.count()).where(
        backtests.c.program_id == program_id, backtests.c.finished_at.is_(None)
    )
    return (await session.execute(query)).scalar_one()


async def was_needed_since(session: Session, program_id: str, since: datetime) -> bool:
    """Answer whether a run of a program waits, is on its way, or ended since then."""
    query = select(backtests.c.id).where(
        backtests.c.program_id == program_id,
        or_(backtests.c.finished_at.is_(None), backtests.c.finished_at >= since),
    )
    return (await session.execute(query.limit(1))).first() is not None


async def _change(session: Session, run: Run, values: Mapping[str, Any]) -> bool:
    changed = await session.execute(
        update(backtests)
        .where(
            backtests.c.id == run.id, backtests.c.attempts == run.attempts,
            backtests.c.state.not_in(ENDED),
        )
        .values(**values)
    )  # fmt: skip
    return changed.rowcount == 1


def _run(row: Row[Any]) -> Run:
    return Run(
        id=row.id, program_id=row.program_id, state=RunState(row.state),
        request=request_from_json(row.request),
        requested_by=row.requested_by, created_at=row.created_at,
        progress=Progress(row.rows, row.rows_of, row.steps, row.steps_of), attempts=row.attempts,
        started_at=row.started_at, heard_at=row.heard_at, finished_at=row.finished_at, failure=row.failure,
        result=getattr(row, "result", None),
    )  # fmt: skip
