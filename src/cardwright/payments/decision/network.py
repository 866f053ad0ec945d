"""What the network decided without us, beside what our own checks say of the same request."""

from collections.abc import Mapping, Sequence
from typing import Final

from cardwright.payments.decision.facts import DeclineCause, NetworkAnswer
from cardwright.payments.decision.verdict import Check, failed, passed

_OURS_EXPLAIN: Final = frozenset({DeclineCause.MIRROR, DeclineCause.UNHEARD, DeclineCause.FUNDS})
"""The declines that only come before ours: what we would have said is why the payment cannot pass."""

_WORDS: Final[Mapping[DeclineCause, tuple[str, str]]] = {
    DeclineCause.MIRROR: (
        "Nothing here declines this: a change has not reached the processor yet; try again in a moment.",
        "Trying again in a moment, once the processor knows of the change.",
    ),
    DeclineCause.UNHEARD: ("Our answer did not reach the network in time; try again.", "Trying again."),
    DeclineCause.FUNDS: (
        "The issuer's account at the processor does not cover this; your own money is not the reason.",
        "Trying again later, or asking support.",
    ),
    DeclineCause.HOLDER: (
        "The processor takes no payments of this cardholder at the moment.",
        "Ask support: the processor needs something settled about the cardholder.",
    ),
    DeclineCause.CREDENTIALS: (
        "Something given with the card, such as its code or address, was wrong.",
        "Trying again with the card's number, date, code and address as they are.",
    ),
    DeclineCause.EXPIRED: ("The card has expired.", "Use another card, or have this one replaced."),
}


def with_network(network: NetworkAnswer | None, checks: Sequence[Check]) -> Sequence[Check]:
    """Return our checks with the network's answer among them: before them, or after where they explain it."""
    if network is None:
        return checks
    if network.approved or network.cause is None:
        return (_recorded(network), *checks)
    if network.cause not in _OURS_EXPLAIN:
        return (_declined(network, network.cause), *checks)
    if any(not check.passed for check in checks):
        return (*checks, _recorded(network))
    return (*checks, _declined(network, network.cause))


def _recorded(network: NetworkAnswer) -> Check:
    said = "approved" if network.approved else "declined"
    explanation = f"The network {said} this itself: {network.reason}."
    if network.approved:
        return passed("network", explanation)
    return failed("network", "network_declined", explanation)


def _declined(network: NetworkAnswer, cause: DeclineCause) -> Check:
    unknown = f"The network declined this itself: {network.reason.replace('_', ' ')}.", "Asking support."
    explanation, hint = _WORDS.get(cause, unknown)
    code = "processor_behind" if cause is DeclineCause.MIRROR else "network_declined"
    return failed("network", code, explanation, hint)
