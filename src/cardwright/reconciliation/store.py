"""The table of differences."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    Index,
    Integer,
    Row,
    Select,
    Table,
    UniqueConstraint,
    func,
    insert,
    select,
    update,
)

from cardwright.db.base import id_column, instant, json, metadata, minor_units, reference, text
from cardwright.db.session import Session
from cardwright.ledger import manual_entry_id
from cardwright.reconciliation.domain import (
    AGES,
    Cause,
    Difference,
    DifferenceKind,
    DifferenceState,
    Repair,
)

differences = Table(
    "differences",
    metadata,
    id_column(),
    reference("program_id"),
    text("source"),
    text("record"),
    text("external_id"),
    text("kind"),
    text("cause"),
    json("theirs", nullable=True),
    json("ours", nullable=True),
    minor_units("delta"),
    text("currency"),
    text("state"),
    text("repair"),
    Column("tries", Integer, nullable=False),
    instant("happened_at"),
    instant("first_seen_at"),
    instant("last_seen_at"),
    instant("closed_at", nullable=True),
    text("reason", nullable=True),
    reference("decided_by", nullable=True),
    reference("approval_id", nullable=True),
    UniqueConstraint("program_id", "source", "record", "external_id", "kind"),
    CheckConstraint("state IN ('open', 'explained', 'repaired', 'accepted')", name="state"),
    CheckConstraint("state <> 'repaired' OR closed_at IS NOT NULL", name="repaired_is_closed"),
    Index("ix_differences_program_id", "program_id", "id"),
    Index("ix_differences_unclosed", "program_id", "id", postgresql_where="closed_at IS NULL"),
)


async def insert_difference(session: Session, difference: Difference) -> None:
    """Insert a difference."""
    await session.execute(insert(differences).values(**asdict(difference)))


async def save_difference(session: Session, difference: Difference) -> None:
    """Store a changed difference."""
    values = asdict(difference)
    await session.execute(update(differences).where(differences.c.id == values.pop("id")).values(**values))


async def difference_for_update(session: Session, program_id: str, difference_id: str) -> Difference | None:
    """Return a difference, locked until the transaction ends."""
    query = _one(program_id, difference_id).with_for_update()
    row = (await session.execute(query)).one_or_none()
    return None if row is None else _difference(row)


async def find_difference(session: Session, program_id: str, difference_id: str) -> Difference | None:
    """Return a difference, not locked."""
    row = (await session.execute(_one(program_id, difference_id))).one_or_none()
    return None if row is None else _difference(row)


async def known_differences(
    session: Session, program_id: str, source: str, record: str, external_ids: Sequence[str]
) -> Sequence[Difference]:
    """Return whatever was ever found about some records, locked until the transaction ends."""
    rows = await session.execute(
        select(differences)
        .where(
            differences.c.program_id == program_id, differences.c.source == source,
            differences.c.record == record, differences.c.external_id.in_(external_ids),
        )
        .order_by(differences.c.id)
        .with_for_update()
    )  # fmt: skip
    return [_difference(row) for row in rows]


async def unclosed_subjects(session: Session, program_id: str, source: str, record: str) -> Sequence[str]:
    """Return the records that differ as far as is known."""
    rows = await session.execute(
        select(differences.c.external_id).distinct().where(
            differences.c.program_id == program_id, differences.c.source == source,
            differences.c.record == record, differences.c.closed_at.is_(None),
        )
    )  # fmt: skip
    return rows.scalars().all()


async def convergeable(
    session: Session, program_id: str, *, most_tries: int, after: str, limit: int
) -> Sequence[Difference]:
    """Return open differences that converging may mend and that were not tried too often, in order."""
    rows = await session.execute(
        select(differences)
        .where(
            differences.c.program_id == program_id, differences.c.closed_at.is_(None),
            differences.c.state == DifferenceState.OPEN, differences.c.repair == Repair.CONVERGE,
            differences.c.tries < most_tries, differences.c.id > after,
        )
        .order_by(differences.c.id)
        .limit(limit)
    )  # fmt: skip
    return [_difference(row) for row in rows]


async def differences_page(
    session: Session, program_id: str, *, filters: Mapping[str, str], ages: tuple[datetime, datetime] | None,
    is_closed: bool | None, before: str | None, limit: int,
) -> Sequence[Difference]:  # fmt: skip
    """Return differences, newest first; `ages` are the bounds of when they were first seen."""
    query = select(differences).where(
        differences.c.program_id == program_id,
        *(differences.c[name] == value for name, value in filters.items()),
    )
    if ages is not None:
        query = query.where(differences.c.first_seen_at > ages[0], differences.c.first_seen_at <= ages[1])
    if is_closed is not None:
        closed = differences.c.closed_at.is_not(None)
        query = query.where(closed if is_closed else ~closed)
    if before is not None:
        query = query.where(differences.c.id < before)
    rows = await session.execute(query.order_by(differences.c.id.desc()).limit(limit))
    return [_difference(row) for row in rows]


async def misreported(session: Session, program_id: str, source: str) -> Mapping[tuple[str, str], int]:
    """Return what movements are known to be reported wrongly by, by kind of record and currency."""
    wrong = (Cause.NOT_SETTLED, Cause.BALANCE_SAYS_OTHERWISE, Cause.SETTLED_TWICE)
    rows = await session.execute(
        select(differences.c.record, differences.c.currency, func.sum(differences.c.delta))
        .where(
            differences.c.program_id == program_id, differences.c.source == source,
            differences.c.closed_at.is_(None), differences.c.cause.in_(wrong),
        )
        .group_by(differences.c.record, differences.c.currency)
    )  # fmt: skip
    return {(row[0], row[1]): int(row[2]) for row in rows}


async def oldest_unclosed(session: Session, program_id: str, source: str) -> datetime | None:
    """Return when the oldest thing happened that differs and is not accepted."""
    query = select(func.min(differences.c.happened_at)).where(
        differences.c.program_id == program_id, differences.c.source == source,
        differences.c.closed_at.is_(None), differences.c.state != DifferenceState.ACCEPTED,
    )  # fmt: skip
    oldest: datetime | None = (await session.execute(query)).scalar_one()
    return oldest


async def lacking(session: Session, program_id: str, source: str) -> Sequence[Difference]:
    """Return the differences in money that are not mended."""
    rows = await session.execute(
        select(differences).where(
            differences.c.program_id == program_id, differences.c.source == source,
            differences.c.closed_at.is_(None), differences.c.delta != 0,
        )
    )  # fmt: skip
    return [_difference(row) for row in rows]


async def days_of_entries(session: Session, program_id: str) -> Mapping[str, date]:
    """Return the days that entries made by hand mend, by the entries' external ids."""
    rows = await session.execute(
        select(differences.c.approval_id, differences.c.happened_at).where(
            differences.c.program_id == program_id, differences.c.approval_id.is_not(None)
        )
    )
    return {manual_entry_id(row.approval_id): row.happened_at.date() for row in rows}


