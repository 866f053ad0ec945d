"""Dates of birth, known to the day, the month or the year, and what two of them say about each other."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

_ISO: Final = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)
_EARLIEST, _LATEST = 1800, 2200


class Agreement(StrEnum):
    """What a list's dates of birth say about a person's, from the best to the worst."""

    SAME_DAY = "same_day"
    SAME_YEAR = "same_year"
    TURNED = "turned"
    UNKNOWN = "unknown"
    NEAR = "near"
    OTHER = "other"


POINTS: Final = {
    Agreement.SAME_DAY: 25,
    Agreement.SAME_YEAR: 4,
    Agreement.TURNED: 4,
    Agreement.UNKNOWN: -3,
    Agreement.NEAR: -11,
    Agreement.OTHER: -15,
}
"""What each adds to the score of the names.

One in twenty thousand strangers was born on the same day: with that, names may be far less alike. The last
is what the very same name may lose and still be told of, as lists err.
"""
_ORDER: Final = {it: place for place, it in enumerate(Agreement)}


@dataclass(frozen=True, slots=True)
class Birth:
    """A date of birth as far as a list knows it."""

    year: int
    month: int | None = None
    day: int | None = None

    def __str__(self) -> str:
        parts = [f"{self.year:04}", *(f"{it:02}" for it in (self.month, self.day) if it is not None)]
        return "-".join(parts)


def read_birth(text: str) -> Birth:
    """Return what `1960`, `1960-05` or `1960-05-17` says; raise ValueError for anything else.

    >>> str(read_birth("1960-05"))
    '1960-05'
    """
    found = _ISO.fullmatch(text)
    if found is None:
        raise ValueError(f"{text[:40]!r} is no date of birth: it is written 1960, 1960-05 or 1960-05-17")
    year, month, day = (None if it is None else int(it) for it in found.groups())
    assert year is not None  # noqa: S101 - the expression has it
    if not _EARLIEST <= year < _LATEST:
        raise ValueError(f"nobody on a list was born in {year}")
    date(year, month or 1, day or 1)
    return Birth(year, month, day)


def compare_births(person: date, listed: Sequence[Birth]) -> Agreement:
    """Return the best that a list's dates say about a person's; UNKNOWN when it has none.

    >>> compare_births(date(1960, 5, 17), [Birth(1961), Birth(1960)])
    <Agreement.SAME_YEAR: 'same_year'>
    """
    if not listed:
        return Agreement.UNKNOWN
    return min((_compare(person, it) for it in listed), key=_ORDER.__getitem__)


def _compare(person: date, listed: Birth) -> Agreement:
    if listed.year != person.year:
        return Agreement.NEAR if abs(listed.year - person.year) == 1 else Agreement.OTHER
    if listed.month is None:
        return Agreement.SAME_YEAR
    if listed.day is None:
        return Agreement.SAME_YEAR if listed.month == person.month else Agreement.NEAR
    if (listed.month, listed.day) == (person.month, person.day):
        return Agreement.SAME_DAY
    # Day and month are often told in the other order, and lists put 1 January for a day nobody knows.
    if (listed.month, listed.day) in {(person.day, person.month), (1, 1)}:
        return Agreement.TURNED
    return Agreement.NEAR
