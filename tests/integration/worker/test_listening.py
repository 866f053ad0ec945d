"""A queue that has just started hears its own probe, whichever of its connections is quicker."""

import asyncio

import asyncpg
from sqlalchemy.ext.asyncio import AsyncEngine
from structlog.testing import capture_logs

from cardwright.db.listening import ListeningFirst
from cardwright.db.session import plain_url
from integration.worker.bench import Bench


async def test_what_is_announced_before_anybody_listens_is_heard_all_the_same(database_url: str) -> None:
    heard: asyncio.Queue[object] = asyncio.Queue()
    async with (
        asyncpg.create_pool(plain_url(database_url), min_size=2, max_size=2) as pool,
        ListeningFirst(pool) as driver,
    ):
        announcing = asyncio.create_task(driver.notify("news", "probe"))
        await asyncio.sleep(0.1)
        await driver.add_listener("news", heard.put_nowait)
        assert await asyncio.wait_for(heard.get(), 10) == "probe"
        await announcing


async def test_workers_that_start_take_no_queue_for_dead(engine: AsyncEngine, database_url: str) -> None:
    bench = Bench(engine, database_url)
    with capture_logs() as logs:
        async with bench.running(), bench.running(), bench.running(), bench.running():
            # A probe that nobody hears is given up after ten seconds.
            await asyncio.sleep(12)
    assert [found for found in logs if found["event"] == "queue_failed"] == []
