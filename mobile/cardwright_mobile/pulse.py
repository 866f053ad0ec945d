"""When to read anew: as soon as the server says that something changed, and otherwise now and then."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Final

from cardwright_mobile.api.problems import ApiError

EVERY_SECONDS: Final = 3.0
"""How often is read what nobody tells of."""
_LIVE_SECONDS: Final = 30.0
_GATHERED_SECONDS: Final = 0.1
"""Changes come in bursts: what a payment touches is read once."""
_FIRST_PAUSE_SECONDS: Final = 1.0
_LONGEST_PAUSE_SECONDS: Final = 60.0


class Pulse:
    """Wakes whoever waits to read anew."""

    def __init__(self) -> None:
        self._beat = asyncio.Event()
        self.is_live = False

    def beat(self) -> None:
        """Wake everybody."""
        self._beat.set()
        self._beat = asyncio.Event()

    def mark(self) -> asyncio.Event:
        """Return the next beat, to be waited for: taken before reading, nothing is missed meanwhile."""
        return self._beat

    async def wait(self, beat: asyncio.Event) -> None:
        """Return when something changed, or when it is time anyhow."""
        with suppress(TimeoutError):
            await asyncio.wait_for(beat.wait(), _LIVE_SECONDS if self.is_live else EVERY_SECONDS)
            await asyncio.sleep(_GATHERED_SECONDS)

    async def follow(
        self, changes: Callable[[], AsyncIterator[str] | None], goes_on: Callable[[], bool]
    ) -> None:
        """Beat with each change that the server tells of; where it tells none, everybody reads now and then.

        `changes` opens the server's stream; None while nobody is signed in, or looks.
        """
        pause = _FIRST_PAUSE_SECONDS
        while goes_on():
            stream = changes()
            if stream is not None:
                try:
                    async for _ in stream:
                        # The first is that it is open: what changed before is in no event.
                        pause, self.is_live = _FIRST_PAUSE_SECONDS, True
                        self.beat()
                        if not goes_on():
                            return
                    continue
                except ApiError:
                    # Whatever reads next finds out what it is, and says so.
                    pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)
                finally:
                    self.is_live = False
            await asyncio.sleep(pause if stream is not None else _FIRST_PAUSE_SECONDS)
