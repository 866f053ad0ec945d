"""Money as integers in minor units beside an ISO 4217 currency: exact, checked, never a float."""

import re
from dataclasses import dataclass
from typing import Final, Self

from cardwright.core.errors import Invalid

MAX_MINOR_UNITS: Final = 10**15
"""Largest magnitude one amount may have; far below bigint, so that sums of many cannot overflow."""

_DECIMAL = re.compile(r"(?P<sign>-?)(?P<whole>0|[1-9][0-9]*)(?:\.(?P<fraction>[0-9]+))?")

_TWO_DIGITS = (
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY "
    "COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR "
    "ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK "
    "MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP "
    "SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UZS VED VES WST XCD XCG YER ZAR "
    "ZMW ZWG"
)
_NO_DIGITS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
_THREE_DIGITS = "BHD IQD JOD KWD LYD OMR TND"

EXPONENTS: Final[dict[str, int]] = {
    **dict.fromkeys(_TWO_DIGITS.split(), 2),
    **dict.fromkeys(_NO_DIGITS.split(), 0),
    **dict.fromkeys(_THREE_DIGITS.split(), 3),
    "UYW": 4,
}
"""Digits after the decimal point of each active ISO 4217 currency."""


def ensure_currency(code: str) -> str:
    """Return `code` when it is an active ISO 4217 code in upper case; raise Invalid otherwise."""
    if code not in EXPONENTS:
        raise Invalid("currency_unknown", f"{code[:40]!r} is not an ISO 4217 currency code in upper case.")
    return code


def ensure_minor_units(amount: int) -> int:
    """Return `amount` when it is a whole number within the bounds of one amount; raise Invalid otherwise."""
    if type(amount) is not int or abs(amount) > MAX_MINOR_UNITS:
        raise Invalid("amount_invalid", "An amount is a whole number of minor units, at most 10^15.")
    return amount


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """An amount in minor units of one currency. Arithmetic between two currencies raises Invalid.

    >>> Money(1050, "USD") + Money(250, "USD")
    Money(amount=1300, currency='USD')
    >>> str(Money(1050, "USD")), str(Money(-5, "KWD")), str(Money(300, "JPY"))
    ('10.50 USD', '-0.005 KWD', '300 JPY')
    """

    amount: int
    currency: str

    def __post_init__(self) -> None:
        ensure_minor_units(self.amount)
        ensure_currency(self.currency)

    @classmethod
    def parse(cls, text: str, currency: str) -> Self:
        """Read a plain decimal such as "10.5"; refuse signs but '-', exponents, spaces and too many digits.

        >>> Money.parse("10.5", "USD")
        Money(amount=1050, currency='USD')
        """
        exponent = EXPONENTS[ensure_currency(currency)]
        match = _DECIMAL.fullmatch(text) if type(text) is str and text.isascii() else None
        fraction = (match["fraction"] or "") if match else ""
        if match is None or len(fraction) > exponent or len(match["whole"]) > len(str(MAX_MINOR_UNITS)):
            raise Invalid(
                "amount_invalid",
                f"{str(text)[:40]!r} is not an amount of {currency} ({exponent} decimal places).",
            )
        minor = int(match["whole"] + fraction.ljust(exponent, "0"))
        return cls(-minor if match["sign"] else minor, currency)

    def __add__(self, other: Self) -> Self:
        return type(self)(self.amount + self._same(other), self.currency)

    def __sub__(self, other: Self) -> Self:
        return type(self)(self.amount - self._same(other), self.currency)

    def __neg__(self) -> Self:
        return type(self)(-self.amount, self.currency)

    def __str__(self) -> str:
        return f"{decimal_text(self.amount, self.currency)} {self.currency}"

    def _same(self, other: Self) -> int:
        if other.currency != self.currency:
            raise Invalid(
                "currency_mismatch", f"{self.currency} and {other.currency} cannot be added or compared."
            )
        return other.amount


def decimal_text(amount: int, currency: str) -> str:
    """Write minor units as a decimal string with the currency's number of places.

    >>> decimal_text(-120005, "EUR")
    '-1200.05'
    """
    exponent = EXPONENTS[ensure_currency(currency)]
    sign, digits = ("-" if amount < 0 else ""), str(abs(amount)).rjust(exponent + 1, "0")
    return f"{sign}{digits[:-exponent]}.{digits[-exponent:]}" if exponent else f"{sign}{digits}"
