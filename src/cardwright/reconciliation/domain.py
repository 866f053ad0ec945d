"""Reports, both sides of a comparison, and the differences between them, as values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from cardwright.core.errors import Conflict


class Stream(StrEnum):
    """The lists that vendors give of what they did; `movements` is what moved their balances."""

    AUTHORIZATIONS = "authorizations"
    TRANSACTIONS = "transactions"
    CHARGES = "charges"
    REFUNDS = "refunds"
    DISPUTES = "disputes"
    CHARGE_DISPUTES = "charge_disputes"
    MOVEMENTS = "movements"


@dataclass(frozen=True, slots=True)
class Report:
    """One record of a list: what a vendor says of it at the moment.

    `amount` is in minor units, money that leaves us below zero; of an authorization it is what is held, above
    zero. `subject` names what it is about: the cause of a movement, otherwise the record itself. The lists of
    disputes are reported movement by movement, as each dispute names those that it caused. Two records of one
    `fingerprint` tell of the same thing. `fee` is what the vendor kept for itself. `raw` is the vendor's
    own record without what is nested in it.
    """

    stream: Stream
    external_id: str
    subject: str
    variant: str
    amount: int
    currency: str
    happened_at: datetime
    fingerprint: str
    card: str | None = None
    balance: str | None = None
    fee: int = 0
    raw: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Settled:
    """What the movements of a vendor's balance about one subject add up to; `copies` were listed again."""

    amount: int
    currency: str
    count: int
    copies: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Theirs:
    """What a vendor's list says of one record, and how often it lists it."""

    amount: int
    currency: str
    variant: str
    card: str | None
    happened_at: datetime
    fingerprint: str
    times: int = 1


@dataclass(frozen=True, slots=True)
class Ours:
    """What is recorded here of the same; `posted` is what the ledger's `entry` says, None without one."""

    amount: int
    currency: str
    variant: str
    card: str | None
    happened_at: datetime | None
    recorded_at: datetime
    fingerprint: str
    subject_id: str
    posted: int | None = None
    posted_at: datetime | None = None
    entry: str | None = None


class DifferenceKind(StrEnum):
    """In what two sides differ."""

    MISSING_HERE = "missing_here"
    MISSING_THERE = "missing_there"
    AMOUNT_DIFFERS = "amount_differs"
    CURRENCY_DIFFERS = "currency_differs"
    VARIANT_DIFFERS = "variant_differs"
    CARD_DIFFERS = "card_differs"
    DATE_DIFFERS = "date_differs"
    DUPLICATED_HERE = "duplicated_here"
    DUPLICATED_THERE = "duplicated_there"
    HOLD_LEFT_OPEN = "hold_left_open"
    HOLD_MISSING = "hold_missing"
    LATE = "late"
    TOTAL_DIFFERS = "total_differs"


class Cause(StrEnum):
    """Why, as far as the four views (list, balance, record, ledger) tell."""

    NOT_HEARD = "not_heard"
    NOT_TAKEN = "not_taken"
    ONLY_IN_BALANCE = "only_in_balance"
    NOT_POSTED = "not_posted"
    UNKNOWN_THERE = "unknown_there"
    NOT_LISTED = "not_listed"
    NOT_SETTLED = "not_settled"
    LISTED_TWICE = "listed_twice"
    COPIED_THERE = "copied_there"
    SETTLED_TWICE = "settled_twice"
    COPIED_HERE = "copied_here"
    LIST_SAYS_OTHERWISE = "list_says_otherwise"
    BALANCE_SAYS_OTHERWISE = "balance_says_otherwise"
    LEDGER_SAYS_OTHERWISE = "ledger_says_otherwise"
    RECORDED_OTHERWISE = "recorded_otherwise"
    HOLD_NOT_HEARD = "hold_not_heard"
    HEARD_LATE = "heard_late"
    UNEXPLAINED = "unexplained"
    BALANCE_UNEXPLAINED = "balance_unexplained"


