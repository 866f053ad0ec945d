"""A purchase over real sockets: the simulator asks, is answered, and tells of it afterwards."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import stripe
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from builders import engine_for_tests, provided_for_tests
from cardwright import cards, ledger
from cardwright.adapters.stripe.client import make_client
from cardwright.adapters.stripe.issuing import StripeCardProcessor
from cardwright.adapters.stripe.realtime import StripeAuthorizationWire
from cardwright.adapters.stripe.webhooks import StripeWebhook
from cardwright.cards import CardProcessors
from cardwright.core.clock import SystemClock
from cardwright.core.sensitive import Sensitive
from cardwright.db.jobs import Work
from cardwright.db.session import transaction
from cardwright.http.webhooks_in import WebhookSources
from cardwright.main import AUTHORIZATION_PATH, build_app
from cardwright.payments import AuthorizationWire
from cardwright.programs import Program
from integration.kyc.people import a_verified_person, deliver
from running_simulator import QUICK, RunningSimulator, running_simulator
from running_stripe import served

HELD = "SELECT held FROM ledger_accounts WHERE code = 'wallet'"
CREATED = "SELECT count(*) FROM inbox WHERE type = 'issuing_authorization.created'"


@pytest.fixture
def simulator() -> Iterator[RunningSimulator]:
    with running_simulator() as simulator:
        yield simulator


@pytest.fixture
def client(simulator: RunningSimulator) -> stripe.StripeClient:
    return make_client(Sensitive(QUICK.stripe_secret_key), simulator.base_url)


@dataclass
class Stand:
    """The application on a real socket, told of everything by the simulator, and a card with 100.00 USD."""

    engine: AsyncEngine
    client: stripe.StripeClient
    card_reference: str

    async def pay(self, amount: int) -> stripe.issuing.Authorization:
        """Ask for an authorization, and return it as it stands after the decision."""
        wanted: Any = {"card": self.card_reference, "amount": amount}
        made = await self.client.v1.test_helpers.issuing.authorizations.create_async(wanted)
        return await self.client.v1.issuing.authorizations.retrieve_async(made.id)

    async def count(self, query: str) -> int:
        async with transaction(self.engine) as session:
            return int((await session.execute(text(query))).scalar_one())

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
            yield Stand(engine, client, await _a_card_with_money(engine, client, provided[Program]))


async def _a_card_with_money(engine: AsyncEngine, client: stripe.StripeClient, program: Program) -> str:
    clock = SystemClock()
    user_id = await a_verified_person(engine, clock)
    async with transaction(engine) as session:
        await ledger.credit_wallet(
            session, program_id=program.id, user_id=user_id, currency="USD", amount=10_000,
            contra="funding_in_transit", kind="top_up", external_id="top_up:1", at=clock.now(),
        )  # fmt: skip
        card = await cards.create_card(
            session, program_id=program.id, user_id=user_id, currency="USD", label="Groceries", limits=[],
            at=clock.now(),
        )  # fmt: skip
    await deliver(
        Work(engine, clock, {CardProcessors: CardProcessors({"stripe": StripeCardProcessor(client)})}),
        cards.SUBSCRIPTIONS,
    )
    async with transaction(engine) as session:
        issued = await cards.find_card(session, card.id)
    assert issued is not None
    return str(issued.processor_reference)


async def test_a_purchase_is_decided_in_real_time_and_told_of_afterwards(stand: Stand) -> None:
    approved = await stand.pay(2_500)
    assert (approved.approved, approved.request_history[0].reason) == (True, "webhook_approved")
    assert approved.metadata["decision_id"].startswith("dec")
    assert await stand.count(HELD) == 2_500
    declined = await stand.pay(7_501)
    assert (declined.approved, declined.request_history[0].reason) == (False, "webhook_declined")
    await stand.eventually(CREATED, 2)
    assert await stand.count(HELD) == 2_500


async def test_a_webhook_sent_twice_over_the_wire_is_kept_once(
    stand: Stand, simulator: RunningSimulator
) -> None:
    simulator.world.faults.add("webhook", "duplicate", selector="issuing_authorization.created")
    await stand.pay(100)
    await stand.eventually(CREATED, 1)

    def sent() -> int:
        deliveries = httpx.get(f"{simulator.base_url}/_sim/deliveries").json()["data"]
        wanted = [it for it in deliveries if it["topic"] == "issuing_authorization.created"]
        return sum(len(it["attempts"]) for it in wanted)

    async with asyncio.timeout(15):
        while True:
            if await asyncio.to_thread(sent) == 2:
                break
            await asyncio.sleep(0.02)
    assert await stand.count(CREATED) == 1
