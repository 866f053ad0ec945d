"""Whatever order the news of a payment comes in, and however often: one state, the one the network is in."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright.core.clock import MovableClock
from cardwright.db.session import Session
from cardwright.payments import AuthorizationSnapshot, convergence, store
from depth import IS_THOROUGH
from integration.payments import holders
from integration.payments.holders import Holding
from integration.payments.network import BAKERY, SOURCE, Purchase, Ticking

SHORT = 1


def _stay(purchase: Purchase) -> None:
    purchase.answer(50_00, approved=True)
    purchase.answer(20_00, approved=True)
    purchase.reverse(10_00)
    purchase.capture("ipi_1", 20_00, is_closing=False)
    purchase.capture("ipi_2", 35_00, is_closing=True)
    purchase.refund("ipi_3", 5_00)


def _late(purchase: Purchase) -> None:
    purchase.answer(60_00, approved=True)
    purchase.capture("ipi_1", 20_00, is_closing=False)
    purchase.expire()
    purchase.capture("ipi_2", 30_00, is_closing=True)
    purchase.refund("ipi_3", 50_00)


def _stood_in(purchase: Purchase) -> None:
    purchase.answer(40_00, approved=True, reason="webhook_timeout")
    purchase.answer(30_00, approved=True, reason="webhook_timeout")
    purchase.capture("ipi_1", 90_00, is_closing=True)
    purchase.refund("ipi_2", 10_00)
    purchase.refund("ipi_3", 15_00)


@dataclass
class Orders:
    """Walks through every order of some news; what orders have in common at their beginning is done once."""

    session: Session
    clock: MovableClock
    holding: Holding
    reference: str
    ends: int = 0
    states: frozenset[object] = frozenset()

    async def walk(
        self, waiting: tuple[AuthorizationSnapshot, ...], heard: tuple[AuthorizationSnapshot, ...] = ()
    ) -> None:
        if not waiting:
            await self._hear(heard[0])
            self.states |= {await self._state()}
            self.ends += 1
        # A short round begins with one of them, and then goes through all that can follow.
        for snapshot in waiting if heard or IS_THOROUGH else waiting[:SHORT]:
            beginning = await self.session.begin_nested()
            await self._hear(snapshot)
            await self.walk(tuple(it for it in waiting if it is not snapshot), (*heard, snapshot))
            await beginning.rollback()

    async def _hear(self, snapshot: AuthorizationSnapshot) -> None:
        at = self.clock.now()
        await convergence.converge_authorization(self.session, snapshot, source=SOURCE, at=at)

    async def _state(self) -> object:
        payment = await store.find_payment(self.session, SOURCE, self.reference)
        assert payment is not None
        wallet = await holders.wallet(self.session, self.holding)
        moved = frozenset((it.external_id, it.amount) for it in payment.elements if "#" not in it.external_id)
        return (
            payment.totals.status,
            payment.totals.held,
            payment.totals.posted,
            wallet.available_balance,
            moved,
        )


@pytest.mark.parametrize(
    ("lives", "orders", "posted"),
    [(_stay, 720, 50_00), (_late, 120, 0), (_stood_in, 120, 65_00)],
    ids=["stay", "late", "stood_in"],
)
async def test_every_order_of_up_to_six_events_with_a_repetition_ends_in_one_state(
    engine: AsyncEngine, clock: MovableClock, lives: Callable[[Purchase], None], orders: int, posted: int
) -> None:
    holding = await holders.a_holding(engine, clock, balance=100_00)
    purchase = Purchase("iauth_1", holding.references[0], BAKERY, Ticking(clock.now()))
    lives(purchase)
    async with engine.connect() as session:
        walked = Orders(session, clock, holding, purchase.reference)
        await walked.walk(tuple(purchase.seen))
    assert walked.ends == (orders if IS_THOROUGH else orders * SHORT // len(purchase.seen))
    [(status, held, cost, available, _)] = walked.states
    assert (status, held, cost, available) == ("settled", 0, posted, 100_00 - posted)
