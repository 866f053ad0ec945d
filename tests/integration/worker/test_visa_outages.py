"""A card at Visa is waited for, found again and never made twice."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright import cards
from cardwright.adapters.visa.client import VisaClient
from cardwright.adapters.visa.virtual_accounts import REQUISITION, VisaCardProcessor
from cardwright.cards import CardProcessors, CardState, NewCard
from cardwright.core.clock import SystemClock
from cardwright.db import jobs
from cardwright.db.session import transaction
from integration.kyc.people import a_verified_person, the_program
from integration.worker.bench import Bench, eventually
from running_simulator import RunningSimulator, running_simulator
from simulator.visa.accounts import ACCOUNT
from visa_access import access_to, settings_with_visa


@pytest.fixture
def simulator(tmp_path: Path) -> Iterator[RunningSimulator]:
    with running_simulator(settings_with_visa(tmp_path)) as simulator:
        yield simulator


async def test_a_card_asked_for_while_visa_is_in_trouble_is_issued_once(
    engine: AsyncEngine, database_url: str, simulator: RunningSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "FIRST_PAUSE_SECONDS", 0.1)
    monkeypatch.setattr(jobs, "LONGEST_PAUSE_SECONDS", 0.2)
    clock = SystemClock()
    client = VisaClient(access_to(simulator.world.settings), SystemClock())
    processors = CardProcessors({"visa": VisaCardProcessor(client, clock)})
    bench = Bench(engine, database_url, {CardProcessors: processors})
    user_id = await a_verified_person(engine, clock)
    async with transaction(engine) as session:
        program = await the_program(session)
        card = await cards.create_card(
            session, NewCard("Groceries", processor="visa"),
            program_id=program.id, user_id=user_id, currency="USD", at=clock.now(),
        )  # fmt: skip

    async def state() -> CardState:
        async with transaction(engine) as session:
            found = await cards.find_card(session, card.id)
        assert found is not None
        return found.state

    async def has_tried_more_than_once() -> bool:
        return max((attempts for _, attempts in await bench.jobs()), default=0) > 1

    async def is_made_there() -> bool:
        return simulator.world.objects.count(ACCOUNT) == 1

    async def is_active() -> bool:
        return await state() is CardState.ACTIVE

    faults = simulator.world.faults
    faults.add("api", "error", count=None)
    async with bench.running(*cards.SUBSCRIPTIONS):
        await eventually(has_tried_more_than_once)
        assert simulator.world.objects.count(ACCOUNT) == 0
        faults.clear()
        faults.add("api", "drop_response", selector=f"POST {REQUISITION}", count=None)
        await eventually(is_made_there)
        assert await state() is CardState.INACTIVE
        faults.clear()
        await eventually(is_active)
        await eventually(bench.is_idle)
    assert simulator.world.objects.count(ACCOUNT) == 1
    await client.aclose()
