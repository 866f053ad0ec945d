"""When a provider is left alone: after failures in a row, and for as long as it asks for.

Each process judges for itself. What is not sent waits in the queue, so that nothing is lost by it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, TypeAlias

BreakerState: TypeAlias = Literal["closed", "open", "half_open"]
FAILURES: Final = 5
FIRST_PAUSE: Final = timedelta(seconds=15)
LONGEST_PAUSE: Final = timedelta(minutes=5)
LONGEST_ASKED: Final = timedelta(hours=1)


@dataclass(slots=True)
class Breaker:
    """Opens after `FAILURES` in a row; then one message at a time tries whether the provider is back.

    Each trial that fails doubles the pause. `Retry-After` of a provider is kept to, at most for an hour.
    """

    failures: int = 0
    open_until: datetime | None = None
    is_trying: bool = False

    def state(self, at: datetime) -> BreakerState:
        """Return whether messages go through, none does, or one may try."""
        if self.open_until is None:
            return "closed"
        return "open" if at < self.open_until else "half_open"

    def may_send(self, at: datetime) -> bool:
        """Answer whether a message may go now; a trial that is running is the only one."""
        state = self.state(at)
        return state == "closed" or (state == "half_open" and not self.is_trying)

    def begin(self, at: datetime) -> None:
        """Note that a message goes; the caller asked `may_send` in the same breath."""
        self.is_trying = self.state(at) == "half_open"

    def succeed(self) -> None:
        """Note that the provider answered, be it with a no to this message."""
        self.failures, self.open_until, self.is_trying = 0, None, False

    def fail(self, at: datetime, retry_after: timedelta | None = None) -> None:
        """Note that the provider did not do what it should."""
        self.failures += 1
        self.is_trying = False
        pause = min(FIRST_PAUSE * 2 ** max(0, min(self.failures - FAILURES, 10)), LONGEST_PAUSE)
        if retry_after is not None:
            pause = max(min(retry_after, LONGEST_ASKED), pause if self.failures >= FAILURES else timedelta())
        elif self.failures < FAILURES:
            return
        self.open_until = max(self.open_until or at, at + pause)

    def give_up(self) -> None:
        """Note that a message was broken off by us, which says nothing about the provider."""
        self.is_trying = False

    def seconds_left(self, at: datetime) -> float:
        """Return how long the provider is left alone."""
        left = timedelta() if self.open_until is None else self.open_until - at
        return max(left.total_seconds(), 1.0)
