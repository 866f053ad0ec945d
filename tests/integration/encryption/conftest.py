"""An engine with letters in its database."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from integration.encryption.letters import engine_with_letters


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    made = await engine_with_letters(database_url, pool_size=20)
    yield made
    await made.dispose()
