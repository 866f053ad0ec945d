"""One network and one application for all tests of a module; each test brings a holder of its own."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import pytest
import stripe
from sqlalchemy.ext.asyncio import AsyncEngine

from builders import engine_for_tests
from cardwright.adapters.stripe.client import make_client
from cardwright.core.ids import new_id
from cardwright.core.sensitive import Sensitive
from cardwright.db.session import transaction
from databases import Databases
from integration.cards.stand import Stand, a_stand, somebody_with_money
from integration.kyc.people import the_program
from running_simulator import QUICK, RunningSimulator, running_simulator


@pytest.fixture(scope="module")
async def database_url(databases: Databases) -> AsyncIterator[str]:
    async with databases.lent() as url:
        yield url


@pytest.fixture(scope="module")
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    made = engine_for_tests(database_url)
    yield made
    await made.dispose()


@pytest.fixture(scope="module")
def simulator() -> Iterator[RunningSimulator]:
    with running_simulator() as running:
        yield running


@pytest.fixture(scope="module")
def client(simulator: RunningSimulator) -> stripe.StripeClient:
    return make_client(Sensitive(QUICK.stripe_secret_key), simulator.base_url)


@pytest.fixture(scope="module")
async def shared_stand(
    engine: AsyncEngine, database_url: str, simulator: RunningSimulator, client: stripe.StripeClient
) -> AsyncIterator[Stand]:
    async with a_stand(engine, database_url, simulator, client) as made:
        yield made


@pytest.fixture
async def stand(shared_stand: Stand) -> Stand:
    """The stand as somebody sees it who came with 100.00 USD for this test alone."""
    async with transaction(shared_stand.engine) as session:
        program = await the_program(session)
    email = f"{new_id('person')}@example.com"
    return replace(shared_stand, user_id=await somebody_with_money(shared_stand.engine, program, email))
