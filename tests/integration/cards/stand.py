"""The application on a real socket, the simulator's network that asks it, and cards that pay through both."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
import stripe
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from builders import engine_for_tests, provided_for_tests
from cardwright import cards, ledger
from cardwright.adapters.stripe.client import make_client
from cardwright.adapters.stripe.issuing import StripeCardNetwork, StripeCardProcessor
from cardwright.adapters.stripe.realtime import StripeAuthorizationWire
from cardwright.adapters.stripe.webhooks import StripeWebhook
from cardwright.cards import Card, CardProcessors, CardState, NewCard, ReplacementReason, lifecycle
from cardwright.core.clock import SystemClock
from cardwright.core.sensitive import Sensitive
from cardwright.db.jobs import Work
from cardwright.db.session import transaction
from cardwright.http.webhooks_in import WebhookSources
from cardwright.main import AUTHORIZATION_PATH, build_app
from cardwright.payments import AuthorizationWire, convergence
from cardwright.programs import Program
from integration.kyc.people import a_verified_person, deliver, drain
from running_simulator import QUICK, RunningSimulator, running_simulator
from running_stripe import served


@pytest.fixture
def simulator() -> Iterator[RunningSimulator]:
    with running_simulator() as simulator:
        yield simulator


@pytest.fixture
def client(simulator: RunningSimulator) -> stripe.StripeClient:
    return make_client(Sensitive(QUICK.stripe_secret_key), simulator.base_url)


@dataclass
class Stand:
    """The application on a real socket, told of everything by the simulator, and somebody with 100.00 USD."""

    engine: AsyncEngine
    client: stripe.StripeClient
    program_id: str
    user_id: str
    card_reference: str = ""

    async def issue(self, wanted: NewCard) -> Card:
        """Issue a card at the simulator."""
        clock = SystemClock()
        async with transaction(self.engine) as session:
            card = await cards.create_card(
                session, wanted,
                program_id=self.program_id, user_id=self.user_id, currency="USD", at=clock.now(),
            )  # fmt: skip
        await self.deliver()
        return await self.card(card.id)

    async def replaced(self, card: Card, state: CardState) -> Card:
        """Bring a card into a state, report it lost, and return the card in its place."""
        await self.change_state(card, state)
        async with transaction(self.engine) as session:
            new = await lifecycle.replace_card(
                session, card.id, ReplacementReason.LOST, user_id=self.user_id, at=SystemClock().now()
            )
        await self.deliver()
        return await self.card(new.id)

    async def change_state(self, card: Card, state: CardState) -> Card:
        """Freeze or unfreeze a card, here and at the simulator."""
        async with transaction(self.engine) as session:
            await lifecycle.change_state(
                session, card.id, state, user_id=self.user_id, reason="holder", at=SystemClock().now()
            )
        await self.deliver()
        return await self.card(card.id)

    async def deliver(self) -> None:
        """Work as the worker does until nothing is left."""
        processors = CardProcessors({"stripe": StripeCardProcessor(self.client)})
        work = Work(self.engine, SystemClock(), {CardProcessors: processors})
        while await deliver(work, cards.SUBSCRIPTIONS):
            pass

    async def card(self, card_id: str) -> Card:
        async with transaction(self.engine) as session:
            found = await cards.find_card(session, card_id)
        assert found is not None
        return found

    async def pay(self, amount: int, *, card: str | None = None, **more: Any) -> stripe.issuing.Authorization:
        """Ask for an authorization, and return it as it stands after the decision."""
        wanted: Any = {"card": card or self.card_reference, "amount": amount, **more}
        made = await self.client.v1.test_helpers.issuing.authorizations.create_async(wanted)
        return await self.client.v1.issuing.authorizations.retrieve_async(made.id)

    async def reason(self, authorization: stripe.issuing.Authorization) -> str | None:
        """Return why the newest request of an authorization was declined; None for an approval."""
        key = f"{authorization.id}:{len(authorization.request_history) - 1}"
        query = "SELECT count(*) FROM decisions WHERE request_key = :key"
        if not await self.count(query, key=key):
            # The processor's own wall declined it, and we hear of it afterwards.
            await self.converge(authorization.id)
        async with transaction(self.engine) as session:
            found = await session.execute(
                text("SELECT reason_code FROM decisions WHERE request_key = :key"), {"key": key}
            )
            reason: str | None = found.scalar_one()
        return reason

    async def converge(self, reference: str) -> None:
        """Hear of an authorization as the worker would."""
        snapshot = await StripeCardNetwork(self.client).authorization(reference)
        async with transaction(self.engine) as session:
            await convergence.converge_authorization(
                session, snapshot, source="stripe", at=SystemClock().now()
            )

    async def count(self, query: str, **values: str) -> int:
        async with transaction(self.engine) as session:
            return int((await session.execute(text(query), values)).scalar_one())

    async def eventually(self, query: str, expected: int) -> None:
        async with asyncio.timeout(15):
            while True:
                if await self.count(query) == expected:
                    return
                await asyncio.sleep(0.02)


@pytest.fixture
async def stand(
    engine: AsyncEngine, database_url: str, simulator: RunningSimulator, client: stripe.StripeClient
) -> AsyncIterator[Stand]:
    async with a_stand(engine, database_url, simulator, client) as made:
        yield made


@asynccontextmanager
async def a_stand(
    engine: AsyncEngine, database_url: str, simulator: RunningSimulator, client: stripe.StripeClient
) -> AsyncIterator[Stand]:
    """Serve the application to the simulator, with somebody who has a card."""
    clock = SystemClock()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        endpoint = await client.v1.webhook_endpoints.create_async(
            {"url": f"{address}/webhooks/stripe", "enabled_events": ["*"]}
        )
        real_time = simulator.world.stripe.realtime.configure(f"{address}{AUTHORIZATION_PATH}", "decline")
        provided = await provided_for_tests(engine, clock)
        sources = {
            "stripe": StripeWebhook(
                Sensitive(str(endpoint.secret)), program_id=provided[Program].id, clock=clock
            )
        }
        # The server runs in a thread with a loop of its own, so it has connections of its own.
        theirs = engine_for_tests(database_url)
        app = build_app(
            theirs,
            {
                **provided,
                AuthorizationWire: StripeAuthorizationWire(Sensitive(real_time["secret"])),
                WebhookSources: WebhookSources(address, sources),
            },
        )
        with served(app, listener):
            user_id = await somebody_with_money(engine, provided[Program])
            stand = Stand(engine, client, provided[Program].id, user_id)
            stand.card_reference = str((await stand.issue(NewCard("Groceries"))).processor_reference)
            yield stand


async def somebody_with_money(engine: AsyncEngine, program: Program, email: str = "robin@example.com") -> str:
    """Return the user id of somebody verified who has 100.00 USD."""
    clock = SystemClock()
    user_id = await a_verified_person(engine, clock, email)
    async with transaction(engine) as session:
        await ledger.credit_wallet(
            session, program_id=program.id, user_id=user_id, currency="USD", amount=10_000,
            contra="funding_in_transit", kind="top_up", external_id=f"top_up:{user_id}", at=clock.now(),
        )  # fmt: skip
    await drain(engine)
    return user_id
