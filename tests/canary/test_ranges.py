"""Numbers of the test issuers are found in every spelling, and others are not."""

import pytest

from canary.ranges import RANGES, find_in
from canary.scanner import spellings
from simulator.stripe import card_numbers
from simulator.visa import accounts

NUMBERS = [f"{start}{rest}" for start in RANGES for rest in ("0000000", "1234567", "9999999")]


def test_the_ranges_are_those_of_the_simulated_issuers() -> None:
    for drawn_from in (card_numbers.TEST_RANGE, accounts.TEST_RANGE):
        assert drawn_from.startswith(RANGES)


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("spelling", spellings(NUMBERS[0]))
def test_a_number_is_found_in_every_spelling(number: str, spelling: str) -> None:
    data = b"\xffbefore" + spellings(number)[spelling] + b"QUFB\xff"
    [found] = find_in("here", data)
    # The two ends of UTF-16 differ by where the first zero is.
    assert (found.place, found.offset in (7, 8), found.spelling[:6]) == ("here", True, spelling[:6])


@pytest.mark.parametrize("number", NUMBERS)
def test_a_number_is_found_in_the_pages_of_a_table(number: str) -> None:
    assert [it.spelling for it in find_in("here", int(number).to_bytes(8, "little"))] == ["little integer"]


@pytest.mark.parametrize("spelling", spellings(NUMBERS[0]))
def test_a_number_of_another_issuer_is_none_of_ours(spelling: str) -> None:
    assert list(find_in("here", spellings("4242424242424242")[spelling])) == []
