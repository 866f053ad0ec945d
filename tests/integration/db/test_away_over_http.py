"""Requests while PostgreSQL lets nobody in are told so: nothing is wrong here, and a retry helps."""

import asyncio
import os
import signal
from pathlib import Path

import asyncpg
import httpx
from sqlalchemy.ext.asyncio import AsyncEngine

from builders import provided_for_tests
from cardwright.core.clock import MovableClock
from cardwright.db.embedded import EmbeddedPostgres
from cardwright.db.embedded.ports import free_port
from cardwright.db.session import create_engine
from cardwright.main import build_app


async def test_a_database_that_lets_nobody_in_is_away(
    engine: AsyncEngine, clock: MovableClock, tmp_path: Path
) -> None:
    """It says so (57P03) as it does while it starts and recovers: here it waits for one who is connected."""
    server = EmbeddedPostgres(tmp_path / "pg", port=free_port(), settings={"fsync": "off"})
    url = await asyncio.to_thread(server.start)
    own, other = create_engine(url), await asyncpg.connect(url)
    app = build_app(own, await provided_for_tests(engine, clock))
    os.kill(int((tmp_path / "pg" / "data" / "postmaster.pid").read_text().splitlines()[0]), signal.SIGTERM)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="https://cardwright.test") as client:
        answer = await client.get("/v1/me/identity", headers={"Cookie": "__Host-cardwright=of-nobody"})
    assert (answer.status_code, answer.json()["code"]) == (503, "database_unavailable")
    await asyncio.to_thread(server.stop)
    other.terminate()
    await own.dispose()
