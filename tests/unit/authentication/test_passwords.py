"""Passwords: the rules, the parameters, and equal work for people who do not exist."""

import unicodedata

import pytest
from argon2 import PasswordHasher, extract_parameters

from cardwright.authentication.passwords import (
    NOBODYS_HASH,
    check_password,
    ensure_acceptable,
    hash_password,
)
from cardwright.core.errors import Invalid
from cheap_hashes import hash_as_usual

PASSWORD = "correct horse battery staple"
EMAIL = "adalovelace@example.com"


@pytest.fixture(autouse=True)
def usual_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    hash_as_usual(monkeypatch)


@pytest.mark.parametrize("password", [PASSWORD, "x" * 14 + "y", "ab" * 64, "密码" * 10, "🜁🜂🜃🜄" * 5])
def test_long_passwords_of_any_characters_are_accepted(password: str) -> None:
    assert ensure_acceptable(password, EMAIL) == password


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("a" * 13 + "b", "length"),
        ("ab" * 64 + "a", "length"),
        ("z" * 20, "repetition"),
        ("my name is AdaLovelace!", "email"),
        ("1qaz2wsx3edc4rfv", "common"),
        ("password1234567", "common"),
    ],
)
def test_weak_passwords_are_refused_with_the_reason(password: str, reason: str) -> None:
    with pytest.raises(Invalid) as caught:
        ensure_acceptable(password, EMAIL)
    assert (caught.value.code, caught.value.details["reason"]) == ("password_unacceptable", reason)
    assert password not in caught.value.message


def test_twelve_characters_are_enough_beside_a_second_factor() -> None:
    assert ensure_acceptable("four lamps x", EMAIL, has_factor=True) == "four lamps x"
    with pytest.raises(Invalid, match="12 to 128"):
        ensure_acceptable("four lamps ", EMAIL, has_factor=True)
    with pytest.raises(Invalid, match="15 to 128"):
        ensure_acceptable("four lamps x", EMAIL)


def test_length_is_counted_in_composed_characters() -> None:
    decomposed = "e\u0301" * 14
    with pytest.raises(Invalid):
        ensure_acceptable(decomposed, EMAIL)
    assert len(ensure_acceptable(decomposed + "x", EMAIL)) == 15


def test_a_local_part_of_three_letters_does_not_forbid_the_words_that_contain_it() -> None:
    assert ensure_acceptable("i cannot remember it", "ann@example.com")


async def test_a_password_matches_its_hash_in_whichever_form_it_is_typed() -> None:
    composed = unicodedata.normalize("NFC", "crème brûlée at noon")
    stored = await hash_password(composed)
    assert (await check_password(unicodedata.normalize("NFD", composed), stored)).is_correct
    assert not (await check_password(composed + "!", stored)).is_correct
    assert not (await check_password(composed.upper(), stored)).is_correct


async def test_hashes_are_argon2id_with_19_mib_and_two_passes_and_salted() -> None:
    first, second = await hash_password(PASSWORD), await hash_password(PASSWORD)
    assert first.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert first != second


async def test_a_hash_of_weaker_parameters_is_replaced_when_the_password_is_right() -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD)
    check = await check_password(PASSWORD, weak)
    assert check.replacement_hash is not None
    again = await check_password(PASSWORD, check.replacement_hash)
    assert again.is_correct
    assert again.replacement_hash is None
    assert (await check_password("wrong password here", weak)).replacement_hash is None


async def test_an_unknown_person_costs_a_hash_of_the_same_parameters_and_never_matches() -> None:
    assert extract_parameters(NOBODYS_HASH) == extract_parameters(await hash_password(PASSWORD))
    assert not (await check_password(PASSWORD, None)).is_correct
    assert not (await check_password("", None)).is_correct
