"""Amounts as people write them: minor units in, decimals out, and back."""

import re
from decimal import Decimal

_EXPONENTS = {"BHD": 3, "CLP": 0, "JOD": 3, "JPY": 0, "KRW": 0, "KWD": 3, "OMR": 3, "TND": 3, "VND": 0}
_USUAL_EXPONENT = 2
_WRITTEN = re.compile(r"\d{1,9}(?:\.\d{1,3})?", re.ASCII)


def written(amount: int, currency: str) -> str:
    """Write an amount in minor units with its currency: 1250 and "usd" become "12.50 USD"."""
    code = currency.upper()
    exponent = _EXPONENTS.get(code, _USUAL_EXPONENT)
    sign = "\N{MINUS SIGN}" if amount < 0 else ""
    return f"{sign}{Decimal(abs(amount)).scaleb(-exponent):,.{exponent}f} {code}"


def parsed(text: str, currency: str) -> int:
    """Read a decimal such as "12.5" as minor units; ValueError when it is no amount of that currency."""
    text = text.strip()
    exponent = _EXPONENTS.get(currency.upper(), _USUAL_EXPONENT)
    minor = Decimal(text).scaleb(exponent) if _WRITTEN.fullmatch(text) else None
    if minor is None or minor != int(minor):
        raise ValueError(f"“{text}” is not an amount in {currency.upper()}.")
    return int(minor)