SENTENCES: Final[Mapping[Cause, str]] = {
    Cause.NOT_HEARD: "The vendor has it and nothing is recorded here: its message was lost.",
    Cause.NOT_TAKEN: "The vendor has it, and reading it anew changed nothing here: somebody has to look why.",
    Cause.ONLY_IN_BALANCE: "The vendor's balance moved for something that neither its list nor we know.",
    Cause.NOT_POSTED: "It is recorded here, but the ledger has no entry for it.",
    Cause.UNKNOWN_THERE: "It is recorded here, and the vendor has neither listed it nor moved its balance.",
    Cause.NOT_LISTED: "The vendor's balance moved as recorded here, but its list leaves the record out.",
    Cause.NOT_SETTLED: "List and records agree, but the vendor's balance never moved for it.",
    Cause.LISTED_TWICE: "The vendor's list names the same record more than once.",
    Cause.COPIED_THERE: "The vendor lists another record of the same thing, and that one is recorded here.",
    Cause.SETTLED_TWICE: "The vendor's balance moved more than once for one record.",
    Cause.COPIED_HERE: "It tells of the same thing as another record here, which the vendor has once.",
    Cause.LIST_SAYS_OTHERWISE: "Only the vendor's list says this; its balance agrees with our records.",
    Cause.BALANCE_SAYS_OTHERWISE: "List and records agree; the vendor's balance moved otherwise.",
    Cause.LEDGER_SAYS_OTHERWISE: "The ledger's entry is not what was recorded.",
    Cause.RECORDED_OTHERWISE: "The vendor's list says other than what is recorded here.",
    Cause.HOLD_NOT_HEARD: "The vendor holds another amount: its message of the change was lost.",
    Cause.HEARD_LATE: "Both sides agree, but it was booked here more than a day after it happened.",
    Cause.BALANCE_UNEXPLAINED: "The vendor's balance is not what its listed movements add up to.",
    Cause.UNEXPLAINED: "What moved there and here in one day differs by more than all listed differences.",
}
"""What staff read of each cause."""


class DifferenceState(StrEnum):
    """Where a difference stands; `repaired` and `accepted` need no more work."""

    OPEN = "open"
    EXPLAINED = "explained"
    REPAIRED = "repaired"
    ACCEPTED = "accepted"


class Repair(StrEnum):
    """How a difference can be mended: by converging on the vendor's snapshot, by an entry, or not by us."""

    CONVERGE = "converge"
    ENTRY = "entry"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Found:
    """A difference as one comparison finds it; `delta` is what the ledger lacks of the vendor's balance."""

    kind: DifferenceKind
    cause: Cause
    delta: int = 0


@dataclass(frozen=True, slots=True)
class Difference:
    """A difference as it is kept; `record` names a kind of record, `delta` is in minor units."""

    id: str
    program_id: str
    source: str
    record: str
    external_id: str
    kind: DifferenceKind
    cause: Cause
    theirs: Mapping[str, Any] | None
    ours: Mapping[str, Any] | None
    delta: int
    currency: str
    state: DifferenceState
    repair: Repair
    tries: int
    happened_at: datetime
    first_seen_at: datetime
    last_seen_at: datetime
    closed_at: datetime | None = None
    reason: str | None = None
    decided_by: str | None = None
    approval_id: str | None = None

    def age(self, at: datetime) -> timedelta:
        """How long it has been seen, until it was closed."""
        return (self.closed_at or at) - self.first_seen_at


@dataclass(frozen=True, slots=True)
class DayTotal:
    """What one day moved in minor units: there, here, and as far as listed differences tell."""

    account: str
    currency: str
    day: date
    reported: int
    booked: int
    listed: int

    @property
    def unexplained(self) -> int:
        """What remains; zero, or something moved that stands behind no record."""
        return self.reported - self.booked - self.listed


class RunState(StrEnum):
    """Where a run stands."""

    REQUESTED = "requested"
    FETCHING = "fetching"
    COMPARING = "comparing"
    REPAIRING = "repairing"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Run:
    """One reconciliation up to the instant `as_of`, and how far it has come."""

    id: str
    program_id: str
    state: RunState
    requested_by: str
    as_of: datetime
    since: datetime | None
    created_at: datetime
    heard_at: datetime | None = None
    finished_at: datetime | None = None
    fetched: int = 0
    compared: int = 0
    found: int = 0
    repaired: int = 0


AGES: Final[Mapping[str, tuple[timedelta, timedelta]]] = {
    "under_1_day": (timedelta(0), timedelta(days=1)),
    "1_to_3_days": (timedelta(days=1), timedelta(days=3)),
    "3_to_7_days": (timedelta(days=3), timedelta(days=7)),
    "7_to_30_days": (timedelta(days=7), timedelta(days=30)),
    "over_30_days": (timedelta(days=30), timedelta(days=36_500)),
}
"""The buckets that open differences are counted in."""


def ensure_undecided(difference: Difference) -> None:
    """Raise Conflict `difference_closed` unless somebody can still do something about it."""
    if difference.closed_at is not None:
        raise Conflict("difference_closed", "Both sides agree again.", state=difference.state.value)
