"""The one place that reads the time, so that tests and replays can hold it still."""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Answers what time it is, always with a zone."""

    def now(self) -> datetime:
        """Return the present instant in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the present instant in UTC."""
        return datetime.now(UTC)


@dataclass(slots=True)
class MovableClock:
    """A clock that stands still until it is moved."""

    instant: datetime

    def now(self) -> datetime:
        """Return the instant the clock was set to."""
        return self.instant

    def advance(self, by: timedelta) -> None:
        """Move the clock; a negative span moves it back."""
        self.instant += by


@dataclass(slots=True)
class Stopwatch:
    """Measures the stages of one piece of work in whole microseconds."""

    stages: dict[str, int] = field(default_factory=dict)
    _since: int = field(default_factory=time.perf_counter_ns)

    def lap(self, stage: str) -> None:
        """Note how long it took since the stage before."""
        now = time.perf_counter_ns()
        self.stages[stage] = (now - self._since) // 1_000
        self._since = now
