"""A wallet's books for a test that is not itself asynchronous: one loop, one connection, nothing is kept."""

import asyncio
from collections.abc import Coroutine
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncTransaction

from builders import engine_for_tests
from cardwright import ledger, payments, users
from cardwright.cards import CardState, Limit, lifecycle
from cardwright.cards import service as cards_service
from cardwright.core.clock import MovableClock
from cardwright.payments import (
    AuthorizationRequest,
    AuthorizationSnapshot,
    NetworkTransaction,
    convergence,
    store,
)
from cardwright.payments.store import Decision
from integration.payments import holders, reading
from integration.payments.holders import Holding
from integration.payments.network import SOURCE


class Connected:
    """A connection on a loop of its own, and how coroutines are run on it."""

    def __init__(self, database_url: str) -> None:
        self.loop = asyncio.new_event_loop()
        self.engine = engine_for_tests(database_url, pool_size=1)
        self.connection: AsyncConnection = self.run(self.engine.connect().start())

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(work)

    def close(self) -> None:
        self.run(self.connection.close())
        self.run(self.engine.dispose())
        self.loop.close()


class Stage:
    """The books of one holding within one transaction that is rolled back; every action is a savepoint."""

    def __init__(self, connected: Connected, holding: Holding, clock: MovableClock) -> None:
        self._connected = connected
        self._session = connected.connection
        self._clock = clock
        self.holding = holding
        self._whole: AsyncTransaction = connected.run(connected.connection.begin().start())

    def leave(self) -> None:
        self._connected.run(self._whole.rollback())

    def authorize(self, question: AuthorizationRequest) -> tuple[Decision | None, Decision]:
        """Return the decision that was there before, and the one that is given."""
        return self._do(self._authorize(question))  # type: ignore[no-any-return]

    def converge(self, snapshot: AuthorizationSnapshot) -> None:
        self._do(convergence.converge_authorization(self._session, snapshot, source=SOURCE, at=self._now))

    def record(self, alone: NetworkTransaction) -> None:
        self._do(convergence.record_transaction(self._session, alone, source=SOURCE, at=self._now))

    def expire(self) -> None:
        self._do(self._expire())

    def top_up(self, amount: int, name: str) -> None:
        self._do(holders.credit(self._session, self._clock, self.holding, amount, name=name))

    def set_state(self, card: int, state: CardState) -> None:
        self._do(
            lifecycle.change_state(
                self._session, self.holding.cards[card].id, state, user_id=self.holding.user_id,
                reason="holder", at=self._now,
            )
        )  # fmt: skip

    def set_limit(self, card: int, limit: Limit) -> None:
        self._do(
            cards_service.set_limits(
                self._session, self.holding.cards[card].id, [limit], user_id=self.holding.user_id,
                ensure_may_raise=lambda: None, at=self._now,
            )
        )  # fmt: skip

    def move(self, time_zone: str) -> None:
        self._do(self._move(time_zone))

    def read(self) -> reading.Wallet:
        return self._do(reading.read(self._session, self.holding.user_id))  # type: ignore[no-any-return]

    def audit(self) -> None:
        """Assert that all figures agree: the ledger's, the payments', ours, and every decision replayed."""
        self._do(holders.balances(self._session, self.holding))
        assert reading.faults(self.read()) == []

    @property
    def _now(self) -> datetime:
        return self._clock.now()

    def _do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self._connected.run(self._committed(work))

    async def _committed(self, work: Coroutine[Any, Any, Any]) -> Any:
        # What a commit would check is checked here: the ledger's constraint triggers wait for it.
        async with self._session.begin_nested():
            found = await work
            await self._session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
            await self._session.execute(text("SET CONSTRAINTS ALL DEFERRED"))
        return found

    async def _authorize(self, question: AuthorizationRequest) -> tuple[Decision | None, Decision]:
        key = f"{question.reference}:{question.attempt}"
        known = await store.find_decision(self._session, SOURCE, key)
        given = await payments.authorize(
            self._session, question, program_id=self.holding.program_id, at=self._now
        )
        return known, given

    async def _move(self, time_zone: str) -> None:
        found = await users.get_profile(self._session, self.holding.user_id)
        details = users.ProfileDetails(
            found.full_name, found.date_of_birth, found.locale, time_zone, found.phone, found.address
        )
        await users.save_profile(
            self._session, found.user_id, details, self._now, ensure_may_move=lambda: None
        )

    async def _expire(self) -> None:
        for payment_id in await ledger.expired_payment_ids(self._session, at=self._now, limit=200):
            await convergence.expire(self._session, payment_id, at=self._now)
        assert await ledger.expired_payment_ids(self._session, at=self._now, limit=1) == []
