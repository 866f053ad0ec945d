"""A trail in a fresh database."""

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright.core.clock import MovableClock
from integration.audit.trail import Trail


@pytest.fixture
async def trail(engine: AsyncEngine, database_url: str, clock: MovableClock) -> Trail:
    return await Trail.begin(engine, database_url, clock)
