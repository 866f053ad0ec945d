"""How the job queue hears of news: on a connection that is there before anything is announced."""

import asyncio
from collections.abc import Callable
from typing import Any

import asyncpg
from pgqueuer import AsyncpgPoolDriver


class ListeningFirst(AsyncpgPoolDriver):
    """Announces nothing before somebody listens here.

    The queue sends its listener a probe as it starts, beside making it: a probe that is sent first is never
    heard, and ten seconds later the queue takes its connection for dead.
    """

    def __init__(self, pool: "asyncpg.Pool[Any]") -> None:
        super().__init__(pool)
        self._listens = asyncio.Event()

    async def add_listener(self, channel: str, callback: Callable[[str | bytes | bytearray], None]) -> None:
        """Listen on a channel from now on."""
        await super().add_listener(channel, callback)
        self._listens.set()

    async def notify(self, channel: str, payload: str) -> None:
        """Announce something on a channel, once somebody listens."""
        await self._listens.wait()
        await super().notify(channel, payload)
