"""What comes out of a decision: the outcome, and every check with its words and numbers."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from cardwright.core.plain import plain


class Outcome(StrEnum):
    """The answer to the network."""

    APPROVED = "approved"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class Check:
    """One check: its numbers in words, and, where it failed, what would have let the payment pass.

    `detail` is for staff: a holder who could read a fraud rule could walk round it.
    """

    name: str
    passed: bool
    code: str | None
    explanation: str
    would_pass: str | None = None
    detail: str | None = None


def passed(name: str, explanation: str) -> Check:
    """Return a check that passed."""
    return Check(name, passed=True, code=None, explanation=explanation)


def failed(name: str, code: str, explanation: str, would_pass: str | None = None) -> Check:
    """Return a check that declines."""
    return Check(name, passed=False, code=code, explanation=explanation, would_pass=would_pass)


RULES_CHECK: Final = "rules"
"""The name of every check that a rule makes; its detail and what would pass are for staff only."""


@dataclass(frozen=True, slots=True)
class ShadowHit:
    """What a rule would have done that only watches, and why."""

    rule: str
    action: str
    explanation: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome, the first reason in the fixed order of checks, and every check with its explanation.

    Of the rules that hit, those that declined or asked the holder are among the checks; `flags` are those
    that flag, `set_aside` those that `allowed_by` overruled, `shadow` those that only watch. `lock_reason` is
    why the card is to be locked, where it is.
    """

    outcome: Outcome
    reason_code: str | None
    response_code: str
    checks: tuple[Check, ...]
    flags: tuple[str, ...]
    approved_amount: int | None = None
    """What is approved where that is less than was asked, in minor units."""
    allowed_by: tuple[str, ...] = ()
    set_aside: tuple[str, ...] = ()
    shadow: tuple[ShadowHit, ...] = ()
    score: int | None = None
    lock_reason: str | None = None

    @property
    def explanation(self) -> str:
        """The first failed check in words; for an approval, that all checks passed."""
        return next((check.explanation for check in self.checks if not check.passed), "All checks passed.")

    @property
    def holders_hint(self) -> str | None:
        """What would have let the payment pass the first check that failed; nothing where that is a rule."""
        failing = next((check for check in self.checks if not check.passed), None)
        return None if failing is None or failing.name == RULES_CHECK else failing.would_pass

    @property
    def would_pass(self) -> str | None:
        """What would have let the payment pass, where the checks can say it."""
        hints = [check.would_pass for check in self.checks if check.would_pass]
        return " ".join(hints) or None

    def to_json(self) -> dict[str, Any]:
        """Return the verdict as JSON; what most verdicts do not have is left out."""
        found: dict[str, Any] = plain(self)
        return {name: value for name, value in found.items() if name not in _RARE or value not in _ABSENT}


_RARE: Final = frozenset({"approved_amount", "allowed_by", "set_aside", "shadow", "score", "lock_reason"})
_ABSENT: Final[tuple[object, ...]] = (None, [])


RESPONSE_CODES: Final[Mapping[str, str]] = {
    "card_unknown": "14",
    "card_inactive": "78",
    "card_frozen": "62",
    "card_locked": "62",
    "card_canceled": "62",
    "currency_mismatch": "57",
    "kyc_required": "57",
    "card_not_yet_valid": "57",
    "card_no_longer_valid": "54",
    "uses_exhausted": "65",
    "amount_not_exact": "13",
    "merchant_locked": "57",
    "category_not_allowed": "57",
    "merchant_not_allowed": "57",
    "country_not_allowed": "57",
    "channel_not_allowed": "57",
    "hour_not_allowed": "57",
    "limit_exceeded": "61",
    "count_exceeded": "65",
    "funds_insufficient": "51",
    "rule_declined": "59",
    "score_too_high": "59",
    "challenge_required": "1A",
    "network_declined": "05",
    "processor_behind": "05",
}
"""Our reason codes to ISO 8583 response codes, field 39; 00 approves."""
