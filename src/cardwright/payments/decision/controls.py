"""Checks of what may be bought where and when, whatever it costs."""

from collections.abc import Mapping, Sequence
from typing import Final

from cardwright.cards import Control, Dimension, Effect, Purchase
from cardwright.payments.decision.facts import ControlFact, Facts
from cardwright.payments.decision.verdict import Check, failed, passed

_SINGULAR: Final[Mapping[Dimension, str]] = {
    Dimension.CATEGORIES: "category",
    Dimension.MERCHANTS: "merchant",
    Dimension.COUNTRIES: "country",
    Dimension.CHANNELS: "channel",
    Dimension.HOURS: "hour",
}
_OF_SCOPE: Final[Mapping[str, str]] = {
    "card": "the card",
    "fixed": "this kind of card",
    "customer": "the customer",
    "level": "the holder's verification level",
    "program": "the program",
}


def controls(facts: Facts) -> Sequence[Check]:
    """Check every control that held for the card."""
    if facts.purchase is None:
        return ()
    return [_control(facts, facts.purchase, found) for found in facts.controls]


def _control(facts: Facts, purchase: Purchase, found: ControlFact) -> Check:
    control = Control(Dimension(found.dimension), Effect(found.effect), found.values)
    what, whose = _SINGULAR[control.dimension], _OF_SCOPE[found.scope]
    value = _value(purchase, control.dimension)
    name = f"{found.scope}_{found.effect}_{found.dimension}"
    if control.permits(purchase):
        return passed(name, f"The {what} {value} is allowed for {whose}.")
    refusal = f"The {what} {value} is {_refused(control)} for {whose}."
    if found.scope == "card" and facts.exception is not None:
        return passed(name, f"{refusal[:-1]}, but {purchase.merchant_name} is until {facts.exception.until}.")
    return failed(name, f"{what}_not_allowed", refusal, _hint(found, purchase, what))


def _refused(control: Control) -> str:
    return "blocked" if control.effect is Effect.BLOCKED else "not among those allowed"


def _hint(found: ControlFact, purchase: Purchase, what: str) -> str:
    if found.scope != "card":
        return f"Ask support: this {what} is set by staff."
    return f"Allow {purchase.merchant_name} for a while, or change the card's {found.dimension}."


def _value(purchase: Purchase, dimension: Dimension) -> str:
    match dimension:
        case Dimension.CATEGORIES:
            return f"{purchase.category or purchase.group} ({purchase.mcc})"
        case Dimension.MERCHANTS:
            return purchase.merchant_name
        case Dimension.COUNTRIES:
            return purchase.country or "that is not told"
        case Dimension.CHANNELS:
            return purchase.channel
    return f"{purchase.minute // 60:02}:{purchase.minute % 60:02}"
