"""Totals per day: what moved a vendor's balance, what the ledger's mirror of it moved, what differences tell.

A control of the comparison itself: what no listed difference explains stands behind no record that we know.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, NamedTuple

from cardwright import ledger
from cardwright.db.session import Session
from cardwright.reconciliation import keeping, reported_store, store, totals_store
from cardwright.reconciliation.comparing import Compared
from cardwright.reconciliation.domain import (
    Cause,
    DayTotal,
    DifferenceKind,
    Found,
    Ours,
    Settled,
)
from cardwright.reconciliation.kinds import DAYS, KINDS
from cardwright.reconciliation.matching import LATE
from cardwright.reconciliation.reported_store import Whose


class Day(NamedTuple):
    """One account of the ledger in one currency on one day in UTC."""

    account: str
    currency: str
    day: date


ACCOUNTS: Final[Mapping[str, frozenset[str]]] = {
    account: frozenset(
        variant for kind in KINDS.values() if kind.account == account for variant in kind.movements
    )
    for account in sorted({kind.account for kind in KINDS.values() if kind.account is not None})
}
"""The ledger's mirrors of vendors' balances, and the movements there that belong to each."""


async def total(
    session: Session, whose: Whose, *, since: datetime, as_of: datetime, at: datetime,
    dated: Mapping[str, date],
) -> keeping.Kept:  # fmt: skip
    """Add up each day that is over on both sides, keep the totals, and list what remains as differences.

    `dated` says on which day that happened there which an entry of the ledger books.
    """
    dated = {**dated, **await store.days_of_entries(session, whose.program_id)}
    days: dict[Day, list[int]] = defaultdict(lambda: [0, 0, 0])
    first, last = since.date(), (as_of - LATE).date() - timedelta(days=1)
    for account, variants in ACCOUNTS.items():
        moved = await reported_store.moved_by_day(session, whose, variants, since)
        for currency, on, amount in moved:
            days[Day(account, currency, on)][0] += amount
        for currency, on, amount in await _booked(session, whose, account, since, as_of, dated):
            days[Day(account, currency, on)][1] += amount
    for difference in await store.lacking(session, whose.program_id, whose.source):
        mirror = KINDS[difference.record].account if difference.record in KINDS else None
        if mirror is not None:
            day = Day(mirror, difference.currency, difference.happened_at.date())
            days[day][2] += difference.delta
    found = [DayTotal(*day, *sums) for day, sums in sorted(days.items()) if first <= day.day <= last]
    await totals_store.save_days(session, whose, found, at)
    return await keeping.keep(session, DAYS, whose, [_compared(it) for it in found], at)


async def _booked(
    session: Session, whose: Whose, account: str, since: datetime, as_of: datetime, dated: Mapping[str, date]
) -> Sequence[tuple[str, date, int]]:
    """Return what the ledger moved, on the day on which it happened there where that is known."""
    changes = await ledger.changes_between(
        session, program_id=whose.program_id, code=account, since=since, until=as_of
    )
    return [(it.currency, dated.get(it.external_id, it.posted_at.date()), it.amount) for it in changes]


def _compared(total: DayTotal) -> Compared:
    midnight = datetime.combine(total.day, time.min, UTC)
    moved = Settled(total.reported, total.currency, 0, 0, midnight, midnight)
    booked = Ours(
        total.booked, total.currency, DAYS.name, None, midnight, midnight, "", total.account,
        posted=total.booked, posted_at=midnight,
    )  # fmt: skip
    differs = Found(DifferenceKind.TOTAL_DIFFERS, Cause.UNEXPLAINED, total.unexplained)
    external_id = f"{total.account}:{total.currency}:{total.day.isoformat()}"
    return Compared(external_id, None, moved, booked, (differs,) if total.unexplained else ())
