"""The spans that limits count in."""

from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo


class Window(StrEnum):
    """The span a limit adds up over; calendar windows begin at midnight where the cardholder lives.

    A rolling window has no edges of its own: it ends at every payment and reaches back its whole length.
    """

    PER_AUTHORIZATION = "per_authorization"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"
    LIFETIME = "lifetime"
    ROLLING = "rolling"


def window_bounds(window: Window, at: datetime, zone: ZoneInfo) -> tuple[datetime | None, datetime | None]:
    """Return the half-open span [start, end) of `window` that `at` falls into; None where it has no edge.

    Midnights are wall-clock midnights of the zone, so that a day of 23 or 25 hours is one day.

    >>> from datetime import UTC
    >>> at = datetime(2026, 1, 31, 23, 30, tzinfo=UTC)
    >>> [edge.isoformat() for edge in window_bounds(Window.MONTH, at, ZoneInfo("Europe/Berlin"))]
    ['2026-02-01T00:00:00+01:00', '2026-03-01T00:00:00+01:00']
    """
    if window in (Window.PER_AUTHORIZATION, Window.LIFETIME, Window.ROLLING):
        return None, None
    today = at.astimezone(zone).date()
    match window:
        case Window.DAY:
            first, following = today, today + timedelta(days=1)
        case Window.WEEK:
            first = today - timedelta(days=today.weekday())
            following = first + timedelta(days=7)
        case Window.MONTH:
            first = today.replace(day=1)
            following = (first + timedelta(days=32)).replace(day=1)
        case Window.YEAR:
            first = today.replace(month=1, day=1)
            following = first.replace(year=first.year + 1)
    return datetime.combine(first, time(), zone), datetime.combine(following, time(), zone)
