"""Fixtures on a real PostgreSQL: a migrated template database, copied for each test that asks for one."""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex

import asyncpg
import httpx
import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine

from browsers import forgetful_jar
from builders import engine_for_tests, provided_for_tests
from cardwright.core.clock import MovableClock
from cardwright.db.embedded import EmbeddedPostgres
from cardwright.db.migrate import upgrade
from cardwright.db.session import Session, transaction
from cardwright.main import build_app

# A slow machine is no mistake of the code under test.
settings.register_profile("any-machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any-machine")
UNSAFE_BUT_FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The server of the test databases: DATABASE_URL's, else a private one that lives as long as the run."""
    if given := os.environ.get("DATABASE_URL"):
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="cardwright-test-") as folder:
        server = EmbeddedPostgres(Path(folder) / "pg", settings=UNSAFE_BUT_FAST)
        yield server.start()
        server.stop(mode="immediate")


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def _with_database(url: str, name: str) -> str:
    return make_url(url).set(database=name).render_as_string(hide_password=False)


@pytest.fixture(scope="session")
async def template_database(postgres_url: str) -> AsyncIterator[str]:
    """A database with the newest schema and nothing in it; copying it takes some 30 ms."""
    name = f"cardwright_template_{token_hex(4)}"
    await _execute(postgres_url, f"CREATE DATABASE {name}")
    await asyncio.to_thread(upgrade, _with_database(postgres_url, name))
    yield name
    await _execute(postgres_url, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def database_url(postgres_url: str, template_database: str) -> AsyncIterator[str]:
    """A fresh migrated database of this test's own."""
    name = f"cardwright_test_{token_hex(4)}"
    await _execute(postgres_url, f"CREATE DATABASE {name} TEMPLATE {template_database} STRATEGY file_copy")
    yield _with_database(postgres_url, name)
    await _execute(postgres_url, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    made = engine_for_tests(database_url, pool_size=60)
    yield made
    await made.dispose()


@pytest.fixture
async def session(engine: AsyncEngine) -> AsyncIterator[Session]:
    """A transaction that commits when the test ends."""
    async with transaction(engine) as opened:
        yield opened


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock(datetime(2026, 11, 23, 12, 0, tzinfo=UTC))


@pytest.fixture
async def client(engine: AsyncEngine, clock: MovableClock) -> AsyncIterator[httpx.AsyncClient]:
    """The application in this process, spoken to through its ASGI interface."""
    app = build_app(engine, await provided_for_tests(engine, clock))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(
        transport=transport, base_url="https://cardwright.test", cookies=forgetful_jar()
    ) as opened:
        yield opened
