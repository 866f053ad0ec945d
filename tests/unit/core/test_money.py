"""Money is exact: what is written is read again, and nothing but a plain decimal is an amount."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardwright.core.errors import CardwrightError, Invalid
from cardwright.core.money import (
    EXPONENTS,
    MAX_MINOR_UNITS,
    Money,
    decimal_text,
    ensure_currency,
    ensure_minor_units,
)

amounts = st.integers(-MAX_MINOR_UNITS, MAX_MINOR_UNITS)
halves = st.integers(-MAX_MINOR_UNITS // 2, MAX_MINOR_UNITS // 2)
currencies = st.sampled_from(sorted(EXPONENTS))


@given(amounts, currencies)
def test_an_amount_that_was_written_is_read_back_exactly(amount: int, currency: str) -> None:
    money = Money(amount, currency)
    text, _, written_currency = str(money).partition(" ")
    assert (Money.parse(text, currency), written_currency) == (money, currency)
    assert text == decimal_text(amount, currency)


@given(amounts, currencies)
def test_a_written_amount_has_the_places_of_its_currency(amount: int, currency: str) -> None:
    whole, _, fraction = decimal_text(amount, currency).lstrip("-").partition(".")
    assert len(fraction) == EXPONENTS[currency]
    assert int(whole + fraction) == abs(amount)


@pytest.mark.parametrize("exponent", [0, 2, 3, 4])
def test_every_number_of_places_is_written(exponent: int) -> None:
    currency = next(code for code, places in EXPONENTS.items() if places == exponent)
    texts = {
        0: ("7", "-1234567"),
        2: ("0.07", "-12345.67"),
        3: ("0.007", "-1234.567"),
        4: ("0.0007", "-123.4567"),
    }
    assert (decimal_text(7, currency), decimal_text(-1_234_567, currency)) == texts[exponent]


def test_the_table_of_currencies_holds_codes_of_three_capitals() -> None:
    assert all(len(code) == 3 and code.isascii() and code.isalpha() and code.isupper() for code in EXPONENTS)
    assert {code: EXPONENTS[code] for code in ("USD", "EUR", "JPY", "KRW", "KWD", "BHD", "UYW", "XCG")} == {
        "USD": 2, "EUR": 2, "JPY": 0, "KRW": 0, "KWD": 3, "BHD": 3, "UYW": 4, "XCG": 2,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "currency", "amount"),
    [
        ("0", "USD", 0),
        ("-0", "USD", 0),
        ("-0.00", "USD", 0),
        ("10.5", "USD", 1050),
        ("10.50", "USD", 1050),
        ("-0.01", "USD", -1),
        ("300", "JPY", 300),
        ("1.2", "KWD", 1200),
        ("10000000000000", "USD", MAX_MINOR_UNITS),
        ("1000000000000000", "JPY", MAX_MINOR_UNITS),
    ],
)
def test_plain_decimals_are_read(text: str, currency: str, amount: int) -> None:
    assert Money.parse(text, currency) == Money(amount, currency)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "1 ", " 1", "+1", "--1", "1.", ".5", "01", "00", "1.234", "1e2", "1E2", "1e-2", "0x10",
        "1_000", "1,000", "1'000", "1.0\n", "\n1", "1\0", "NaN", "Infinity", "-inf", "1.-5", "$1",
        "\N{ARABIC-INDIC DIGIT ONE}", "\N{FULLWIDTH DIGIT ONE}0", "\N{VULGAR FRACTION ONE HALF}",
        "\N{MINUS SIGN}1", "\N{NO-BREAK SPACE}1", "10000000000000.01", "1000000000000000", "9" * 17,
        "9" * 1_000_000,
    ],
)  # fmt: skip
def test_anything_else_is_no_amount(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        Money.parse(text, "USD")
    assert refused.value.code == "amount_invalid"
    assert len(refused.value.message) < 150


def test_a_currency_without_places_takes_no_point() -> None:
    with pytest.raises(Invalid):
        Money.parse("300.0", "JPY")


@pytest.mark.parametrize("value", [10.5, 10, True, None, b"10", ["10"]])
def test_only_a_text_can_be_parsed(value: Any) -> None:
    with pytest.raises(Invalid):
        Money.parse(value, "USD")


@pytest.mark.parametrize(
    "amount", [1.0, 0.1, True, False, "1", None, MAX_MINOR_UNITS + 1, -MAX_MINOR_UNITS - 1]
)
def test_only_a_whole_number_within_bounds_is_an_amount(amount: Any) -> None:
    with pytest.raises(Invalid) as refused:
        Money(amount, "USD")
    assert refused.value.code == "amount_invalid"
    with pytest.raises(Invalid):
        ensure_minor_units(amount)


@pytest.mark.parametrize(
    "code",
    ["usd", "US", "USDX", "", "XXX", "U$D", "\N{FULLWIDTH LATIN CAPITAL LETTER U}SD", " USD", "A" * 100_000],
)
def test_an_unknown_currency_is_refused(code: str) -> None:
    for attempt in (ensure_currency, lambda code: Money(1, code), lambda code: Money.parse("1", code)):
        with pytest.raises(Invalid) as refused:
            attempt(code)
        assert refused.value.code == "currency_unknown"
        assert len(refused.value.message) < 150


@given(halves, halves, currencies)
def test_sums_and_differences_are_exact(one: int, other: int, currency: str) -> None:
    a, b = Money(one, currency), Money(other, currency)
    assert a + b == Money(one + other, currency)
    assert (a + b) - b == a
    assert -a + a == Money(0, currency)


@pytest.mark.parametrize("combine", [lambda a, b: a + b, lambda a, b: a - b])
def test_two_currencies_do_not_mix(combine: Any) -> None:
    with pytest.raises(CardwrightError) as refused:
        combine(Money(1, "USD"), Money(1, "EUR"))
    assert refused.value.code == "currency_mismatch"


def test_a_sum_cannot_leave_the_bounds() -> None:
    with pytest.raises(Invalid):
        Money(MAX_MINOR_UNITS, "USD") + Money(1, "USD")


def test_amounts_have_no_order_of_their_own() -> None:
    with pytest.raises(TypeError):
        _ = Money(1, "USD") < Money(2, "USD")  # type: ignore[operator]
