"""One network and one application for all scenarios; each brings its own person with money and a card."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import pytest
import stripe
from sqlalchemy.ext.asyncio import AsyncEngine

from builders import engine_for_tests
from cardwright.adapters.stripe.client import make_client
from cardwright.cards import NewCard
from cardwright.core.ids import new_id
from cardwright.core.sensitive import Sensitive
from cardwright.db.session import transaction
from databases import Databases
from integration.cards.stand import Stand, a_stand, somebody_with_money
from integration.kyc.people import the_program
from running_simulator import QUICK, RunningSimulator, running_simulator
from scenarios.till import Till


@pytest.fixture(scope="package")
async def database_url(databases: Databases) -> AsyncIterator[str]:
    async with databases.lent() as url:
        yield url


@pytest.fixture(scope="package")
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    made = engine_for_tests(database_url)
    yield made
    await made.dispose()


@pytest.fixture(scope="package")
def simulator() -> Iterator[RunningSimulator]:
    with running_simulator() as running:
        yield running


@pytest.fixture(scope="package")
def network(simulator: RunningSimulator) -> stripe.StripeClient:
    return make_client(Sensitive(QUICK.stripe_secret_key), simulator.base_url)


@pytest.fixture(scope="package")
async def stand(
    engine: AsyncEngine, database_url: str, simulator: RunningSimulator, network: stripe.StripeClient
) -> AsyncIterator[Stand]:
    async with a_stand(engine, database_url, simulator, network) as made:
        yield made


@pytest.fixture
async def till(stand: Stand, simulator: RunningSimulator) -> AsyncIterator[Till]:
    async with transaction(stand.engine) as session:
        program = await the_program(session)
    email = f"{new_id('person')}@example.com"
    holder = replace(stand, user_id=await somebody_with_money(stand.engine, program, email))
    opened = Till(holder, simulator, await holder.issue(NewCard("Everything")))
    yield opened
    simulator.world.faults.clear()
    opened.answers_by_default("decline")
    await opened.told()
    await opened.ensure_sound()
