"""Fixtures: a simulator on a socket, the application, and a holder with a card at the simulator."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright.core.clock import MovableClock
from cardwright.disputes import CreditPolicy
from integration.disputes.desk import Desk, desk_at
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
    async with desk_at(engine, clock, simulator, policy) as made:
        yield made
