import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright.core.clock import MovableClock
from integration.challenges.scene import Scene, a_scene


@pytest.fixture
async def scene(engine: AsyncEngine, clock: MovableClock) -> Scene:
    return await a_scene(engine, clock)
