"""Fixtures on a real PostgreSQL: each test that asks for a database has an empty one of its own."""

import functools
import gc
import os
import shutil
import ssl
import tempfile
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy.ext.asyncio import AsyncEngine

import appended_events
from browsers import forgetful_jar
from builders import provided_for_tests, with_new_keyring
from canary import watch
from cardwright.core.clock import MovableClock
from cardwright.db import outbox
from cardwright.db.embedded import EmbeddedPostgres
from cardwright.db.session import Session, transaction
from cardwright.main import build_app
from cardwright.wiring import configure_logging
from cheap_hashes import hash_cheaply
from databases import Databases
from depth import IS_THOROUGH, left_out

# A slow machine is no mistake of the code under test.
settings.register_profile("any-machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any-machine")
# As in production. By default structlog draws every frame with its source and local variables, for seconds.
configure_logging()
# To read the authorities' certificates anew for every client took an eighth of all the time. Contexts that
# somebody means to change are made by themselves.
_read_certificates = httpx.create_ssl_context
_usual_certificates = functools.cache(_read_certificates)


def _certificates(verify: Any = True, cert: Any = None, trust_env: bool = True) -> ssl.SSLContext:
    made = _usual_certificates if verify is True and cert is None else _read_certificates
    return made(verify, cert, trust_env)


for module in (httpx, httpx._transports.default):
    module.create_ssl_context = _certificates  # type: ignore[attr-defined]
# What is imported and collected stays until the end: to look through it for garbage again and again took
# almost half the time of collecting, in each worker.
gc.disable()
SELDOM = (10_000, 20, 20)
UNSAFE_BUT_FAST = {
    "fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_wal_size": "256MB",
}  # fmt: skip
ROOMY_BYTES = 4 * 1024**3
LONGEST = {"fuzz", "access"}
"""Folders of what tries each operation of the API."""


def _in_memory() -> Path | None:
    """A folder that no disk slows down, where the machine has a roomy one."""
    memory = Path("/dev/shm")  # noqa: S108 - a folder with a random name is made in it
    return memory if memory.is_dir() and shutil.disk_usage(memory).free > ROOMY_BYTES else None


def pytest_report_header() -> str | None:
    return (
        None if IS_THOROUGH else "of many parameters or examples a quarter is tried: `make check` tries all"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not IS_THOROUGH:
        passed_over = left_out(items)
        config.hook.pytest_deselected(items=[it for it in items if it.nodeid in passed_over])
        items[:] = [it for it in items if it.nodeid not in passed_over]
    # What takes longest begins first, and the quick ones at the end leave no worker idle for long.
    items.sort(key=lambda item: not LONGEST.intersection(item.path.parts))


def pytest_collection_finish() -> None:
    gc.collect()
    gc.freeze()
    gc.set_threshold(*SELDOM)
    gc.enable()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    watch.listen(report)


@pytest.fixture(scope="session", autouse=True)
def no_card_number_in_clear(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Fails the run at its end where a card number was printed or written to a file."""
    yield
    watch.refuse_numbers_in_print_and_folder(tmp_path_factory.getbasetemp())


@pytest.fixture(scope="session", autouse=True)
def events_as_promised() -> Iterator[None]:
    """Fails the run where an event was appended that is not what the catalogue of events says."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(outbox, "append", appended_events.checked_append)
        yield
    appended_events.refuse_wrong_ones()


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        hash_cheaply(patch)
        yield


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The server of the test databases: DATABASE_URL's, else a private one that lives as long as the run."""
    if given := os.environ.get("DATABASE_URL"):
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="cardwright-test-", dir=_in_memory()) as folder:
        watched = watch.watched_settings(Path(folder))
        server = EmbeddedPostgres(Path(folder) / "pg", settings={**UNSAFE_BUT_FAST, **watched})
        yield server.start()
        # Not at once: what is in memory only belongs into the files that are looked at.
        server.stop()
        watch.refuse_numbers_in_folder(Path(folder))


@pytest.fixture(scope="session")
async def databases(postgres_url: str) -> AsyncIterator[Databases]:
    made = Databases(postgres_url)
    await made.prepare()
    yield made
    await made.drop_all()


@pytest.fixture
async def database_url(databases: Databases) -> AsyncIterator[str]:
    """A migrated database with nothing in it, this test's own."""
    async with databases.lent() as url:
        yield url


@pytest.fixture
async def engine(databases: Databases, database_url: str) -> AsyncEngine:
    """The engine of this test's database, connected already; its keyring is new."""
    return with_new_keyring(databases.engine_of(database_url))


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
