"""Telling card numbers in what people write, so that none is kept where it does not belong."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from cardwright.core.errors import Invalid

_SHORTEST: Final = 13
_LONGEST: Final = 19
_GROUPS: Final = re.compile(r"\d+(?:[\s\-\u2010-\u2015\u2212]{1,2}\d+)*")
_GROUP: Final = re.compile(r"\d+")


def ensure_no_card_number(text: str) -> str:
    """Return a text; raise Invalid `card_number_refused` where a card number seems to be in it."""
    if holds_card_number(text):
        raise Invalid("card_number_refused", "This looks like a card number: do not write one down here.")
    return text


def holds_card_number(text: str) -> bool:
    """Answer whether 13 to 19 digits in a row, or in groups with spaces or dashes, end in a Luhn check digit.

    >>> holds_card_number("My 4242-4242 4242 4242, the blue one")
    True
    >>> holds_card_number("Invoice 4242424242424241")
    False
    """
    written = unicodedata.normalize("NFKC", text)
    return any(
        _is_luhn_valid(digits)
        for groups in _GROUPS.findall(written)
        for digits in _joined(_GROUP.findall(groups))
    )


def _joined(groups: list[str]) -> Iterator[str]:
    for first in range(len(groups)):
        digits = ""
        for group in groups[first:]:
            digits += group
            if len(digits) > _LONGEST:
                break
            if len(digits) >= _SHORTEST:
                yield digits


def _is_luhn_valid(digits: str) -> bool:
    # Every other digit counts twice, and of what that makes, the digits are added up.
    total = sum(sum(divmod(int(digit) * (1 + place % 2), 10)) for place, digit in enumerate(reversed(digits)))
    # No number starts with a zero; a row of zeros would check.
    return int(digits[0]) != 0 and total % 10 == 0
