"""An issuer and gateway that tells of everything, and cardholders who pay there: hundreds of payments, fast.

Each purchase is made at the simulator over a real connection; what it tells arrives over the wire as well and
is handled as the worker does. There is no real-time question: the simulator approves by itself, so that one
round trip per purchase is spared.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

import httpx
import stripe
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from builders import provided_for_tests
from cardwright import cards, funding, reconciliation
from cardwright.adapters.stripe import inbox as stripe_inbox
from cardwright.adapters.stripe.client import make_client
from cardwright.adapters.stripe.disputes import StripeDisputeNetwork
from cardwright.adapters.stripe.funding import StripeFundingGateway
from cardwright.adapters.stripe.issuing import StripeCardNetwork, StripeCardProcessor
from cardwright.adapters.stripe.reporting import StripeReporter
from cardwright.adapters.stripe.top_up_disputes import StripeDisputeGateway
from cardwright.cards import CardProcessors, NewCard
from cardwright.core.clock import MovableClock
from cardwright.core.money import Money
from cardwright.core.sensitive import Sensitive
from cardwright.db import inbox
from cardwright.db.inbox import InboundMessage
from cardwright.db.jobs import Work
from cardwright.disputes import DisputeNetwork
from cardwright.funding import DisputeGateway, FundingGateway, TopUpReturn
from cardwright.payments import CardNetwork, convergence
from cardwright.programs import Program
from cardwright.reconciliation import Reporters, Run
from integration.kyc.people import a_verified_person, deliver, drain
from running_stripe import SETTINGS, RunningStripe

T = TypeVar("T")
Difference = tuple[str, str, str, str]
"""Kind of record, the vendor's id, in what the sides differ, and why."""
_AT_ONCE: Final = 6
# What a capture changes on its authorization is told by its transaction as well.
_TOLD: Final = (
    "issuing_authorization.created", "issuing_transaction.created", "payment_intent.succeeded",
    "issuing_dispute.closed", "issuing_dispute.funds_reinstated", "issuing_dispute.funds_rescinded",
    "charge.dispute.funds_withdrawn", "charge.dispute.closed",
)  # fmt: skip
_ROWS: Final = "SELECT record, external_id, kind, cause, state, closed_at IS NOT NULL FROM differences"


