"""What a backtest finds: rules, how they overlap, and whose payments would have ended otherwise. No I/O."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import sqrt
from typing import Final

CHUNK: Final = 25
"""So many conditions at once: engines take more than linear time to plan more of them."""
MOST_EXAMPLES: Final = 10
_Z: Final = 1.959964
"""The 97.5th percentile of the normal distribution: 95 % lie within."""


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole, and the interval in which its true share lies with 95 % (Wilson's)."""

    part: int
    whole: int

    @property
    def value(self) -> float:
        """Return the share, 0 to 1."""
        return self.part / self.whole

    @property
    def interval(self) -> tuple[float, float]:
        """Return its least and its greatest likely value.

        >>> tuple(round(bound, 3) for bound in Share(8, 10).interval)
        (0.49, 0.943)
        """
        whole, square = self.whole, _Z * _Z
        middle = (self.value + square / (2 * whole)) / (1 + square / whole)
        spread = _Z * sqrt(self.value * (1 - self.value) / whole + square / (4 * whole * whole))
        spread /= 1 + square / whole
        return max(0.0, middle - spread), min(1.0, middle + spread)


def share(part: int, whole: int) -> Share | None:
    """Return a share; None of nothing."""
    return Share(part, whole) if whole else None


@dataclass(frozen=True, slots=True)
class Example:
    """An authorization that a rule matched; `amount` in minor units of `currency`, `label` where known."""

    decision_id: str
    payment_id: str | None
    decided_at: datetime
    amount: int
    currency: str
    is_approved: bool
    label: str | None


@dataclass(frozen=True, slots=True)
class RuleFindings:
    """What one rule does over the history.

    `value` is what its matches asked for, by currency, in minor units. `fraud` and `genuine` are its matches
    that are labelled so, `unlabelled` approved ones that are neither: what was declined can have no label.
    `would_decline` are approved ones that it would have declined, given the rules it was tried with;
    `good_customers` holders who would have been declined a payment that is not known as fraud.
    """

    rule: str
    action: str
    stage: str
    is_tested: bool
    matches: int
    approved: int
    declined: int
    unique: int
    value: Mapping[str, int]
    fraud: int
    genuine: int
    unlabelled: int
    precision: Share | None
    recall: Share | None
    would_decline: int
    good_customers: int
    examples: Sequence[Example]


@dataclass(frozen=True, slots=True)
class Overlap:
    """How many authorizations two rules both match."""

    rule: str
    other: str
    matches: int


@dataclass(frozen=True, slots=True)
class Change:
    """Authorizations whose outcome would have been another, with their value by currency in minor units."""

    count: int
    value: Mapping[str, int]
    fraud: int
    genuine: int
    customers: int


@dataclass(frozen=True, slots=True)
class History:
    """What was looked at: `first_at` and `last_at` are the first and the last authorization.

    `undecided` were answered by the network itself, so that no rule changes them. `incomplete` lack a value
    that the tested rules read, as it was not recorded then: there those rules are taken not to match.
    """

    first_at: datetime | None
    last_at: datetime | None
    authorizations: int
    approved: int
    declined: int
    undecided: int
    incomplete: int
    fraud: int
    genuine: int


@dataclass(frozen=True, slots=True)
class Findings:
    """What a run found; overlaps of none are left out."""

    history: History
    rules: Sequence[RuleFindings]
    overlaps: Sequence[Overlap]
    newly_declined: Change
    newly_approved: Change
