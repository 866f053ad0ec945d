"""What vendors reported, newest version of each record, and how far each list has been read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Date,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    case,
    cast,
    false,
    func,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from cardwright.core.errors import NotFound
from cardwright.db.base import instant, json, metadata, minor_units, reference, text
from cardwright.db.session import Session
from cardwright.reconciliation.domain import Report, Settled, Stream, Theirs

reported = Table(
    "reported_records",
    metadata,
    reference("program_id"),
    text("source"),
    text("stream"),
    text("external_id"),
    text("subject"),
    text("variant"),
    minor_units("amount"),
    text("currency"),
    text("card", nullable=True),
    text("balance", nullable=True),
    minor_units("fee"),
    text("fingerprint"),
    json("raw"),
    instant("happened_at"),
    reference("run_id"),
    Column("times", Integer, nullable=False),
    # A list that was read whole did not name it any more.
    Column("is_withdrawn", Boolean, nullable=False),
    PrimaryKeyConstraint("program_id", "source", "stream", "external_id"),
    Index("ix_reported_records_subject", "program_id", "source", "stream", "subject"),
    Index("ix_reported_records_fingerprint", "program_id", "source", "stream", "fingerprint"),
    Index("ix_reported_records_happened_at", "program_id", "source", "stream", "happened_at"),
)
streams = Table(
    "reported_streams",
    metadata,
    reference("program_id"),
    text("source"),
    text("stream"),
    reference("run_id"),
    instant("covered_since"),
    instant("watermark", nullable=True),
    instant("window_since"),
    instant("window_until"),
    text("cursor", nullable=True),
    Column("is_read", Boolean, nullable=False),
    PrimaryKeyConstraint("program_id", "source", "stream"),
)


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose records of which vendor."""

    program_id: str
    source: str


@dataclass(frozen=True, slots=True)
class Reading:
    """How far a list is read: all before `watermark`, and the window of a run up to the page at `cursor`."""

    run_id: str
    covered_since: datetime
    watermark: datetime | None
    since: datetime
    until: datetime
    cursor: str | None = None
    is_read: bool = False


async def find_reading(session: Session, whose: Whose, stream: Stream) -> Reading | None:
    """Return how far a list has been read; None when it never was."""
    query = select(streams).where(
        streams.c.program_id == whose.program_id, streams.c.source == whose.source,
        streams.c.stream == stream,
    )  # fmt: skip
    row = (await session.execute(query)).one_or_none()
    if row is None:
        return None
    return Reading(
        row.run_id, row.covered_since, row.watermark, row.window_since, row.window_until, row.cursor,
        row.is_read,
    )  # fmt: skip


async def get_reading(session: Session, whose: Whose, stream: Stream) -> Reading:
    """Return how far a list has been read; raise NotFound when it never was."""
    reading = await find_reading(session, whose, stream)
    if reading is None:
        raise NotFound("list_unread", f"The list of {stream} has not been read yet.")
    return reading


async def save_reading(session: Session, whose: Whose, stream: Stream, reading: Reading) -> None:
    """Keep how far a list has been read, in the transaction that keeps what was read."""
    values = {
        "run_id": reading.run_id, "covered_since": reading.covered_since, "watermark": reading.watermark,
        "window_since": reading.since, "window_until": reading.until, "cursor": reading.cursor,
        "is_read": reading.is_read,
    }  # fmt: skip
    key = {"program_id": whose.program_id, "source": whose.source, "stream": stream}
    await session.execute(
        insert(streams).values(**key, **values).on_conflict_do_update(index_elements=list(key), set_=values)
    )


async def keep_reports(session: Session, whose: Whose, run_id: str, reports: Sequence[Report]) -> None:
    """Keep a page of reports; a record named again by the same run counts once more."""
    # One statement may touch a row once: what one page names twice is counted before.
    times: dict[str, int] = {}
    newest: dict[str, Report] = {}
    for report in reports:
        times[report.external_id] = times.get(report.external_id, 0) + 1
        newest[report.external_id] = report
    if not newest:
        return
    rows = [
        {
            "program_id": whose.program_id, "source": whose.source, "stream": it.stream,
            "external_id": it.external_id, "subject": it.subject, "variant": it.variant,
            "amount": it.amount, "currency": it.currency, "card": it.card, "balance": it.balance,
            "fee": it.fee, "fingerprint": it.fingerprint, "raw": it.raw or {},
            "happened_at": it.happened_at, "run_id": run_id, "times": times[it.external_id],
            "is_withdrawn": False,
        }
        for it in newest.values()
    ]  # fmt: skip
    statement = insert(reported).values(rows)
    told = statement.excluded
    again = case((reported.c.run_id == told.run_id, reported.c.times + told.times), else_=told.times)
    key = ["program_id", "source", "stream", "external_id"]
    changed = {name: told[name] for name in rows[0] if name not in (*key, "times")}
    await session.execute(
        statement.on_conflict_do_update(index_elements=key, set_={**changed, "times": again})
    )


