"""A worker outlives its database: events that wait are handled once it is back."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from cardwright.db.embedded import EmbeddedPostgres
from cardwright.db.embedded.ports import free_port
from cardwright.db.jobs import Work
from cardwright.db.migrate import upgrade
from cardwright.db.outbox import Event
from cardwright.db.session import create_engine
from integration.worker.bench import Bench, an_event, eventually, heard_by


@pytest.mark.parametrize("mode", ["fast", "immediate"])
async def test_a_database_that_goes_away_and_comes_back_loses_no_job(tmp_path: Path, mode: str) -> None:
    server = EmbeddedPostgres(tmp_path / "pg", port=free_port(), settings={"fsync": "off"})
    url = await asyncio.to_thread(server.start)
    await asyncio.to_thread(upgrade, url)
    bench = Bench(create_engine(url, pool_pre_ping=True), url)
    heard: list[str] = []

    async def hear(_: Work, event: Event) -> None:
        heard.append(event.id)

    before, after = an_event(1), an_event(2)
    async with bench.running(heard_by(hear)):
        await bench.write(before)
        await eventually(_are(heard, before))
        await asyncio.to_thread(server.stop, mode=mode)
        await asyncio.sleep(2)
        await asyncio.to_thread(server.start)
        await bench.write(after)
        await eventually(_are(heard, before, after))
    await bench.engine.dispose()
    await asyncio.to_thread(server.stop)


def _are(heard: list[str], *events: Event) -> Callable[[], Awaitable[bool]]:
    async def so() -> bool:
        return set(heard) == {event.id for event in events}

    return so
