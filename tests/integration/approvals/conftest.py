"""An office to work in."""

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright.core.clock import MovableClock
from integration.approvals.office import Office


@pytest.fixture
async def office(client: httpx.AsyncClient, engine: AsyncEngine, clock: MovableClock) -> Office:
    return await Office(client, engine, clock).open()
