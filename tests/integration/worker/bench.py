"""A worker in this process on the real queue, and a look at the jobs behind it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import asyncpg
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright.core.clock import SystemClock
from cardwright.db import outbox
from cardwright.db.jobs import Subscription, Work
from cardwright.db.outbox import Event
from cardwright.db.session import transaction
from cardwright.worker import Worker

AT = datetime(2026, 11, 23, 12, 0, 0, 123_456, tzinfo=UTC)
PATIENCE_SECONDS = 30


@dataclass
class Bench:
    """Where the queue is."""

    engine: AsyncEngine
    database_url: str
    provided: Mapping[type, Any] = field(default_factory=dict)

    def work(self) -> Work:
        return Work(self.engine, SystemClock(), self.provided)

    @asynccontextmanager
    async def running(self, *subscriptions: Subscription) -> AsyncIterator[Worker]:
        """Run a worker for as long as the context lasts, then let it end in good order."""
        worker = Worker(self.work(), self.database_url, subscriptions)
        running = asyncio.create_task(worker.run())
        try:
            yield worker
        finally:
            worker.stop()
            async with asyncio.timeout(PATIENCE_SECONDS):
                await running

    async def write(self, *events: Event) -> None:
        async with transaction(self.engine) as session:
            await outbox.append(session, *events)

    async def ask(self, query: str) -> Sequence[Mapping[str, Any]]:
        connection = await asyncpg.connect(self.database_url)
        try:
            rows: Sequence[Mapping[str, Any]] = await connection.fetch(query)
        finally:
            await connection.close()
        return rows

    async def jobs(self) -> list[tuple[str, int]]:
        """Return (status, attempts) of every job that is not done."""
        return [
            (row["status"], row["attempts"]) for row in await self.ask("SELECT * FROM pgqueuer ORDER BY id")
        ]

    async def is_idle(self) -> bool:
        """Whether no job waits or runs."""
        return await self.jobs() == []


def an_event(number: int = 1) -> Event:
    return Event("thing.happened", "prog_1", f"thing_{number}", AT, {"amount": 2_500, "name": "Zoë"})


def heard_by(handle: Callable[[Work, Event], Awaitable[None]], name: str = "test.hears") -> Subscription:
    return Subscription(name, "thing.happened", handle)


async def eventually(is_so: Callable[[], Awaitable[object]]) -> None:
    """Wait until a condition holds, and fail if it does not in time."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            if await is_so():
                return
            await asyncio.sleep(0.02)
