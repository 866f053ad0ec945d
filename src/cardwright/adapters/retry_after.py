"""What a provider says in `Retry-After`, in whole seconds."""

from typing import Final

_MOST_DIGITS: Final = 6


def retry_after_seconds(header: str | None) -> int | None:
    """Return for how long a provider asks to be left alone; None when it does not say so in seconds.

    >>> [retry_after_seconds(header) for header in ("7", " 30 ", None, "soon", "-1", "9" * 40)]
    [7, 30, None, None, None, None]
    """
    text = (header or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS else None
