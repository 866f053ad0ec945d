"""What of a payment can be disputed: its clearings, less what was refunded and what others claim. No I/O."""

from collections.abc import Sequence
from typing import Final

from cardwright.core.errors import Conflict, Invalid
from cardwright.disputes.domain import OPEN_STATES, Dispute, DisputeState
from cardwright.payments import Element, ElementKind, Payment

_CLEARINGS: Final = (ElementKind.CLEARING, ElementKind.FORCE_POST)


def find_clearing(payment: Payment, sequence: int | None) -> Element:
    """Return the clearing that is meant, the only one when none is named; raises Invalid."""
    clearings = [element for element in payment.elements if element.kind in _CLEARINGS]
    if sequence is not None:
        clearings = [element for element in clearings if element.sequence == sequence]
    if not clearings:
        raise Invalid("clearing_unknown", "Only a purchase that was charged can be disputed.")
    if len(clearings) > 1:
        raise Invalid(
            "clearing_ambiguous",
            "This was charged more than once: name the charge by the `sequence` of its element.",
        )
    return clearings[0]


def find_duplicated(other: Payment, payment_id: str, sequence: int) -> Element | None:
    """Return the first clearing of a payment that is not the disputed one itself."""
    clearings = [element for element in other.elements if element.kind in _CLEARINGS]
    return next((it for it in clearings if (other.id, it.sequence) != (payment_id, sequence)), None)


def disputable(payment: Payment, clearing: Element, others: Sequence[Dispute]) -> int:
    """Return how much of a clearing can be disputed: what was neither refunded nor claimed by others."""
    claims = [it for it in others if it.state in (*OPEN_STATES, DisputeState.WON)]
    of_clearing = clearing.amount - sum(it.amount for it in claims if it.sequence == clearing.sequence)
    of_payment = payment.totals.posted - sum(it.amount for it in claims)
    return max(0, min(of_clearing, of_payment))


def ensure_disputable(
    payment: Payment, clearing: Element, others: Sequence[Dispute], amount: int | None
) -> int:
    """Return the amount that is disputed, all there is when None.

    Raises Conflict `dispute_open`, `clearing_disputed` or `nothing_disputable`, Invalid `amount_too_high`.
    """
    earlier = [it for it in others if it.sequence == clearing.sequence]
    if any(it.state in OPEN_STATES for it in earlier):
        raise Conflict("dispute_open", "This charge is disputed already.")
    if any(it.is_filed for it in earlier):
        raise Conflict("clearing_disputed", "The network had a dispute of this charge: it takes one only.")
    most = disputable(payment, clearing, others)
    if most == 0:
        raise Conflict("nothing_disputable", "All of this charge was refunded or disputed.")
    if amount is not None and amount > most:
        raise Invalid("amount_too_high", "That is more than can be disputed of this charge.", at_most=most)
    return most if amount is None else amount
