"""The tables of totals per day, and of what balances are compared at."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy import Column, Date, PrimaryKeyConstraint, Table, select
from sqlalchemy.dialects.postgresql import insert

from cardwright.db.base import instant, metadata, minor_units, reference, text
from cardwright.db.session import Session
from cardwright.reconciliation.domain import DayTotal
from cardwright.reconciliation.reported_store import Whose

days = Table(
    "reconciliation_days",
    metadata,
    reference("program_id"),
    text("source"),
    text("account"),
    text("currency"),
    Column("day", Date, nullable=False),
    minor_units("reported"),
    minor_units("booked"),
    minor_units("listed"),
    instant("added_up_at"),
    PrimaryKeyConstraint("program_id", "source", "account", "currency", "day"),
)


anchors = Table(
    "reported_balances",
    metadata,
    reference("program_id"),
    text("source"),
    text("balance"),
    text("currency"),
    instant("since"),
    minor_units("gap"),
    PrimaryKeyConstraint("program_id", "source", "balance", "currency"),
)


@dataclass(frozen=True, slots=True)
class Anchor:
    """By how much a balance exceeded its movements since an instant, when it was first compared."""

    since: datetime
    gap: int


async def save_days(session: Session, whose: Whose, totals: Sequence[DayTotal], at: datetime) -> None:
    """Keep the newest totals of some days."""
    if not totals:
        return
    statement = insert(days).values(
        [
            {"program_id": whose.program_id, "source": whose.source, "added_up_at": at, **asdict(it)}
            for it in totals
        ]
    )
    changed = {name: statement.excluded[name] for name in ("reported", "booked", "listed", "added_up_at")}
    key = ["program_id", "source", "account", "currency", "day"]
    await session.execute(statement.on_conflict_do_update(index_elements=key, set_=changed))


async def days_between(session: Session, program_id: str, *, first: date, last: date) -> Sequence[DayTotal]:
    """Return the totals of the days between two, newest first."""
    rows = await session.execute(
        select(days.c.account, days.c.currency, days.c.day, days.c.reported, days.c.booked, days.c.listed)
        .where(days.c.program_id == program_id, days.c.day.between(first, last))
        .order_by(days.c.day.desc(), days.c.account, days.c.currency)
    )
    return [DayTotal(*row) for row in rows]


async def find_anchor(session: Session, whose: Whose, balance: str, currency: str) -> Anchor | None:
    """Return what a balance was first compared at; None when it never was."""
    row = (
        await session.execute(
            select(anchors.c.since, anchors.c.gap).where(
                anchors.c.program_id == whose.program_id, anchors.c.source == whose.source,
                anchors.c.balance == balance, anchors.c.currency == currency,
            )
        )
    ).one_or_none()  # fmt: skip
    return None if row is None else Anchor(row.since, row.gap)


async def insert_anchor(session: Session, whose: Whose, balance: str, currency: str, anchor: Anchor) -> None:
    """Keep what a balance is compared at from now on."""
    await session.execute(
        insert(anchors).values(
            program_id=whose.program_id, source=whose.source, balance=balance, currency=currency,
            since=anchor.since, gap=anchor.gap,
        )
    )  # fmt: skip