@dataclass
class Drill:
    """The world of one drill; `expected` is every difference that was seeded."""

    running: RunningStripe
    work: Work
    client: stripe.StripeClient
    clock: MovableClock
    people: Sequence[str]
    cards: Sequence[str]
    expected: set[Difference] = field(default_factory=set)
    handled: int = 0
    _turn: int = 0

    @property
    def program(self) -> Program:
        return self.work.get(Program)

    async def authorize(self, count: int) -> list[str]:
        """Make purchases that hold money, and return their ids."""
        return await self._each(range(count), lambda _: self._authorize())

    async def capture(self, authorizations: Sequence[str]) -> list[str]:
        """Clear purchases, and return the transactions' ids."""
        return await self._each(authorizations, self._capture)

    async def force(self, count: int) -> list[str]:
        """Take money that nobody asked for before."""
        return await self._each(range(count), lambda _: self._force())

    async def top_up(self, count: int, token: str = "pm_card_visa") -> list[str]:  # noqa: S107 - a test token
        """Add money, and return the gateway's ids."""
        for _ in range(count):
            user_id = self._next(self.people)
            async with self.work.transaction() as session:
                await funding.request_top_up(
                    session, self.clock, self.program, user_id=user_id,
                    money=Money(30_00 + self._turn, "USD"), token=Sensitive(token),
                )  # fmt: skip
        await deliver(self.work, funding.SUBSCRIPTIONS)
        found = await self.ask(
            f"SELECT provider_reference FROM top_ups ORDER BY id DESC LIMIT {count}"  # noqa: S608 - a number
        )
        await drain(self.work.engine)
        return [row[0] for row in found]

    async def authenticate(self, intents: Sequence[str]) -> None:
        """Let people confirm their top-ups at their bank."""
        await self._each(
            intents,
            lambda it: asyncio.to_thread(
                self.running.control, f"payment_intents/{it}/authenticate", {"outcome": "succeed"}
            ),
        )

    async def each(self, ids: Sequence[str], change: Callable[[str], Awaitable[T]]) -> list[T]:
        """Change many things at the simulator."""
        return await self._each(ids, change)

    async def hear(self) -> None:
        """Take what arrived since the last time, as the webhook's endpoint and the worker do."""
        await asyncio.to_thread(self._settle)
        events = self.running.receiver.events[self.handled :]
        self.handled += len(events)
        now = self.clock.now()
        async with self.work.transaction() as session:
            for event in events:
                payload = {"object_id": event["data"]["object"]["id"]}
                await inbox.receive(
                    session,
                    InboundMessage(self.program.id, "stripe", event["id"], event["type"], payload, now),
                )
        waiting = [it for it in await drain(self.work.engine) if it.type == "inbox.received"]
        while waiting:
            await self._each(waiting, lambda it: stripe_inbox.handle(self.work, it))
            waiting = [it for it in await drain(self.work.engine) if it.type == "inbox.received"]

    def deliver_with(self, **fates: int) -> None:
        """Let the simulator's messages meet their fates, of a hundred, chosen by a seed."""
        assert self.running.control("misdelivery", {"seed": 11, **fates}).is_success

    def misreport(
        self, list_: str, action: str, count: int, among: Iterable[str], *, member: str | None = None
    ) -> list[tuple[str, str]]:
        """Let a list be wrong about some records; return each with the id of its copy, or its own."""
        order = {"list": list_, "action": action, "count": count, "seed": 5, "among": sorted(among)}
        made = self.running.control("misreports", {**order, "member": member}).json()["data"]
        assert len(made) == count, f"there was not enough for {list_} {action}"
        return [(it["object_id"], it["copy_id"] or it["object_id"]) for it in made]

    def report_well(self) -> None:
        """Let every list be right again."""
        assert httpx.delete(f"{self.running.base_url}/_sim/stripe/misreports").is_success

    def expect(self, record: str, ids: Iterable[str], kind: str, cause: str) -> None:
        """Note what has to be found."""
        seeded = {(record, id_, kind, cause) for id_ in ids}
        assert not seeded & self.expected
        self.expected |= seeded

    async def copy_here(self, transaction: str) -> str:
        """Record a forced transaction under another id once more, as a mistake of ours would."""
        network = StripeCardNetwork(self.client)
        copied = replace(await network.transaction(transaction), reference=f"{transaction}copy")
        async with self.work.transaction() as session:
            await convergence.record_transaction(session, copied, source="stripe", at=self.clock.now())
        return copied.reference

    async def reconcile(self) -> Run:
        """Ask for a run and carry it out."""
        async with self.work.transaction() as session:
            await reconciliation.request_run(
                session, program_id=self.program.id, since=None, by="user_finance", at=self.clock.now()
            )
        run = await reconciliation.run_due(self.work)
        assert run is not None
        await drain(self.work.engine)
        return run

    async def differences(self, where: str = "TRUE") -> set[Difference]:
        """Return the differences that are kept."""
        return {(it[0], it[1], it[2], it[3]) for it in await self.ask(f"{_ROWS} WHERE {where}")}

    async def ask(self, query: str) -> Sequence[Any]:
        async with self.work.transaction() as session:
            return (await session.execute(text(query))).all()

    async def _each(self, ids: Iterable[Any], change: Callable[[Any], Awaitable[T]]) -> list[T]:
        room = asyncio.Semaphore(_AT_ONCE)

        async def one(id_: Any) -> T:
            async with room:
                return await change(id_)

        return list(await asyncio.gather(*(one(id_) for id_ in ids)))

    async def _authorize(self) -> str:
        wanted: Any = {"card": self._next(self.cards), "amount": 500 + self._turn}
        made = await self.client.v1.test_helpers.issuing.authorizations.create_async(wanted)
        assert made.approved
        return made.id

    async def _capture(self, authorization: str) -> str:
        helpers = self.client.v1.test_helpers.issuing.authorizations
        return (await helpers.capture_async(authorization)).transactions[-1].id

    async def _force(self) -> str:
        wanted: Any = {"card": self._next(self.cards), "amount": 500 + self._turn}
        return (await self.client.v1.test_helpers.issuing.transactions.create_force_capture_async(wanted)).id

    def _settle(self) -> None:
        # Lanes empty within milliseconds; the log says when nothing is on its way any more.
        self.running.eventually(
            lambda: not any(it["status"] == "pending" for it in self.running.world.dispatcher.deliveries())
        )

    def _next(self, of: Sequence[str]) -> str:
        self._turn += 1
        return of[self._turn % len(of)]


async def a_drill(engine: AsyncEngine, running: RunningStripe) -> Drill:
    """Set up people with cards at the simulator, which tells of what happens."""
    clock = MovableClock(datetime.now(UTC))
    client = make_client(Sensitive(SETTINGS.stripe_secret_key), running.base_url)
    provided: Mapping[type, Any] = {
        **await provided_for_tests(engine, clock),
        CardProcessors: CardProcessors({"stripe": StripeCardProcessor(client)}),
        CardNetwork: StripeCardNetwork(client),
        DisputeNetwork: StripeDisputeNetwork(client),
        FundingGateway: StripeFundingGateway(client),
        DisputeGateway: StripeDisputeGateway(client),
        TopUpReturn: TopUpReturn("https://cardwright.test/top-ups"),
        Reporters: Reporters([StripeReporter(client)]),
    }
    work = Work(engine, clock, provided)
    people = [await a_verified_person(engine, clock, f"payer{number}@example.com") for number in range(3)]
    for user_id in people:
        async with work.transaction() as session:
            await cards.create_card(
                session, NewCard("Everything"), program_id=provided[Program].id, user_id=user_id,
                currency="USD", at=clock.now(),
            )  # fmt: skip
    await deliver(work, cards.SUBSCRIPTIONS)
    await drain(engine)
    async with work.transaction() as session:
        found = await session.execute(text("SELECT processor_reference FROM cards ORDER BY id"))
        references = list(found.scalars())
    await asyncio.to_thread(running.subscribe, *_TOLD)
    return Drill(running, work, client, clock, people, references)


def shown(differences: Iterable[Difference]) -> str:
    """Write differences down, some of them, for whoever reads a failure."""
    return json.dumps(sorted(differences)[:20], indent=1)
