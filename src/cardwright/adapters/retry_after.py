"""What a provider says in `Retry-After`: seconds, or the date of HTTP."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

_MOST_DIGITS: Final = 6


def retry_after_seconds(header: str | None) -> int | None:
    """Return for how long a provider asks to be left alone; None when it does not say so in seconds.

    >>> [retry_after_seconds(header) for header in ("7", " 30 ", None, "soon", "-1", "9" * 40)]
    [7, 30, None, None, None, None]
    """
    text = (header or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS else None


def retry_after(header: str | None, now: datetime) -> timedelta | None:
    """Return the same where a date is understood as well; one that has passed asks for no time.

    >>> now = datetime(2026, 11, 23, 12, tzinfo=UTC)
    >>> told = ("7", "Mon, 23 Nov 2026 12:00:30 GMT", "Mon, 23 Nov 2026 11:00:00 GMT", "soon", None)
    >>> [None if (found := retry_after(header, now)) is None else found.seconds for header in told]
    [7, 30, 0, None, None]
    """
    seconds = retry_after_seconds(header)
    if seconds is not None:
        return timedelta(seconds=seconds)
    try:
        until = parsedate_to_datetime(header or "")
    except (ValueError, OverflowError):
        return None
    return max(until.replace(tzinfo=until.tzinfo or UTC) - now, timedelta(0))
