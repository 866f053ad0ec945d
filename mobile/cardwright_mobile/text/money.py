"""Amounts as people read them: integers of minor units in, text out, without any fraction in between."""

from typing import Final

_DIGITS: Final = {
    "BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "ISK": 0, "JPY": 0, "KMF": 0, "KRW": 0, "PYG": 0, "RWF": 0,
    "UGX": 0, "UYI": 0, "VND": 0, "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0,
    "BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3, "CLF": 4, "UYW": 4,
}  # fmt: skip
"""How many digits the minor unit has (ISO 4217); two where nothing is said."""
_SYMBOLS: Final = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}
_MARKS: Final = {"en": (",", "."), "de": (".", ","), "ar": (",", ".")}
_GROUP: Final = 3
_MINUS: Final = "\N{MINUS SIGN}"
_ISOLATE: Final = "\u2066{}\u2069"
"""Figures run from left to right, also within a line that runs the other way."""


def money(amount: int, currency: str, language: str = "en") -> str:
    """Return an amount with its currency.

    >>> money(123450, "USD"), money(1200, "JPY"), money(500, "CHF")[:3]
    ('$1,234.50', '¥1,200', 'CHF')
    """
    figure = figures(abs(amount), currency, language)
    sign = _MINUS if amount < 0 else ""
    symbol = _SYMBOLS.get(currency)
    if language == "de":
        return f"{sign}{figure}\u00a0{symbol or currency}"
    told = f"{sign}{symbol}{figure}" if symbol else f"{sign}{currency}\u00a0{figure}"
    return _ISOLATE.format(told) if language == "ar" else told


def figures(amount: int, currency: str, language: str = "en") -> str:
    """Return an amount of zero or more without its currency.

    >>> figures(1234, "KWD"), figures(100, "USD")
    ('1.234', '1.00')
    """
    digits = _DIGITS.get(currency, 2)
    thousands, point = _MARKS.get(language, _MARKS["en"])
    whole, rest = divmod(amount, 10**digits)
    grouped = f"{whole:,}".replace(",", thousands)
    return f"{grouped}{point}{rest:0{digits}}" if digits else grouped


def minor_units(written: str, currency: str) -> int | None:
    """Return the minor units of a decimal number; None where it has other digits than the currency.

    >>> minor_units("140.00", "USD"), minor_units("1.5", "USD"), minor_units("12", "JPY")
    (14000, None, 12)
    """
    whole, _, rest = written.partition(".")
    return int(whole + rest) if len(rest) == _DIGITS.get(currency, 2) else None


def typed_amount(typed: str, currency: str, language: str = "en") -> int | None:
    """Return in minor units what somebody typed, in their language's way or with a point; None otherwise.

    >>> typed_amount("1,234.5", "USD"), typed_amount("1.234,50", "EUR", "de")
    (123450, 123450)
    >>> typed_amount("12.50", "EUR", "de"), typed_amount("٢٠", "USD", "ar"), typed_amount("1.234", "USD")
    (1250, 2000, None)
    """
    digits = _DIGITS.get(currency, 2)
    thousands, point = _MARKS.get(language, _MARKS["en"])
    text = "".join(str(int(it)) if it.isdecimal() else it for it in typed if not it.isspace())
    for mark, grouping in ((point, thousands), (".", ""), (",", "")):
        whole, found, rest = text.partition(mark)
        plain = whole.replace(grouping, "") if grouping and _is_grouped(whole, grouping) else whole
        if plain.isdecimal() and len(rest) <= digits and (rest.isdecimal() or not found):
            return int(plain + rest.ljust(digits, "0"))
    return None


def _is_grouped(whole: str, mark: str) -> bool:
    first, *others = whole.split(mark)
    return 0 < len(first) <= _GROUP and all(len(it) == _GROUP for it in others)
