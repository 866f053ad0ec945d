"""Double entry as values: the chart of accounts, postings, entries. No I/O."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from cardwright.core.errors import Invalid
from cardwright.core.money import ensure_minor_units


class Side(StrEnum):
    """The two columns of a ledger."""

    DEBIT = "debit"
    CREDIT = "credit"


@dataclass(frozen=True, slots=True)
class AccountClass:
    """What every account of one code has in common.

    `floor` is the least available balance in minor units, None for no floor. A `shared` account belongs to
    the program: it keeps no running balance, so that it never becomes the lock that every payment waits for.
    """

    normal_side: Side
    shared: bool
    floor: int | None
    purpose: str


CHART: Final[dict[str, AccountClass]] = {
    "wallet": AccountClass(Side.CREDIT, shared=False, floor=0, purpose="What a cardholder may spend."),
    "receivable": AccountClass(
        Side.DEBIT, shared=False, floor=0, purpose="What a cardholder owes: clearings no balance covered."
    ),
    "issuer_settlement": AccountClass(
        Side.DEBIT, shared=True, floor=None, purpose="Our money at the issuer, which settles purchases."
    ),
    "funding_in_transit": AccountClass(
        Side.DEBIT, shared=True, floor=None, purpose="Top-ups confirmed by the gateway, not yet paid out."
    ),
    "fees": AccountClass(Side.CREDIT, shared=True, floor=None, purpose="What the program earned."),
    "dispute_suspense": AccountClass(
        Side.DEBIT, shared=True, floor=None, purpose="Disputed amounts until the network decides."
    ),
    "fraud_losses": AccountClass(Side.DEBIT, shared=True, floor=None, purpose="What fraud cost."),
    "corrections": AccountClass(
        Side.DEBIT, shared=True, floor=None, purpose="Differences found and being explained."
    ),
}
"""The chart of accounts of each program and currency."""


@dataclass(frozen=True, slots=True)
class Account:
    """A ledger account; balances are in minor units on its normal side and current only under a lock."""

    id: str
    program_id: str
    code: str
    owner_id: str
    currency: str
    posted_balance: int
    held: int

    @property
    def available_balance(self) -> int:
        """What is posted and not held."""
        return self.posted_balance - self.held


@dataclass(frozen=True, slots=True)
class Posting:
    """One line of an entry: a positive amount in minor units on one side of one account."""

    account: Account
    side: Side
    amount: int

    @property
    def change(self) -> int:
        """By how much it moves the account's balance, seen from the account's normal side."""
        return self.amount if self.side is CHART[self.account.code].normal_side else -self.amount


@dataclass(frozen=True, slots=True)
class Entry:
    """A posted journal entry; `was_posted_now` is False when its external id had been posted before."""

    id: str
    kind: str
    external_id: str
    currency: str
    posted_at: datetime
    was_posted_now: bool


@dataclass(frozen=True, slots=True)
class Hold:
    """Money set aside for a payment: `remaining` of it is neither captured nor released."""

    id: str
    account_id: str
    payment_id: str
    remaining: int
    expires_at: datetime


class PeriodAction(StrEnum):
    """What was done to the books of a month."""

    CLOSED = "closed"
    REOPENED = "reopened"


@dataclass(frozen=True, slots=True)
class PeriodChange:
    """A month that was closed or opened again; nothing is dated before `closed_until` of the newest change.

    `month` is its first day, and months begin and end in UTC. `trial_balance` is how the books stood at the
    end of a month when it was closed: per account code the totals since the beginning.
    """

    id: str
    program_id: str
    sequence: int
    month: date
    action: PeriodAction
    closed_until: datetime
    trial_balance: Sequence[Mapping[str, Any]] | None
    changed_at: datetime
    approval_id: str


def month_of(text: str) -> date:
    """Return the first day of a month such as "2026-10"."""
    return date.fromisoformat(f"{text}-01")


def month_begins(month: date) -> datetime:
    """Return the first instant of a month.

    >>> month_begins(month_of("2026-12")).isoformat(), month_ends(month_of("2026-12")).isoformat()
    ('2026-12-01T00:00:00+00:00', '2027-01-01T00:00:00+00:00')
    """
    return datetime(month.year, month.month, 1, tzinfo=UTC)


def month_ends(month: date) -> datetime:
    """Return the first instant after a month."""
    return month_begins((month + timedelta(days=31)).replace(day=1))


def last_instant(month: date) -> datetime:
    """Return the last instant of a month that the database tells from the next."""
    return month_ends(month) - timedelta(microseconds=1)


def snapshots_in_force(newest_first: Sequence[PeriodChange]) -> list[PeriodChange]:
    """Return the closings of a program that were not taken back since."""
    found, opened_from = [], None
    for change in newest_first:
        if change.action is PeriodAction.REOPENED:
            opened_from = min(opened_from or change.closed_until, change.closed_until)
        elif opened_from is None or change.closed_until <= opened_from:
            found.append(change)
    return found


@dataclass(frozen=True, slots=True)
class EntryFilter:
    """Which entries somebody wants to see; None leaves a condition out. `until` is no longer part of it."""

    account_id: str | None = None
    kind: str | None = None
    external_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    payment_id: str | None = None


@dataclass(frozen=True, slots=True)
class AccountFilter:
    """Which accounts somebody wants to see; None leaves a condition out."""

    code: str | None = None
    owner_id: str | None = None
    currency: str | None = None


def ensure_balanced(postings: Sequence[Posting]) -> None:
    """Raise Invalid unless there are debits and credits of one currency that add up to the same.

    The database checks the same at commit; this one names the mistake where it is made.
    """
    if len({posting.account.currency for posting in postings}) != 1:
        raise Invalid("entry_mixed_currency", "An entry moves money of exactly one currency.")
    if any(ensure_minor_units(posting.amount) <= 0 for posting in postings):
        raise Invalid("entry_amount_invalid", "A posting's amount is a positive number of minor units.")
    debits, credits_ = (
        sum(posting.amount for posting in postings if posting.side is side)
        for side in (Side.DEBIT, Side.CREDIT)
    )
    if debits != credits_:
        raise Invalid("entry_unbalanced", f"Debits of {debits} and credits of {credits_} differ.")


def opposite(side: Side) -> Side:
    """Return the other column.

    >>> opposite(Side.DEBIT)
    <Side.CREDIT: 'credit'>
    """
    return Side.CREDIT if side is Side.DEBIT else Side.DEBIT


def split_debit(amount: int, available: int) -> tuple[int, int]:
    """Divide a debit that must happen into what the available balance covers and what becomes owed.

    >>> split_debit(80, 50), split_debit(80, -5), split_debit(80, 100)
    ((50, 30), (0, 80), (80, 0))
    """
    covered = max(0, min(amount, available))
    return covered, amount - covered
