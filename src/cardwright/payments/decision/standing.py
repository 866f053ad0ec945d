"""Checks of what card and holder are at the moment: state, identity, currency."""

from collections.abc import Mapping, Sequence
from typing import Final

from cardwright.payments.decision.facts import Facts
from cardwright.payments.decision.verdict import Check, failed, passed

_UNLOCK: Final[Mapping[str, str]] = {
    "frozen": "Unfreeze the card.",
    "locked": "Ask support: the card was locked by staff.",
    "inactive": "Wait until the card has been issued.",
    "canceled": "Use another card: a canceled one stays canceled.",
}


def standing(facts: Facts) -> Sequence[Check]:
    """Check state, identity and currency."""
    return (_card_state(facts), _holder(facts), _currency(facts))


def _card_state(facts: Facts) -> Check:
    if facts.card_state == "active":
        return passed("card_state", "The card is active.")
    if facts.card_state is None:
        return failed("card_state", "card_unknown", "We do not know this card.")
    state = facts.card_state
    return failed("card_state", f"card_{state}", f"The card is {state}.", _UNLOCK[state])


def _holder(facts: Facts) -> Check:
    if facts.kyc_level > 0:
        return passed("holder", "The holder's identity is verified.")
    return failed(
        "holder", "kyc_required", "The holder's identity is not verified.", "Verify the holder's identity."
    )


def _currency(facts: Facts) -> Check:
    if facts.card_currency in (facts.currency, None):
        return passed("currency", f"The card pays in {facts.currency}.")
    return failed(
        "currency", "currency_mismatch",
        f"The network asked in {facts.currency}, the card pays in {facts.card_currency}.",
    )  # fmt: skip
