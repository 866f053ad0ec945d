"""The application as its own process, served by uvicorn on a socket, configured by the environment alone."""

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from cardwright.core.clock import SystemClock
from concurrency.crowd import Crowd
from databases import Databases
from running_application import running_application


@pytest.fixture
def clock() -> SystemClock:
    """The clock that the process has, too."""
    return SystemClock()


@pytest.fixture(scope="package")
async def database_url(databases: Databases) -> AsyncIterator[str]:
    """One database for the process and all tests beside it; each test brings people of its own."""
    async with databases.lent() as url:
        yield url


@pytest.fixture(scope="package")
def served(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the application; vendors are never reached from it."""
    # What is asked is who wins, not how fast this machine is: nobody stands in for a slow decision.
    patient = {"CARDWRIGHT_PROGRAM__STAND_IN_AFTER_MS": "30000"}
    with running_application(database_url, tmp_path_factory.mktemp("served"), **patient) as address:
        yield address


@pytest.fixture
async def crowd(served: str) -> AsyncIterator[Crowd]:
    """Many clients at once, each on a connection that is open already."""
    limits = httpx.Limits(max_connections=60, max_keepalive_connections=60)
    async with httpx.AsyncClient(base_url=served, limits=limits, timeout=40, trust_env=False) as client:
        made = Crowd(client)
        await made.warm_up()
        yield made
