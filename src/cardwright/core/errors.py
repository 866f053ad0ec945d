"""Errors that a caller is told: each has a stable code and a kind that the edge maps to a status."""

from collections.abc import Mapping
from typing import Any, ClassVar


class CardwrightError(Exception):
    """Something the caller can be told; `code` is stable, `message` is for people, `details` for machines."""

    kind: ClassVar[str] = "internal"

    def __init__(self, code: str, message: str, /, **details: Any) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details: Mapping[str, Any] = details


class Invalid(CardwrightError):
    """The request cannot be understood or breaks a rule that the caller could have known."""

    kind = "invalid"


class Unauthenticated(CardwrightError):
    """Nobody known is asking."""

    kind = "unauthenticated"


class Forbidden(CardwrightError):
    """The one who asks is known and may not."""

    kind = "forbidden"


class NotFound(CardwrightError):
    """There is no such thing, or it belongs to somebody else: both look the same from outside."""

    kind = "not_found"


class Conflict(CardwrightError):
    """The present state does not allow it."""

    kind = "conflict"


class Gone(CardwrightError):
    """It was here once, and is not kept any more."""

    kind = "gone"


class TooMany(CardwrightError):
    """Asked too often; `retry_after_seconds` is among the details."""

    kind = "too_many"


class Unavailable(CardwrightError):
    """A dependency does not answer; nothing was lost and a retry may succeed."""

    kind = "unavailable"


class Malformed(CardwrightError):
    """The request as such is broken: a header is missing or the body is not what it says it is."""

    kind = "malformed"
