"""One network and one application for all scenarios; each brings its own person with money and a card."""

from collections.abc import AsyncIterator

import pytest

from cardwright.cards import NewCard
from integration.cards.shared_stand import client, database_url, engine, shared_stand, simulator, stand
from integration.cards.stand import Stand
from running_simulator import RunningSimulator
from scenarios.till import Till

__all__ = ["client", "database_url", "engine", "shared_stand", "simulator", "stand"]


@pytest.fixture
async def till(stand: Stand, simulator: RunningSimulator) -> AsyncIterator[Till]:
    opened = Till(stand, simulator, await stand.issue(NewCard("Everything")))
    yield opened
    simulator.world.faults.clear()
    opened.answers_by_default("decline")
    await opened.told()
    await opened.ensure_sound()
