"""The decision: facts in, verdict with its reasons out. Pure, so that any past decision can be recomputed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Self

from cardwright.core.money import Money
from cardwright.rules import CompiledRulebook, FactValue, RuleAction, RuleHit, evaluate


class Outcome(StrEnum):
    """The answer to the network."""

    APPROVED = "approved"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class LimitFact:
    """A limit as it stood: `used` of `limit` minor units in the window that ends at `resets_at`."""

    window: str
    limit: int
    used: int
    resets_at: str | None


@dataclass(frozen=True, slots=True)
class NetworkAnswer:
    """What the network answered the merchant without asking us, or in spite of our answer."""

    approved: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything a decision looked at; plain JSON values, stored whole beside the decision.

    Amounts are minor units of `currency`. `fields` are the values the rules read, by catalogue name.
    """

    decided_at: str
    amount: int
    currency: str
    card_currency: str | None
    card_state: str | None
    kyc_level: int
    available_balance: int
    limits: tuple[LimitFact, ...]
    fields: Mapping[str, FactValue]
    rulebook_version: int
    rulebook_hash: str
    network: NetworkAnswer | None = None
    schema: int = 1

    def to_json(self) -> dict[str, Any]:
        """Return the facts as JSON."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read back what `to_json` wrote."""
        network = stored["network"]
        return cls(
            **{
                **stored,
                "limits": tuple(LimitFact(**limit) for limit in stored["limits"]),
                "network": network and NetworkAnswer(**network),
            }
        )


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


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome, the first reason in the fixed order of checks, and every check with its explanation."""

    outcome: Outcome
    reason_code: str | None
    response_code: str
    checks: tuple[Check, ...]
    flags: tuple[str, ...]

    @property
    def explanation(self) -> str:
        """The first failed check in words; for an approval, that all checks passed."""
        return next((check.explanation for check in self.checks if not check.passed), "All checks passed.")

    @property
    def would_pass(self) -> str | None:
        """What would have let the payment pass, where the checks can say it."""
        hints = [check.would_pass for check in self.checks if check.would_pass]
        return " ".join(hints) or None

    def to_json(self) -> dict[str, Any]:
        """Return the verdict as JSON."""
        return asdict(self)


RESPONSE_CODES: Final[Mapping[str, str]] = {
    "card_unknown": "14",
    "card_inactive": "78",
    "card_frozen": "62",
    "card_canceled": "62",
    "currency_mismatch": "57",
    "kyc_required": "57",
    "limit_exceeded": "61",
    "funds_insufficient": "51",
    "rule_declined": "59",
    "network_declined": "05",
}
"""Our reason codes to ISO 8583 response codes, field 39; 00 approves."""

RULES_CHECK: Final = "rules"
"""The name of every check that a rule makes; its detail and what would pass are for staff only."""

_UNLOCK: Final[Mapping[str, str]] = {
    "frozen": "Unfreeze the card.",
    "inactive": "Wait until the card has been issued.",
    "canceled": "Use another card: a canceled one stays canceled.",
}


def decide(facts: Facts, rulebook: CompiledRulebook) -> Verdict:
    """Run every check in the fixed order; decline when one fails, or as the network has decided already."""
    hits = evaluate(rulebook, facts.fields)
    checks = [
        *_network(facts),
        *(check(facts) for check in _CHECKS),
        *(_limit(facts, limit) for limit in facts.limits),
        _balance(facts),
        *_rules(hits),
    ]
    failed = [check for check in checks if not check.passed]
    is_approved = facts.network.approved if facts.network else not failed
    reason = None if is_approved else failed[0].code
    return Verdict(
        outcome=Outcome.APPROVED if is_approved else Outcome.DECLINED,
        reason_code=reason,
        response_code="00" if reason is None else RESPONSE_CODES[reason],
        checks=tuple(checks),
        flags=tuple(hit.rule for hit in hits if hit.action is RuleAction.FLAG),
    )


def _network(facts: Facts) -> Sequence[Check]:
    if facts.network is None:
        return ()
    said = "approved" if facts.network.approved else "declined"
    explanation = f"The network {said} this itself: {facts.network.reason}."
    if facts.network.approved:
        return (Check("network", passed=True, code=None, explanation=explanation),)
    return (Check("network", passed=False, code="network_declined", explanation=explanation),)


def _card_state(facts: Facts) -> Check:
    if facts.card_state == "active":
        return Check("card_state", passed=True, code=None, explanation="The card is active.")
    if facts.card_state is None:
        return Check("card_state", passed=False, code="card_unknown", explanation="We do not know this card.")
    return Check(
        "card_state", passed=False, code=f"card_{facts.card_state}",
        explanation=f"The card is {facts.card_state}.", would_pass=_UNLOCK[facts.card_state],
    )  # fmt: skip


def _holder(facts: Facts) -> Check:
    if facts.kyc_level > 0:
        return Check("holder", passed=True, code=None, explanation="The holder's identity is verified.")
    return Check(
        "holder", passed=False, code="kyc_required", explanation="The holder's identity is not verified.",
        would_pass="Verify the holder's identity.",
    )  # fmt: skip


def _currency(facts: Facts) -> Check:
    if facts.card_currency in (facts.currency, None):
        return Check("currency", passed=True, code=None, explanation=f"The card pays in {facts.currency}.")
    return Check(
        "currency", passed=False, code="currency_mismatch",
        explanation=f"The network asked in {facts.currency}, the card pays in {facts.card_currency}.",
    )  # fmt: skip


_CHECKS: Final[Sequence[Callable[[Facts], Check]]] = (_card_state, _holder, _currency)


def _limit(facts: Facts, limit: LimitFact) -> Check:
    remaining = max(0, limit.limit - limit.used)
    asked, cap, used = (_money(facts, amount) for amount in (facts.amount, limit.limit, limit.used))
    name, called = f"limit_{limit.window}", _WINDOW_WORDS[limit.window]
    if facts.amount <= remaining:
        return Check(
            name, passed=True, code=None,
            explanation=f"{asked} and {used} used are within the {called} limit of {cap}.",
        )  # fmt: skip
    hints = []
    if remaining > 0:
        hints.append(f"An amount of at most {_money(facts, remaining)}.")
    # An increment counts in the windows of its payment, however long it waits.
    can_wait = facts.fields.get("kind") != "increment"
    if can_wait and limit.resets_at and facts.amount <= limit.limit:
        hints.append(f"Waiting until {limit.resets_at}, when the limit starts anew.")
    hints.append(f"A {called} limit of at least {_money(facts, limit.used + facts.amount)}.")
    return Check(
        name, passed=False, code="limit_exceeded",
        explanation=f"{asked} on top of {used} used exceeds the {called} limit of {cap}.",
        would_pass=" ".join(hints),
    )  # fmt: skip


def _balance(facts: Facts) -> Check:
    asked, available = _money(facts, facts.amount), _money(facts, facts.available_balance)
    if facts.amount <= max(0, facts.available_balance):
        return Check(
            "balance", passed=True, code=None, explanation=f"{asked} is covered by {available} available."
        )
    missing = _money(facts, facts.amount - facts.available_balance)
    return Check(
        "balance", passed=False, code="funds_insufficient",
        explanation=f"{asked} is more than the {available} available.",
        would_pass=f"A top-up of at least {missing}.",
    )  # fmt: skip


def _rules(hits: Sequence[RuleHit]) -> Sequence[Check]:
    declining = [hit for hit in hits if hit.action is RuleAction.DECLINE]
    if not declining:
        return (Check(RULES_CHECK, passed=True, code=None, explanation="No rule declines this."),)
    return [
        Check(
            RULES_CHECK, passed=False, code="rule_declined",
            explanation=hit.reason, detail=f"{hit.rule}: {hit.explanation}", would_pass=hit.would_pass,
        )
        for hit in declining
    ]  # fmt: skip


def _money(facts: Facts, amount: int) -> str:
    return str(Money(amount, facts.currency))


_WINDOW_WORDS: Final[Mapping[str, str]] = {
    "per_authorization": "single-payment",
    "day": "daily",
    "week": "weekly",
    "month": "monthly",
    "year": "yearly",
    "lifetime": "lifetime",
}


def instant_text(at: datetime | None) -> str | None:
    """Write an instant as the facts hold it: ISO 8601 to the second with its offset."""
    return None if at is None else at.isoformat(timespec="seconds")
