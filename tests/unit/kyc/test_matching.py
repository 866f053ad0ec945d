"""Names as they are compared: which are alike, which are not, and what dates of birth add."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardwright.kyc.screening.births import Agreement, Birth, compare_births, read_birth
from cardwright.kyc.screening.domain import DEFAULT_THRESHOLD
from cardwright.kyc.screening.matching import Listed, NameIndex
from cardwright.kyc.screening.names import read_name
from cardwright.kyc.screening.similarity import compare_names
from names_for_screening import ask, invent, listed_births

BORN = date(1961, 4, 12)


def points(ours: str, theirs: str) -> float:
    return compare_names(read_name(ours), read_name(theirs), lambda _: 1.0)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("Nestor Nevidimkin", "NEVIDIMKIN, Nestor"),
        ("Нестор Невидимкин", "Nestor Nevidimkin"),
        ("Nestor Nevidimkin", "Nestor Ivanovich Nevidimkin"),
        ("Nestor I. Nevidimkin", "Nestor Ivanovich Nevidimkin"),
        ("Nestor Nevidimkim", "Nestor Nevidimkin"),
        ("Muhammad al-Wahmi", "Mohammed el Wahmi"),
        ("محمد الوهمي", "Muhammad al-Wahmi"),
        ("Xu Wuming", "Xu Wu Ming"),
        ("Günther Müller", "Guenther Mueller"),
        ("Łukasz Dvořák", "Lukasz Dvorak"),
        ("Bill Demoford", "William Demoford"),
        ("Dr. Ludwig van der Nirgendwo", "Ludwig Nirgendwo"),
    ],
)
def test_the_same_name_in_another_spelling_is_alike(ours: str, theirs: str) -> None:
    assert points(ours, theirs) >= DEFAULT_THRESHOLD
    assert points(theirs, ours) >= DEFAULT_THRESHOLD


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("Nestor Nevidimkin", "Nestor Kuznetsov"),
        ("Ivan Petrov", "Ivan Sidorov"),
        ("Maria Garcia", "Maria Lopez"),
        ("Nestor", "Nestor Nevidimkin"),
        ("J. Smith", "John Smith"),
        ("Ana Lee", "Ann Lei"),
        ("1234", "Nestor Nevidimkin"),
    ],
)
def test_a_name_that_only_shares_words_is_not(ours: str, theirs: str) -> None:
    assert points(ours, theirs) < DEFAULT_THRESHOLD


@pytest.mark.parametrize(
    ("listed", "agreement"),
    [
        ([], Agreement.UNKNOWN),
        (["1961-04-12"], Agreement.SAME_DAY),
        (["1961"], Agreement.SAME_YEAR),
        (["1961-04"], Agreement.SAME_YEAR),
        (["1961-12-04"], Agreement.TURNED),
        (["1961-01-01"], Agreement.TURNED),
        (["1962"], Agreement.NEAR),
        (["1975-04-12"], Agreement.OTHER),
        (["1975-04-12", "1961"], Agreement.SAME_YEAR),
    ],
)
def test_dates_of_birth_agree_as_far_as_they_are_known(listed: list[str], agreement: Agreement) -> None:
    assert compare_births(BORN, [read_birth(it) for it in listed]) is agreement


@pytest.mark.parametrize(
    "text", ["", "61", "1961-4-1", "1961-13", "1961-02-30", "0001", "١٩٦١", "1961-04-12T"]
)
def test_what_is_no_date_of_birth_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_birth(text)


def test_a_contradicting_date_lets_only_the_very_same_name_be_a_hit() -> None:
    index = NameIndex([Listed("a", ("Nestor Nevidimkin",), (Birth(1930),))])
    same, typed = [
        index.find(name, BORN, threshold=0)[0].score for name in ("Nestor Nevidimkin", "Nestor Nevidimkim")
    ]
    assert typed < same == DEFAULT_THRESHOLD


def test_somebody_with_many_names_is_found_once_by_the_likeliest() -> None:
    index = NameIndex([Listed("a", ("Nestor Nevidimkin", "Ghost Nevidimkin"), ())])
    matches = index.find("Ghost Nevidimkin", BORN, threshold=50)
    assert [(it.listed.reference, it.listed_name, it.score) for it in matches] == [
        ("a", "Ghost Nevidimkin", 97)
    ]


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_two_texts_compare_to_points_of_a_hundred_the_same_in_either_order(one: str, other: str) -> None:
    assert 0 <= points(one, other) <= 100
    assert points(one, other) == pytest.approx(points(other, one))


@given(st.text(min_size=1, max_size=60))
def test_any_name_is_read_to_latin_words(text: str) -> None:
    words = read_name(text).words
    assert all(word.text.isascii() and word.text.isalpha() and word.text.islower() for word in words)


def test_of_generated_names_most_variants_are_found_and_few_innocent_people() -> None:
    people = invent(1500, seed=11)
    births = listed_births(people, seed=12)
    index = NameIndex(
        [
            Listed(str(place), (it.name,), (read_birth(births[place]),) if births[place] else ())
            for place, it in enumerate(people)
        ]
    )
    asked = ask(people, 1000, seed=13)
    found = {
        it: {match.listed.reference for match in index.find(it.name, it.born, threshold=DEFAULT_THRESHOLD)}
        for it in asked
    }
    listed = [it for it in asked if it.entry is not None]
    innocent = [it for it in asked if it.entry is None]
    assert sum(str(it.entry) in found[it] for it in listed) >= 0.93 * len(listed)
    assert sum(bool(found[it]) for it in innocent) <= 0.02 * len(innocent)
