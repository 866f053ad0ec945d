"""Double entry as values: the chart of accounts, postings, entries. No I/O."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

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


def split_debit(amount: int, available: int) -> tuple[int, int]:
    """Divide a debit that must happen into what the available balance covers and what becomes owed.

    >>> split_debit(80, 50), split_debit(80, -5), split_debit(80, 100)
    ((50, 30), (0, 80), (80, 0))
    """
    covered = max(0, min(amount, available))
    return covered, amount - covered
