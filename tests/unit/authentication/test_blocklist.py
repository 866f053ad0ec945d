"""The filter of common passwords: what is on it, what is not, and that it is the one that was described."""

from hashlib import sha256
from importlib.resources import files
from secrets import token_urlsafe

import pytest

from cardwright.authentication.blocklist import is_common

DATA = files("cardwright.authentication") / "data"


@pytest.mark.parametrize(
    "password", ["1qaz2wsx3edc4rfv", "123456789987654321", "qwerty123456789", "q1w2e3r4t5y6u7i8", "iloveyou"]
)
def test_what_many_people_chose_is_common(password: str) -> None:
    assert is_common(password)


@pytest.mark.parametrize(
    "password", ["1QAZ2wsx3EDC4rfv", "password1234567", "Princess!!123456", "baseball" * 2]
)
def test_a_common_one_in_disguise_is_common_too(password: str) -> None:
    assert is_common(password)


@pytest.mark.parametrize(
    "password", ["correct horse battery staple", "the password of my dog is bone", "密码" * 10, "short", ""]
)
def test_phrases_are_not_common_although_they_have_common_words(password: str) -> None:
    assert not is_common(password)


def test_hardly_any_random_password_is_taken_for_a_common_one() -> None:
    assert sum(is_common(token_urlsafe(12)) for _ in range(20_000)) <= 5


def test_the_filter_is_the_one_whose_origin_is_described() -> None:
    told = (DATA / "README.md").read_text()
    assert sha256((DATA / "common_passwords.bloom").read_bytes()).hexdigest() in told
