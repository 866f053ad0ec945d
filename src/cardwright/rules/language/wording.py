"""How values read in explanations: amounts as decimals of their currency, texts in quotes."""

import json
from collections.abc import Iterable
from typing import Final

from cardwright.core.money import EXPONENTS, decimal_text
from cardwright.rules.language.catalogue import Unit
from cardwright.rules.language.syntax import Value

_LONGEST_TEXT: Final = 80


def value_text(value: Value, unit: Unit | None = None, currency: object = None) -> str:
    """Write a value; minor units become a decimal when the currency is known.

    >>> value_text(41200, Unit.MINOR_UNITS, "USD"), value_text("NG"), value_text(True)
    ('412.00', '"NG"', 'true')
    """
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if unit is Unit.MINOR_UNITS and isinstance(currency, str) and currency in EXPONENTS:
        return decimal_text(value, currency)
    return str(value)


def list_text(values: Iterable[Value], unit: Unit | None = None, currency: object = None) -> str:
    """Write values side by side, with commas."""
    return ", ".join(value_text(value, unit, currency) for value in values)


def _quoted(text: str) -> str:
    shown = text if len(text) <= _LONGEST_TEXT else text[:_LONGEST_TEXT] + "…"
    # Half a surrogate pair is written as an escape: what stores the explanation could not encode it.
    return json.dumps(shown, ensure_ascii=False).encode(errors="backslashreplace").decode()
