"""Card numbers are told in text, however people group their digits, and little else is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardwright.core.card_numbers import ensure_no_card_number, holds_card_number
from cardwright.core.errors import Invalid


def with_check_digit(digits: str) -> str:
    """Return digits with the one that makes them a card number, found by trying."""
    for check in "0123456789":
        number = digits + check
        odd = [int(digit) for digit in number[-1::-2]]
        even = [sum(divmod(2 * int(digit), 10)) for digit in number[-2::-2]]
        if sum(odd + even) % 10 == 0:
            return number
    raise AssertionError(digits)


NUMBERS = st.from_regex(r"[1-9][0-9]{11,17}", fullmatch=True).map(with_check_digit)
WIDE = "4242 4242 4242 4242".translate({ord(digit): 0xFF10 + int(digit) for digit in "0123456789"})
"""Digits as wide as Chinese characters are."""
WORDS = st.text(st.characters(categories=["L", "P"], exclude_characters="-"), max_size=20)


@given(NUMBERS, WORDS, WORDS, st.sampled_from(["", " ", "-", "\u2013", "\u00a0", " -"]), st.integers(1, 5))
def test_a_number_is_told_wherever_it_stands_and_however_it_is_grouped(
    number: str, before: str, after: str, between: str, size: int
) -> None:
    groups = [number[place : place + size] for place in range(0, len(number), size)]
    assert holds_card_number(f"{before}{between.join(groups)}{after}")


@given(NUMBERS)
def test_another_check_digit_or_a_digit_more_makes_it_none(number: str) -> None:
    wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
    assert not holds_card_number(wrong)
    assert not holds_card_number("0" * 20)
    assert not holds_card_number(number[:12])


@pytest.mark.parametrize(
    "text",
    [
        "", "Groceries", "Flat 4, 12 St James's Square", "2026-11-23", "+44 20 7123 4567", "2026", "0" * 16,
        "SW1Y 4JH", "Invoice 4242424242424241", "1" * 12,
    ],
)  # fmt: skip
def test_what_people_write_otherwise_passes(text: str) -> None:
    assert ensure_no_card_number(text) == text


@pytest.mark.parametrize("text", [f"My {WIDE}", "No. 1 4242 4242 4242 4242 (old)", "x378282246310005"])
def test_what_only_looks_different_is_refused_without_being_repeated(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        ensure_no_card_number(text)
    assert refused.value.code == "card_number_refused"
    assert "4242" not in refused.value.message
