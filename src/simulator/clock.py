"""The simulator's time: the wall clock plus an offset that can only grow."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from simulator.objects import ObjectStore

KIND = "clock"
_ID = "offset"


def wall_timestamp() -> int:
    """Return real unix seconds: receivers check the age of a signature against their own clock."""
    return int(time.time())


class VirtualClock:
    """The time that `created` fields and life cycles follow; kept across restarts."""

    def __init__(self, objects: ObjectStore) -> None:
        self._objects = objects
        self._listeners: list[Callable[[], None]] = []

    @property
    def offset_seconds(self) -> int:
        """How far ahead of the wall clock this clock is."""
        kept = self._objects.get(KIND, _ID)
        return int(kept["seconds"]) if kept else 0

    def now(self) -> datetime:
        """Return the virtual time, aware, in UTC."""
        return datetime.now(UTC) + timedelta(seconds=self.offset_seconds)

    def timestamp(self) -> int:
        """Return the virtual time in whole unix seconds."""
        return wall_timestamp() + self.offset_seconds

    def advance(self, seconds: int) -> None:
        """Move the clock forward and tell those who wait for a moment; going back raises ValueError."""
        if seconds < 0:
            raise ValueError("the virtual clock only moves forward")
        self._objects.put(KIND, {"id": _ID, "seconds": self.offset_seconds + seconds})
        for listener in self._listeners:
            listener()

    def on_advance(self, listener: Callable[[], None]) -> None:
        """Call `listener` each time after the clock was moved."""
        self._listeners.append(listener)


def real_now() -> datetime:
    """Return the time outside: what certificates and signed tokens are judged by."""
    return datetime.now(UTC)
