"""Whole-number arithmetic as the language defines it, on values and on bounds."""

import operator
from collections.abc import Callable
from typing import Final

from cardwright.rules.language.syntax import ArithmeticOperator
from cardwright.rules.language.types import Bounds


def quotient(dividend: int, divisor: int) -> int:
    """Divide by a positive number, truncating toward zero.

    >>> quotient(7, 2), quotient(-7, 2)
    (3, -3)
    """
    return dividend // divisor if dividend >= 0 else -(-dividend // divisor)


def remainder(dividend: int, divisor: int) -> int:
    """Return what `quotient` leaves; it has the sign of the dividend.

    >>> remainder(7, 2), remainder(-7, 2)
    (1, -1)
    """
    return dividend - divisor * quotient(dividend, divisor)


OPERATIONS: Final[dict[ArithmeticOperator, Callable[[int, int], int]]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": quotient,
    "%": remainder,
}


def bounds_of(symbol: ArithmeticOperator, left: Bounds, right: Bounds) -> Bounds:
    """Return the bounds of `left symbol right`; for `/` and `%`, `right` must be one positive number."""
    if symbol == "%":
        greatest = right.high - 1
        return Bounds(-min(greatest, max(0, -left.low)), min(greatest, max(0, left.high)))
    # The other operations are monotonic in each operand, so the extremes stand at the corners.
    operation = OPERATIONS[symbol]
    corners = [operation(one, two) for one in (left.low, left.high) for two in (right.low, right.high)]
    return Bounds(min(corners), max(corners))
