"""The rate of a purchase abroad: what the network's two amounts of one element come to. No I/O."""

from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Final

from cardwright.core.money import EXPONENTS
from cardwright.payments.domain import Element

_EIGHT_DIGITS: Final = Context(prec=8, rounding=ROUND_HALF_EVEN)
"""More than the amounts of a purchase carry; cut here alone, as no amount is ever worked out from a rate."""


def exchange_rate(element: Element, currency: str) -> str | None:
    """Return how many units of the card's currency one of the merchant's came to, as a decimal string.

    None where both are the same currency or one is not known. Networks settle the amount, not the rate: it
    follows from the two amounts as they were told, rounded half to even at eight significant digits.

    >>> from datetime import datetime
    >>> from cardwright.payments.domain import ElementKind
    >>> spent = Element(
    ...     1, ElementKind.CLEARING, 33_60, "c", datetime(2026, 1, 1),
    ...     merchant_amount=30_00, merchant_currency="EUR",
    ... )
    >>> exchange_rate(spent, "USD")
    '1.12'
    """
    foreign, amount = element.merchant_currency, element.merchant_amount
    if foreign is None or foreign == currency or not amount or foreign not in EXPONENTS:
        return None
    ours = Decimal(element.amount).scaleb(-EXPONENTS[currency])
    theirs = Decimal(amount).scaleb(-EXPONENTS[foreign])
    return f"{_EIGHT_DIGITS.divide(ours, theirs).normalize():f}"
