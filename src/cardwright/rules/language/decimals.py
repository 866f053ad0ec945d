"""What to write in place of a number with a point: what the field beside it counts."""

import re
from decimal import Decimal
from typing import Final

from cardwright.rules.language.catalogue import Catalogue, Field, Unit
from cardwright.rules.language.diagnostics import ExpressionError, diagnose
from cardwright.rules.language.tokens import DecimalFound

_NAME: Final = r"([A-Za-z_][A-Za-z0-9_.]*)"
_COMPARES: Final = r"(?:[<>]=?|==|!=)"
_BEFORE: Final = re.compile(rf"{_NAME}\s*{_COMPARES}\s*-?\s*$")
_AFTER: Final = re.compile(rf"\s*{_COMPARES}\s*{_NAME}")
_LOOKED_AT: Final = 200
_THOUSAND: Final = 1_000
_SINGULAR: Final = frozenset({Unit.COUNT, Unit.LEVEL})


def explain_decimal(source: str, found: DecimalFound, catalogue: Catalogue) -> ExpressionError:
    """Return the fault in the words of the field that the number is compared with, or as it was."""
    field = catalogue.find(_neighbour(source, found))
    if field is None or field.unit is None or field.unit is Unit.MINOR_UNITS:
        return ExpressionError(*found.diagnostics)
    message = f"only whole numbers exist here; {_unit(field, found.written)}"
    return ExpressionError(diagnose(source, found.span, message))


def _neighbour(source: str, found: DecimalFound) -> str:
    start, end = found.span.start, found.span.end
    before = _BEFORE.search(source[max(0, start - _LOOKED_AT) : start])
    after = _AFTER.match(source[end : end + _LOOKED_AT])
    match = before or after
    return match[1] if match else ""


def _unit(field: Field, written: str) -> str:
    if field.unit is not Unit.THOUSANDTHS:
        return f"{field.name} is {'a' if field.unit in _SINGULAR else 'in'} {field.unit}"
    scaled = Decimal(written) * _THOUSAND
    example = f", {written} is {scaled:.0f}" if scaled == scaled.to_integral_value() else ""
    return f"{field.name} is in thousandths{example}"
