"""The tables of screenings, one row while nothing about them changes, and of runs that screen everybody."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Column, Index, Integer, Row, Table, insert, select, update
from sqlalchemy.dialects import postgresql

from cardwright.db.base import id_column, instant, metadata, reference, text
from cardwright.db.session import Session
from cardwright.kyc.screening.domain import Occasion, Outcome

screenings = Table(
    "screenings",
    metadata,
    id_column(),
    reference("program_id"),
    reference("user_id"),
    text("lists_version"),
    text("subject_print"),
    Column("threshold", Integer, nullable=False),
    text("outcome"),
    Column("hits", Integer, nullable=False),
    text("occasion"),
    instant("first_at"),
    instant("last_at"),
    Column("times", Integer, nullable=False),
    CheckConstraint("outcome IN ('clear', 'hits')", name="outcome"),
    Index("ix_screenings_user_id_id", "user_id", "id"),
)
runs = Table(
    "screening_runs",
    metadata,
    id_column(),
    reference("program_id"),
    text("occasion"),
    text("lists_version"),
    text("requested_by"),
    instant("requested_at"),
    text("reached"),
    Column("screened", Integer, nullable=False),
    Column("total", Integer, nullable=False),
    Column("opened", Integer, nullable=False),
    instant("finished_at", nullable=True),
    Index("uq_screening_runs_unfinished", "program_id", unique=True, postgresql_where="finished_at IS NULL"),
    Index("ix_screening_runs_program_id_id", "program_id", "id"),
)


@dataclass(frozen=True, slots=True)
class Screening:
    """A person held against the lists of a version: `times` between `first_at` and `last_at`, all alike."""

    id: str
    program_id: str
    user_id: str
    lists_version: str
    subject_print: str
    threshold: int
    outcome: Outcome
    hits: int
    occasion: Occasion
    first_at: datetime
    last_at: datetime
    times: int = 1

    @property
    def found(self) -> tuple[str, str, int, Outcome, int]:
        """What has to be the same for two screenings to be told as one."""
        return self.lists_version, self.subject_print, self.threshold, self.outcome, self.hits


@dataclass(frozen=True, slots=True)
class Run:
    """Everybody of a program being screened: `reached` is the last user id, `opened` counts hits."""

    id: str
    program_id: str
    occasion: Occasion
    lists_version: str
    requested_by: str
    requested_at: datetime
    total: int
    reached: str = ""
    screened: int = 0
    opened: int = 0
    finished_at: datetime | None = None


async def record_screenings(session: Session, fresh: Sequence[Screening]) -> None:
    """Write screenings down: those that found what the person's last one did only count on."""
    latest = await _latest(session, [it.user_id for it in fresh])
    repeated = [it for it in fresh if it.user_id in latest and latest[it.user_id].found == it.found]
    if repeated:
        await session.execute(
            update(screenings)
            .where(screenings.c.id.in_([latest[it.user_id].id for it in repeated]))
            .values(last_at=repeated[0].last_at, times=screenings.c.times + 1)
        )
    others = {it.user_id for it in fresh} - {it.user_id for it in repeated}
    if others:
        await session.execute(insert(screenings), [asdict(it) for it in fresh if it.user_id in others])


async def _latest(session: Session, user_ids: Collection[str]) -> Mapping[str, Screening]:
    rows = await session.execute(
        select(screenings)
        .ext(postgresql.distinct_on(screenings.c.user_id))
        .where(screenings.c.user_id.in_(user_ids))
        .order_by(screenings.c.user_id, screenings.c.id.desc())
    )
    return {row.user_id: _screening(row) for row in rows}


async def screenings_page(
    session: Session, program_id: str, user_id: str, *, before: str | None, limit: int
) -> Sequence[Screening]:
    """Return a person's screenings, newest first."""
    query = select(screenings).where(screenings.c.program_id == program_id, screenings.c.user_id == user_id)
    if before is not None:
        query = query.where(screenings.c.id < before)
    rows = await session.execute(query.order_by(screenings.c.id.desc()).limit(limit))
    return [_screening(row) for row in rows]


async def add_run(session: Session, run: Run) -> bool:
    """Insert a run; False while another one of the program is unfinished."""
    added = await session.execute(
        postgresql.insert(runs)
        .values(**asdict(run))
        .on_conflict_do_nothing(
            index_elements=["program_id"], index_where=runs.c.finished_at.is_(None)
        )
    )  # fmt: skip
    return added.rowcount == 1


async def unfinished_for_update(session: Session, program_id: str) -> Run | None:
    """Return the unfinished run of a program, locked; None when there is none or somebody is at it."""
    query = select(runs).where(runs.c.program_id == program_id, runs.c.finished_at.is_(None))
    row = (await session.execute(query.with_for_update(skip_locked=True))).one_or_none()
    return None if row is None else _run(row)


async def newest_run(session: Session, program_id: str, occasion: Occasion | None = None) -> Run | None:
    """Return the newest run of a program, on an occasion if one is given."""
    query = select(runs).where(runs.c.program_id == program_id)
    if occasion is not None:
        query = query.where(runs.c.occasion == occasion)
    row = (await session.execute(query.order_by(runs.c.id.desc()).limit(1))).one_or_none()
    return None if row is None else _run(row)


async def save_run(session: Session, run: Run) -> None:
    """Write how far a run has come."""
    await session.execute(update(runs).where(runs.c.id == run.id).values(**asdict(run)))


def _screening(row: Row[Any]) -> Screening:
    found = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's documented way to read a row by names
    return Screening(**found | {"outcome": Outcome(row.outcome), "occasion": Occasion(row.occasion)})


def _run(row: Row[Any]) -> Run:
    found = dict(row._mapping)  # noqa: SLF001
    return Run(**found | {"occasion": Occasion(row.occasion)})
