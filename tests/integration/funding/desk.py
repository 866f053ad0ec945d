"""Money in and out against the simulated gateway, with a worker's patience and real books."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx
import pytest
import stripe
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright import funding, ledger
from cardwright.access import Viewer
from cardwright.adapters.stripe import client as client_module
from cardwright.adapters.stripe import inbox as stripe_inbox
from cardwright.adapters.stripe.client import make_client
from cardwright.adapters.stripe.funding import StripeFundingGateway
from cardwright.adapters.stripe.payment_methods import StripeMethodGateway
from cardwright.adapters.stripe.refunds import StripeRefundGateway
from cardwright.adapters.stripe.top_up_disputes import StripeDisputeGateway
from cardwright.core.clock import MovableClock
from cardwright.core.errors import Unavailable
from cardwright.core.money import Money
from cardwright.core.sensitive import Sensitive
from cardwright.db import inbox
from cardwright.db.inbox import InboundMessage
from cardwright.db.jobs import Work
from cardwright.db.outbox import Event
from cardwright.db.session import transaction
from cardwright.funding import SavedMethod, TopUp, disputes, methods, service, withdrawals
from cardwright.funding.domain import Refund, TopUpDispute, Withdrawal, WithdrawalOrder
from cardwright.programs import Program
from integration.kyc.people import a_verified_person, drain, the_program
from running_simulator import QUICK, RunningSimulator, running_simulator

T = TypeVar("T")
_PATIENCE = 12


@dataclass
class Desk:
    """Somebody verified, the gateway, and what the worker would do."""

    work: Work
    simulator: RunningSimulator
    client: stripe.StripeClient
    program: Program
    user_id: str
    failures: int = 0
    told: list[Event] = field(default_factory=list)
    heard: set[str] = field(default_factory=set)

    @property
    def clock(self) -> MovableClock:
        assert isinstance(self.work.clock, MovableClock)
        return self.work.clock

    @property
    def viewer(self) -> Viewer:
        return Viewer(self.program.id, self.user_id)

    async def insist(self, do: Callable[[], Awaitable[T]]) -> T:
        """Do something as the worker does: again, while the gateway is unavailable."""
        for _ in range(_PATIENCE):
            try:
                return await do()
            except (Unavailable, ExceptionGroup):
                self.failures += 1
        return await do()

    async def settle(self) -> None:
        """Hand waiting events to their handlers until none is left."""
        while events := await drain(self.work.engine):
            self.told += events
            for event in events:
                for it in funding.SUBSCRIPTIONS:
                    if it.event_type == event.type:
                        await self.insist(lambda it=it, event=event: it.handle(self.work, event))  # type: ignore[misc]

    def events(self) -> Sequence[dict[str, Any]]:
        """What the gateway has told since it was last asked, in the order it happened."""
        fresh = [it for it in self.simulator.world.objects.scan("event") if it["id"] not in self.heard]
        self.heard |= {it["id"] for it in fresh}
        return fresh

    async def hear(self, *events: dict[str, Any]) -> None:
        """Take webhooks in, each through the inbox, and let the worker handle them."""
        for event in events or self.events():
            message = InboundMessage(
                self.program.id, "stripe", event["id"], event["type"],
                {"object_id": event["data"]["object"]["id"]}, self.clock.now(),
            )  # fmt: skip
            async with self.work.transaction() as session:
                is_new = await inbox.receive(session, message)
            if is_new:
                [received] = await drain(self.work.engine)
                await self.insist(lambda received=received: stripe_inbox.handle(self.work, received))  # type: ignore[misc]
            await self.settle()

    async def top_up(self, amount: int = 50_00, token: str = "pm_card_visa") -> TopUp:  # noqa: S107 - a test token
        async with self.work.transaction() as session:
            made = await funding.request_top_up(
                session, self.clock, self.program, user_id=self.user_id, money=Money(amount, "USD"),
                token=Sensitive(token),
            )  # fmt: skip
        await self.settle()
        return await self.stored(made.id)

    async def top_up_from(self, method: SavedMethod, amount: int = 50_00) -> TopUp:
        async with self.work.transaction() as session:
            made = await service.request_with_saved_method(
                session, self.clock, self.program, user_id=self.user_id, money=Money(amount, "USD"),
                method_id=method.id,
            )  # fmt: skip
        await self.settle()
        return await self.stored(made.id)

    async def stored(self, top_up_id: str) -> TopUp:
        async with self.work.transaction() as session:
            return await service.get_top_up(session, top_up_id, viewer=self.viewer)

    async def keep(self, token: str = "pm_card_visa", label: str | None = None) -> SavedMethod:  # noqa: S107 - a test token
        async with self.work.transaction() as session:
            kept = await methods.keep_method(
                session, self.clock, program_id=self.program.id, user_id=self.user_id,
                token=Sensitive(token), label=label,
            )  # fmt: skip
        await self.settle()
        return await self.method(kept.id)

    async def method(self, method_id: str) -> SavedMethod:
        async with self.work.transaction() as session:
            return await methods.get_method(session, method_id, user_id=self.user_id)

    async def withdraw(
        self, amount: int, order: WithdrawalOrder = WithdrawalOrder.NEWEST_FIRST
    ) -> tuple[Withdrawal, Sequence[Refund]]:
        async with self.work.transaction() as session:
            made = await withdrawals.request_withdrawal(
                session, self.clock, self.program, user_id=self.user_id, money=Money(amount, "USD"),
                order=order,
            )  # fmt: skip
        await self.settle()
        return await self.withdrawal(made.id)

    async def withdrawal(self, withdrawal_id: str) -> tuple[Withdrawal, Sequence[Refund]]:
        async with self.work.transaction() as session:
            return await withdrawals.get_withdrawal(session, withdrawal_id, viewer=self.viewer)

    async def disputes(self) -> Sequence[TopUpDispute]:
        async with self.work.transaction() as session:
            return await disputes.list_visible(session, self.viewer, cursor=None, limit=50)

    async def control(self, path: str, **body: Any) -> dict[str, Any]:
        """Let something happen at the gateway or at a bank."""
        async with httpx.AsyncClient() as http:
            answer = await http.post(f"{self.simulator.base_url}/_sim/stripe/{path}", json=body)
        answer.raise_for_status()
        done: dict[str, Any] = answer.json()
        return done

    async def money(self) -> tuple[int, int, int]:
        """Return what is posted in the wallet, what is held and what is owed."""
        async with self.work.transaction() as session:
            found = await ledger.owned_accounts(session, self.program.id, self.user_id)
            assert not await ledger.verify(session)
            balance = await ledger.trial_balance(session, self.program.id)
        assert set(balance.difference.values()) <= {0}
        by_code = {it.code: it for it in found}
        wallet, owed = by_code.get("wallet"), by_code.get("receivable")
        return (
            wallet.posted_balance if wallet else 0,
            wallet.held if wallet else 0,
            owed.posted_balance if owed else 0,
        )

    async def told_of(self, prefix: str = "funding.") -> list[str]:
        return [it.type for it in self.told if it.type.startswith(prefix)]


def gateways(client: stripe.StripeClient) -> dict[type, Any]:
    return {
        funding.FundingGateway: StripeFundingGateway(client),
        funding.RefundGateway: StripeRefundGateway(client),
        funding.MethodGateway: StripeMethodGateway(client),
        funding.DisputeGateway: StripeDisputeGateway(client),
        funding.TopUpReturn: funding.TopUpReturn("https://cardwright.test/top-ups"),
        funding.MethodReturn: funding.MethodReturn("https://cardwright.test/payment-methods"),
    }


@pytest.fixture(scope="module")
def simulator() -> Iterator[RunningSimulator]:
    with running_simulator() as simulator:
        yield simulator


@pytest.fixture
async def desk(
    engine: AsyncEngine, clock: MovableClock, simulator: RunningSimulator, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Desk]:
    # The worker is the one to try again.
    monkeypatch.setattr(client_module, "MAX_NETWORK_RETRIES", 0)
    client = make_client(Sensitive(QUICK.stripe_secret_key), simulator.base_url)
    user_id = await a_verified_person(engine, clock)
    async with transaction(engine) as session:
        program = await the_program(session)
    desk = Desk(Work(engine, clock, gateways(client)), simulator, client, program, user_id)
    desk.events()
    yield desk
    simulator.world.faults.clear()
