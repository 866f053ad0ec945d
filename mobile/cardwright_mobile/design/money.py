"""Amounts as people read them: integers of minor units in, text out, without any fraction in between."""

from typing import Final

_DIGITS: Final = {
    **dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
    **dict.fromkeys("CLF UYW".split(), 4),
}
"""How many digits the minor unit has (ISO 4217); two where nothing is said."""
_SYMBOLS: Final = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}
_MARKS: Final = {"en": (",", "."), "de": (".", ","), "ar": (",", ".")}
_ISOLATE: Final = "\u2066{}\u2069"
"""Figures run from left to right, also within a line that runs the other way."""


def money(amount: int, currency: str, language: str = "en") -> str:
    """Return an amount with its currency.

    >>> money(-123450, "USD"), money(5, "EUR", "de"), money(1200, "JPY")
    ('−$1,234.50', '0,05\\xa0€', '¥1,200')
    """
    figure = figures(abs(amount), currency, language)
    sign = "−" if amount < 0 else ""
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
