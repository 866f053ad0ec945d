"""Fixtures: a simulator on a socket, the application, and a holder with a card at the simulator."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright.core.clock import MovableClock
from cardwright.disputes import CreditPolicy
from integration.disputes.desk import Desk, a_desk
from running_simulator import RunningSimulator, running_simulator


@pytest.fixture
def simulator() -> Iterator[RunningSimulator]:
    with running_simulator() as simulator:
        yield simulator


@pytest.fixture
def clock() -> MovableClock:
    """A clock that shows the simulator's time."""
    return MovableClock(datetime.now(UTC))


@pytest.fixture
def policy() -> CreditPolicy:
    return CreditPolicy.ON_NETWORK_CREDIT


@pytest.fixture
async def desk(
    engine: AsyncEngine, clock: MovableClock, simulator: RunningSimulator, policy: CreditPolicy
) -> AsyncIterator[Desk]:
    made = await a_desk(engine, clock, simulator, policy)
    async with made.api, httpx.AsyncClient(base_url=simulator.base_url, timeout=10) as outside:
        made.outside = outside
        yield made
