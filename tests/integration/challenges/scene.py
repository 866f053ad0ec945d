"""A holder with a card, people who may answer for it, and a server that asks and keeps the answers."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright import challenges
from cardwright.access import Principal
from cardwright.challenges import (
    ChallengeServer,
    ChallengeState,
    Merchant,
    Notice,
    Outcome,
    approvers,
    service,
    store,
)
from cardwright.challenges.approver_store import Approver
from cardwright.challenges.domain import Challenge
from cardwright.core.clock import MovableClock
from cardwright.core.errors import Unavailable
from cardwright.db.confinement import confine_to_customer
from cardwright.db.jobs import Work
from cardwright.db.outbox import Event
from cardwright.db.session import Session, transaction
from integration.kyc.people import a_verified_person, deliver, drain
from integration.payments import holders
from integration.payments.holders import Holding

BAKERY = Merchant("Corner Bakery", "5462", "US", "m_1")
MINUTES = timedelta(minutes=5)


@dataclass
class AskingServer:
    """Takes each key's answer once; `ends` says what it answers to a challenge that ended there before."""

    ends: dict[str, Outcome] = field(default_factory=dict)
    taken: dict[str, tuple[str, bool]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    failures: int = 0
    lost_answers: int = 0

    async def answer(self, reference: str, *, approved: bool, key: str) -> Outcome:
        self.calls.append(key)
        if self.failures:
            self.failures -= 1
            raise Unavailable("challenge_server_unavailable", "It is away.")
        assert self.taken.setdefault(key, (reference, approved)) == (reference, approved)
        if self.lost_answers:
            self.lost_answers -= 1
            raise Unavailable("challenge_server_unavailable", "The answer was lost.")
        return self.ends.get(reference, Outcome.TAKEN)


@dataclass
class Scene:
    """Where it plays; the clock stands until it is moved."""

    engine: AsyncEngine
    clock: MovableClock
    holding: Holding
    server: AskingServer = field(default_factory=AskingServer)

    @property
    def work(self) -> Work:
        return Work(self.engine, self.clock, {ChallengeServer: self.server})

    @property
    def holder(self) -> Principal:
        return Principal(self.holding.user_id, self.holding.program_id)

    def notice(
        self, state: ChallengeState = ChallengeState.PENDING, *, reference: str = "acsch_1", **changes: Any
    ) -> Notice:
        told = {
            "source": "acs", "reference": reference, "state": state,
            "card_reference": self.holding.references[0], "merchant": BAKERY, "amount": 49_00,
            "currency": "USD", "expires_at": self.clock.now() + MINUTES,
        }  # fmt: skip
        return Notice(**{**told, **changes})

    async def tell(self, *notices: Notice) -> None:
        for notice in notices:
            async with transaction(self.engine) as session:
                await challenges.apply_notice(session, notice, self.clock.now())

    async def asked(self, reference: str = "acsch_1") -> Challenge:
        """Return a challenge that waits."""
        await self.tell(self.notice(reference=reference))
        return await self.stored(reference)

    async def stored(self, reference: str = "acsch_1") -> Challenge:
        async with transaction(self.engine) as session:
            found = await store.find_by_reference_for_update(session, "acs", reference)
        assert found is not None
        return found

    def acting(self, who: Principal) -> AbstractAsyncContextManager[Session]:
        """Open a transaction like that of somebody's request, confined to them."""
        return acting(self.engine, who)

    async def approve(self, challenge_id: str, who: Principal | None = None) -> Challenge:
        who = who or self.holder
        async with self.acting(who) as session:
            return await service.approve(session, challenge_id, by=who, at=self.clock.now())

    async def refuse(
        self, challenge_id: str, who: Principal | None = None, *, report_fraud: bool = False
    ) -> Challenge:
        who = who or self.holder
        async with self.acting(who) as session:
            return await service.refuse(
                session, challenge_id, report_fraud=report_fraud, by=who, at=self.clock.now()
            )

    async def deliver(self) -> Sequence[Event]:
        return await deliver(self.work, challenges.SUBSCRIPTIONS)

    async def somebody(self, email: str) -> Principal:
        user_id = await a_verified_person(self.engine, self.clock, email)
        return Principal(user_id, self.holding.program_id)

    async def invite(self, email: str) -> Approver:
        async with self.acting(self.holder) as session:
            return await approvers.invite(
                session, self.holding.cards[0].id, email, by=self.holder, at=self.clock.now()
            )

    async def accept(self, invitation_id: str, who: Principal) -> Approver:
        async with self.acting(who) as session:
            return await approvers.accept(session, invitation_id, by=who, at=self.clock.now())

    async def an_approver(self, email: str) -> tuple[Principal, Approver]:
        """Return somebody who accepted to answer for the card."""
        who = await self.somebody(email)
        invited = await self.invite(email)
        await self.deliver()
        return who, await self.accept(invited.id, who)

    async def remove(self, approver: Approver) -> None:
        async with self.acting(self.holder) as session:
            await approvers.remove(
                session, approver.card_id, approver.id, by=self.holder, at=self.clock.now()
            )

    async def acts(self, prefix: str = "challenge.") -> list[tuple[str, str]]:
        """Return (actor, action) of the audit trail, oldest first."""
        async with transaction(self.engine) as session:
            rows = await session.execute(
                text("SELECT actor_id, action FROM audit_entries WHERE action LIKE :like ORDER BY id"),
                {"like": f"{prefix}%"},
            )
        return [(row.actor_id, row.action) for row in rows]


@asynccontextmanager
async def acting(engine: AsyncEngine, who: Principal) -> AsyncIterator[Session]:
    async with transaction(engine) as session:
        await confine_to_customer(session, program_id=who.program_id, user_id=who.user_id)
        yield session


async def a_scene(engine: AsyncEngine, clock: MovableClock) -> Scene:
    scene = Scene(engine, clock, await holders.a_holding(engine, clock, email="holder@example.com"))
    await drain(engine)
    return scene
