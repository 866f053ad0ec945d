"""Checks of limits and of the balance: how much and how often."""

from collections.abc import Mapping, Sequence
from typing import Final

from cardwright.payments.decision.facts import Facts, LimitFact
from cardwright.payments.decision.verdict import Check, failed, passed

_WINDOW_WORDS: Final[Mapping[str, str]] = {
    "per_authorization": "single-payment",
    "day": "daily",
    "week": "weekly",
    "month": "monthly",
    "year": "yearly",
    "lifetime": "lifetime",
}
_SCOPE_WORDS: Final[Mapping[str, str]] = {
    "card": "",
    "fixed": " fixed for the card",
    "customer": " of the customer",
    "level": " of the holder's verification level",
    "program": " of the program",
}
_SPANS: Final = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))


def limits(facts: Facts) -> Sequence[Check]:
    """Check every limit that concerns the purchase."""
    return [_limit(facts, limit) for limit in facts.limits]


def balance(facts: Facts) -> Check:
    """Check that the wallet covers what is asked."""
    asked, available = facts.money(facts.amount), facts.money(facts.available_balance)
    if facts.amount <= max(0, facts.available_balance):
        return passed("balance", f"{asked} is covered by {available} available.")
    missing = facts.money(facts.amount - facts.available_balance)
    return failed(
        "balance", "funds_insufficient", f"{asked} is more than the {available} available.",
        f"A top-up of at least {missing}.",
    )  # fmt: skip


def _limit(facts: Facts, limit: LimitFact) -> Check:
    is_count = limit.measure == "count"
    asked = (limit.asked or 0) if is_count else facts.amount
    remaining = max(0, limit.limit - limit.used)
    name, called = _name(limit), _called(limit)
    words = [_written(facts, limit, amount) for amount in (asked, limit.limit, limit.used)]
    if asked <= remaining:
        return passed(name, f"{words[0]} and {words[2]} used are within the {called} of {words[1]}.")
    return failed(
        name, "count_exceeded" if is_count else "limit_exceeded",
        f"{words[0]} on top of {words[2]} used exceeds the {called} of {words[1]}.",
        _hints(facts, limit, asked, remaining),
    )  # fmt: skip


def _hints(facts: Facts, limit: LimitFact, asked: int, remaining: int) -> str:
    hints = []
    if remaining > 0 and limit.measure == "amount":
        hints.append(f"An amount of at most {facts.money(remaining)}.")
    # An increment counts in the windows of its payment, however long it waits.
    if not facts.is_increment and limit.resets_at and asked <= limit.limit:
        hints.append(f"Waiting until {limit.resets_at}, when the limit {_resets(limit)}.")
    hints.append(f"A {_called(limit)} of at least {_written(facts, limit, limit.used + asked)}.")
    return " ".join(hints)


def _resets(limit: LimitFact) -> str:
    return "starts to free up" if limit.window == "rolling" else "starts anew"


def _name(limit: LimitFact) -> str:
    scope = "" if limit.scope == "card" else f"{limit.scope}_"
    return f"{scope}limit_{limit.window}" + ("_count" if limit.measure == "count" else "")


def _called(limit: LimitFact) -> str:
    window = _WINDOW_WORDS.get(limit.window) or _span(limit.span_seconds or 0)
    only = f" for {limit.only}" if limit.only else ""
    return f"{window} limit{only}{_SCOPE_WORDS[limit.scope]}"


def _span(seconds: int) -> str:
    length, unit = next(found for found in _SPANS if seconds % found[0] == 0)
    return f"{seconds // length}-{unit}"


def _written(facts: Facts, limit: LimitFact, amount: int) -> str:
    if limit.measure == "count":
        return f"{amount} payment" + ("" if amount == 1 else "s")
    return facts.money(amount)
