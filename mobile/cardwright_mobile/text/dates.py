"""Days and hours, where the cardholder lives and in their language."""

from datetime import date, datetime, timedelta, tzinfo
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cardwright_mobile.text import Words

_MONTHS: Final = {
    "en": "January February March April May June July August September October November December",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "ar": "يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر",
}
_HOUR_SECONDS: Final = 3_600
_DAY_SECONDS: Final = 86_400
_ISOLATE: Final = "\u2066{}\u2069"


def zone_named(name: str | None) -> tzinfo | None:
    """Return a time zone; None, which is the device's, where it is not known."""
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError):
        return None


def day_name(at: datetime, now: datetime, zone: tzinfo | None, words: Words) -> str:
    """Return the day: today and yesterday by these names."""
    day, today = at.astimezone(zone).date(), now.astimezone(zone).date()
    if day == today:
        return words("day.today")
    if day == today - timedelta(days=1):
        return words("day.yesterday")
    return day_text(day, words, with_year=day.year != today.year)


def day_text(day: date, words: Words, *, with_year: bool = False) -> str:
    """Return a day in words.

    >>> day_text(date(2026, 3, 9), Words("en")), day_text(date(2026, 3, 9), Words("de"), with_year=True)
    ('9 March', '9. März 2026')
    """
    month = _MONTHS[words.language].split()[day.month - 1]
    told = f"{day.day}. {month}" if words.language == "de" else f"{day.day} {month}"
    return f"{told} {day.year}" if with_year else told


def hour_text(at: datetime, zone: tzinfo | None, words: Words) -> str:
    """Return the time of day."""
    told = f"{at.astimezone(zone):%H:%M}"
    return _ISOLATE.format(told) if words.is_right_to_left else told


def moment_text(at: datetime, now: datetime, zone: tzinfo | None, words: Words) -> str:
    """Return day and time of day."""
    return f"{day_name(at, now, zone, words)}, {hour_text(at, zone, words)}"


def left_text(until: datetime, now: datetime, words: Words) -> str:
    """Return how long there is until an instant: minutes and seconds, or else hours, or days.

    >>> now = datetime.fromisoformat("2026-03-09T12:00:00+00:00")
    >>> [left_text(now + timedelta(seconds=it), now, Words("en")) for it in (65, 7_200, 200_000)]
    ['1:05 left', '2 h left', '2 days left']
    """
    seconds = max(0, int((until - now).total_seconds()))
    if seconds >= 2 * _DAY_SECONDS:
        return words("left.days", count=seconds // _DAY_SECONDS)
    if seconds >= 2 * _HOUR_SECONDS:
        return words("left.hours", count=seconds // _HOUR_SECONDS)
    told = f"{seconds // 60}:{seconds % 60:02}"
    return words("left.clock", clock=_ISOLATE.format(told) if words.is_right_to_left else told)
