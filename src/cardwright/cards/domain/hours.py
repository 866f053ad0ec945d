"""Weekdays and hours as people write them: `mon-fri 08:00-18:00`."""

import re
from dataclasses import dataclass
from typing import Final, Self

from cardwright.core.errors import Invalid

_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY: Final = "(?:" + "|".join(_DAYS) + ")"
_SHAPE: Final = re.compile(
    rf"(?P<days>{_DAY}(?:-{_DAY})?(?:,{_DAY}(?:-{_DAY})?)*)"
    r" (?P<start>(?:[01]\d|2[0-3]):[0-5]\d)-(?P<end>(?:[01]\d|2[0-3]):[0-5]\d|24:00)"
)


@dataclass(frozen=True, slots=True)
class Hours:
    """A half-open span of minutes on some weekdays, 1 being Monday.

    One that ends before it starts goes on past midnight and belongs to the day it starts on.
    """

    weekdays: frozenset[int]
    start_minute: int
    end_minute: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the written form; raise Invalid.

        >>> Hours.parse("fri-sun 22:00-04:00").contains(1, 3 * 60)  # Monday, 03:00: still Sunday's night
        True
        """
        found = _SHAPE.fullmatch(text)
        if found is None or found["start"] == found["end"]:
            raise Invalid("hours_invalid", f"{text[:60]!r} is not of the form 'mon-fri,sun 08:00-18:00'.")
        days = frozenset(day for part in found["days"].split(",") for day in _span(part))
        return cls(days, _minute(found["start"]), _minute(found["end"]))

    def contains(self, weekday: int, minute: int) -> bool:
        """Answer whether a minute of a weekday lies within."""
        if self.start_minute < self.end_minute:
            return weekday in self.weekdays and self.start_minute <= minute < self.end_minute
        yesterday = (weekday - 2) % 7 + 1
        return (weekday in self.weekdays and minute >= self.start_minute) or (
            yesterday in self.weekdays and minute < self.end_minute
        )


def _span(part: str) -> list[int]:
    first, _, last = part.partition("-")
    start, end = _DAYS.index(first), _DAYS.index(last or first)
    return [(start + step) % 7 + 1 for step in range((end - start) % 7 + 1)]


def _minute(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)
