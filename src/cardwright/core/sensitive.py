"""Values that must not appear in logs, tracebacks or reprs."""

import hmac
from typing import NoReturn


class Sensitive:
    """Wraps a secret; only `reveal()` gives it back, and printing, formatting, copying or pickling does not.

    Not a dataclass: `asdict` of whatever holds one would lay it open.

    >>> Sensitive("hunter2")
    Sensitive(***)
    """

    __slots__ = ("_value",)

    def __init__(self, value: str, /) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the secret itself; call it as late and as close to its use as possible."""
        return self._value

    def matches(self, other: str) -> bool:
        """Compare in constant time."""
        return hmac.compare_digest(self._value.encode(), other.encode())

    def __repr__(self) -> str:
        return "Sensitive(***)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a sensitive value does not leave the process")
