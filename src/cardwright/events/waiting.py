"""Requests that wait for an event: how many there may be in one process, and one look for all of them."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from cardwright.core.errors import TooMany, Unavailable

LOOKED_AGAIN_SECONDS: Final = 0.5
_RETRY_SECONDS: Final = 5


@dataclass(slots=True)
class WaitingRoom:
    """Who waits in this process. Somebody who waits costs a look only when the stream went on."""

    most: int = 500
    most_per_person: int = 8
    _waiting: Counter[str] = field(default_factory=Counter)
    _looking: asyncio.Lock = field(default_factory=asyncio.Lock)
    _positions: dict[str, tuple[float, int]] = field(default_factory=dict)

    @contextmanager
    def place(self, user_id: str) -> Iterator[None]:
        """Wait in here; raises TooMany `waits_limit_reached` and Unavailable `waits_full`."""
        if self._waiting[user_id] >= self.most_per_person:
            raise TooMany(
                "waits_limit_reached", f"At most {self.most_per_person} requests of one person wait.",
                retry_after_seconds=_RETRY_SECONDS,
            )  # fmt: skip
        if self._waiting.total() >= self.most:
            raise Unavailable(
                "waits_full", "No more requests wait here now; try again.", retry_after_seconds=_RETRY_SECONDS
            )
        self._waiting[user_id] += 1
        try:
            yield
        finally:
            self._waiting[user_id] -= 1
            if not self._waiting[user_id]:
                del self._waiting[user_id]

    async def position(self, program_id: str, look: Callable[[], Awaitable[int]]) -> int:
        """Return where a program's stream ends, as one `look` for all who wait lately told."""
        async with self._looking:
            known = self._positions.get(program_id)
            if known is None or time.monotonic() - known[0] >= LOOKED_AGAIN_SECONDS / 2:
                known = (time.monotonic(), await look())
                self._positions[program_id] = known
            return known[1]
