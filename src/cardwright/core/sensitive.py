"""Values that must not appear in logs, tracebacks or reprs."""

import hmac
from dataclasses import dataclass
from typing import NoReturn


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Sensitive:
    """Wraps a secret; only `reveal()` gives it back, and printing, formatting or pickling it does not.

    >>> Sensitive("hunter2")
    Sensitive(***)
    """

    _value: str

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
