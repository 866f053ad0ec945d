"""Auto top-up as a value: the rule a person makes for when their balance is low, and when it acts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from cardwright.core.errors import Invalid
from cardwright.core.money import MAX_MINOR_UNITS, Money
from cardwright.funding.domain.top_ups import ensure_within_bounds

FAILURES_BEFORE_OFF: Final = 3
"""After so many failures with no success between them the rule is switched off."""


class OffReason(StrEnum):
    """Why the rule does not act."""

    SWITCHED_OFF = "switched_off"
    FAILED_REPEATEDLY = "failed_repeatedly"
    PAYMENT_METHOD_REMOVED = "payment_method_removed"
    TOP_UP_DISPUTED = "top_up_disputed"
    LEVEL_EXCEEDED = "level_exceeded"


OFF_EXPLANATIONS: Final[Mapping[OffReason, str]] = {
    OffReason.SWITCHED_OFF: "You switched it off.",
    OffReason.FAILED_REPEATEDLY: "The payment failed several times; check the payment method.",
    OffReason.PAYMENT_METHOD_REMOVED: "The payment method it used is not kept any more.",
    OffReason.TOP_UP_DISPUTED: "One of your top-ups is disputed at your bank.",
    OffReason.LEVEL_EXCEEDED: "Your level of verification allows no more; verify your identity.",
}


@dataclass(frozen=True, slots=True)
class AutoTopUp:
    """Add `amount` from a saved method when the available balance is below `threshold`.

    All amounts are in minor units of `currency`. `most_per_day` and `most_per_month` bound what it adds in a
    calendar day and month where the person lives. It acts while `off_reason` is None.
    """

    user_id: str
    program_id: str
    payment_method_id: str
    currency: str
    threshold: int
    amount: int
    most_per_day: int
    most_per_month: int
    set_at: datetime
    off_reason: OffReason | None = None


@dataclass(frozen=True, slots=True)
class AutoUsage:
    """What the rule has done: sums in minor units in the day and month, and failures since it last worked."""

    today: int
    this_month: int
    failures: int
    is_one_open: bool


def ensure_sensible(rule: AutoTopUp) -> None:
    """Raise Invalid for amounts that no top-up may have, or caps under which it could never act."""
    ensure_within_bounds(Money(rule.amount, rule.currency), program_currency=rule.currency)
    if not 0 < rule.threshold <= MAX_MINOR_UNITS:
        raise Invalid("threshold_out_of_bounds", "The threshold is more than nothing.")
    if not rule.amount <= rule.most_per_day <= rule.most_per_month:
        raise Invalid("caps_contradict", "One top-up fits into the cap of a day, and that into a month's.")


def is_due(rule: AutoTopUp, usage: AutoUsage, *, available: int) -> bool:
    """Answer whether the rule adds money now."""
    return (
        rule.off_reason is None
        and available < rule.threshold
        and not usage.is_one_open
        and usage.failures < FAILURES_BEFORE_OFF
        and usage.today + rule.amount <= rule.most_per_day
        and usage.this_month + rule.amount <= rule.most_per_month
    )
