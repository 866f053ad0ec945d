"""The text of a key: random, recognisable, and of no use with a single character changed."""

import re

import pytest

from cardwright.api_keys import text
from cardwright.api_keys.text import Environment

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


@pytest.mark.parametrize("environment", list(Environment))
def test_a_key_can_be_read_back_and_says_where_it_counts(environment: Environment) -> None:
    minted = text.mint(environment)
    written = minted.text.reveal()
    assert re.fullmatch(text.KEY_PATTERN, written)
    assert written.startswith(f"cw_{environment.value}_")
    read = text.read(written)
    assert read is not None
    assert (read.id, read.environment) == (minted.id, environment)
    assert read.secret_hash == text.hash_of(written)
    assert written not in repr(minted)


def test_keys_differ_in_160_random_bits() -> None:
    secrets = {text.mint(Environment.TEST).text.reveal().rpartition("_")[2][:32] for _ in range(500)}
    assert len(secrets) == 500
    assert {len(set(place)) > 20 for place in zip(*secrets, strict=True)} == {True}


def test_every_change_of_one_character_is_found_by_the_checksum() -> None:
    written = text.mint(Environment.TEST).text.reveal()
    for place in range(len("cw_test_"), len(written)):
        for letter in ALPHABET:
            changed = written[:place] + letter + written[place + 1 :]
            assert (text.read(changed) is None) == (changed != written)


def test_two_swapped_neighbours_are_found_too() -> None:
    written = text.mint(Environment.TEST).text.reveal()
    for place in range(len("cw_test_"), len(written) - 1):
        swapped = written[:place] + written[place + 1] + written[place] + written[place + 2 :]
        assert (text.read(swapped) is None) == (swapped != written)


def test_a_key_that_was_cut_is_none() -> None:
    written = text.mint(Environment.LIVE).text.reveal()
    assert text.read(written) is not None
    for cut in range(1, len(written)):
        assert text.read(written[:cut]) is None
        assert text.read(written[cut:]) is None


@pytest.mark.parametrize("around", ["{} ", " {}", "{}\n", "{}a", "x{}", "{0}{0}"])
def test_nothing_may_stand_around_a_key(around: str) -> None:
    assert text.read(around.format(text.mint(Environment.LIVE).text.reveal())) is None


def test_a_key_of_one_environment_does_not_become_one_of_the_other_by_its_prefix() -> None:
    written = text.mint(Environment.TEST).text.reveal()
    assert text.read(written.replace("cw_test_", "cw_live_")) is None