async def withdraw_unnamed(session: Session, whose: Whose, stream: Stream, reading: Reading) -> None:
    """Mark what lies in a window that was read whole and was not named in it."""
    await session.execute(
        update(reported)
        .where(
            *_of(whose, stream),
            reported.c.happened_at.between(reading.since, reading.until),
            reported.c.run_id != reading.run_id,
            reported.c.is_withdrawn.is_(false()),
        )
        .values(is_withdrawn=True)
    )


async def subjects_between(
    session: Session, whose: Whose, stream: Stream, variants: frozenset[str] | None, since: datetime, *,
    by_movement: bool = False,
) -> Sequence[str]:  # fmt: skip
    """Return what the records of a list since an instant are about, of all variants or of some."""
    subject = reported.c.external_id if by_movement else reported.c.subject
    query = select(subject).distinct().where(*_of(whose, stream), reported.c.happened_at >= since)
    if variants is not None:
        query = query.where(reported.c.variant.in_(variants))
    return (await session.execute(query)).scalars().all()


async def theirs_of(
    session: Session, whose: Whose, stream: Stream, external_ids: Sequence[str]
) -> Mapping[str, Theirs]:
    """Return what a list says of some records."""
    rows = await session.execute(
        select(reported).where(*_of(whose, stream), reported.c.external_id.in_(external_ids), _is_named)
    )
    return {
        row.external_id: Theirs(
            row.amount, row.currency, row.variant, row.card, row.happened_at, row.fingerprint, row.times
        )
        for row in rows
    }


async def settled_of(
    session: Session, whose: Whose, variants: frozenset[str], subjects: Sequence[str], *,
    by_movement: bool = False,
) -> Mapping[str, Settled]:  # fmt: skip
    """Return what the balance's movements of some variants about some subjects add up to."""
    subject = reported.c.external_id if by_movement else reported.c.subject
    rows = await session.execute(
        select(
            subject,
            func.sum(reported.c.amount * reported.c.times),
            func.min(reported.c.currency),
            func.coalesce(
                func.sum(reported.c.times).filter(reported.c.variant.not_like("%failure")), 0
            ),
            func.sum(reported.c.times - 1),
            func.min(reported.c.happened_at),
            func.max(reported.c.happened_at),
        )
        .where(
            *_of(whose, Stream.MOVEMENTS),
            subject.in_(subjects), reported.c.variant.in_(variants), _is_named,
        )
        .group_by(subject)
    )  # fmt: skip
    return {row[0]: Settled(int(row[1]), row[2], int(row[3]), int(row[4]), row[5], row[6]) for row in rows}


async def cause_of(session: Session, whose: Whose, movement: str) -> str | None:
    """Return what caused a movement, as any list says; None when none names the movement."""
    query = select(reported.c.subject).where(
        reported.c.program_id == whose.program_id, reported.c.source == whose.source,
        reported.c.external_id == movement,
    )  # fmt: skip
    cause: str | None = (await session.execute(query.limit(1))).scalar_one_or_none()
    return cause


async def moved_by_day(
    session: Session, whose: Whose, variants: frozenset[str], since: datetime
) -> Sequence[tuple[str, date, int]]:
    """Return (currency, day in UTC, amount) of the balance's movements of some variants since an instant."""
    day = cast(func.timezone("UTC", reported.c.happened_at), Date)
    rows = await session.execute(
        select(reported.c.currency, day, func.sum(reported.c.amount * reported.c.times))
        .where(
            *_of(whose, Stream.MOVEMENTS), reported.c.variant.in_(variants),
            reported.c.happened_at >= since, _is_named,
        )
        .group_by(reported.c.currency, day)
    )  # fmt: skip
    return [(row[0], row[1], int(row[2])) for row in rows]


async def moved_since(session: Session, whose: Whose, balance: str, currency: str, since: datetime) -> int:
    """Return what all movements of a balance since an instant add up to, fees taken off, in minor units."""
    net = func.coalesce(func.sum((reported.c.amount - reported.c.fee) * reported.c.times), 0)
    query = select(net).where(
        *_of(whose, Stream.MOVEMENTS), reported.c.balance == balance, reported.c.currency == currency,
        reported.c.happened_at >= since, _is_named,
    )  # fmt: skip
    return int((await session.execute(query)).scalar_one())


async def twins_of(
    session: Session, whose: Whose, stream: Stream, fingerprints: Sequence[str]
) -> Mapping[str, Sequence[str]]:
    """Return the ids of a list's records by what they have in common."""
    rows = await session.execute(
        select(reported.c.fingerprint, func.array_agg(reported.c.external_id))
        .where(*_of(whose, stream), reported.c.fingerprint.in_(fingerprints), _is_named)
        .group_by(reported.c.fingerprint)
    )
    return {row[0]: row[1] for row in rows}


_is_named = reported.c.is_withdrawn.is_(false())


def _of(whose: Whose, stream: Stream) -> tuple[ColumnElement[bool], ...]:
    return (
        reported.c.program_id == whose.program_id,
        reported.c.source == whose.source,
        reported.c.stream == stream,
    )