async def open_differences(session: Session, program_id: str) -> Sequence[Difference]:
    """Return what waits for somebody, oldest first."""
    rows = await session.execute(
        select(differences)
        .where(
            differences.c.program_id == program_id, differences.c.closed_at.is_(None),
            differences.c.state == DifferenceState.OPEN,
        )
        .order_by(differences.c.id)
    )  # fmt: skip
    return [_difference(row) for row in rows]


async def counts(session: Session, program_id: str, at: datetime) -> Sequence[tuple[str, str, int]]:
    """Return (kind, age, count) of the open differences of a program, by the names of AGES."""
    age = at - differences.c.first_seen_at
    found = []
    for name, (least, most) in AGES.items():
        rows = await session.execute(
            select(differences.c.kind, func.count())
            .where(
                differences.c.program_id == program_id, differences.c.closed_at.is_(None),
                differences.c.state == DifferenceState.OPEN, age >= least, age < most,
            )
            .group_by(differences.c.kind)
            .order_by(differences.c.kind)
        )  # fmt: skip
        found += [(row[0], name, row[1]) for row in rows]
    return found


def _one(program_id: str, difference_id: str) -> Select[Any]:
    return select(differences).where(
        differences.c.program_id == program_id, differences.c.id == difference_id
    )


def _difference(row: Row[Any]) -> Difference:
    return Difference(
        **{
            **row._asdict(),
            "kind": DifferenceKind(row.kind),
            "cause": Cause(row.cause),
            "state": DifferenceState(row.state),
            "repair": Repair(row.repair),
        }
    )
