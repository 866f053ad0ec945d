"""What webhooks never told is found at the network itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright import payments
from cardwright.core.clock import MovableClock
from cardwright.db.jobs import Work
from cardwright.db.session import transaction
from cardwright.payments import (
    AuthorizationSnapshot,
    CardNetwork,
    NetworkTransaction,
    TransactionKind,
    store,
)
from integration.payments import holders
from integration.payments.network import BAKERY, SOURCE, Purchase, Ticking, a_transaction


@dataclass
class SilentNetwork:
    """A network whose webhooks are all lost."""

    purchase: Purchase
    alone: NetworkTransaction
    source: str = SOURCE

    async def authorization(self, reference: str) -> AuthorizationSnapshot:
        assert reference == self.purchase.reference
        return self.purchase.seen[-1]

    async def transaction(self, reference: str) -> NetworkTransaction:
        [found] = [moved for moved in (*self.purchase.moved, self.alone) if moved.reference == reference]
        return found

    async def transactions_since(self, since: datetime) -> Sequence[NetworkTransaction]:
        return [moved for moved in (*self.purchase.moved, self.alone) if moved.at >= since]


async def test_lost_clearings_force_posts_and_reversals_are_found_once(
    engine: AsyncEngine, clock: MovableClock
) -> None:
    holding = await holders.a_holding(engine, clock, [], balance=100_00)
    [card] = holding.references
    purchase = Purchase("iauth_1", card, BAKERY, Ticking(clock.now()))
    async with transaction(engine) as session:
        decided = await payments.authorize(
            session, purchase.question(60_00), program_id=holding.program_id, at=clock.now()
        )
    purchase.answer(60_00, approved=decided.is_approved)
    purchase.capture("ipi_1", 20_00, is_closing=False)
    alone = a_transaction("ipi_2", TransactionKind.CLEARING, card, 7_00, BAKERY, clock.now())
    work = Work(engine, clock, {CardNetwork: SilentNetwork(purchase, alone)})

    assert await payments.sweep(work) == 2
    assert await _figures(engine, "iauth_1") == (40_00, 20_00)
    assert await _figures(engine, "ipi_2") == (0, 7_00)

    purchase.reverse(40_00)
    clock.advance(timedelta(minutes=5))
    assert await payments.sweep(work) == 1
    assert await _figures(engine, "iauth_1") == (0, 20_00)
    assert await payments.sweep(work) == 0


async def test_a_card_of_somebody_else_does_not_stop_the_sweep(
    engine: AsyncEngine, clock: MovableClock
) -> None:
    holding = await holders.a_holding(engine, clock, [], balance=100_00)
    purchase = Purchase("iauth_1", holding.references[0], BAKERY, Ticking(clock.now()))
    foreign = a_transaction("ipi_2", TransactionKind.CLEARING, "ic_foreign", 7_00, BAKERY, clock.now())
    work = Work(engine, clock, {CardNetwork: SilentNetwork(purchase, foreign)})
    assert await payments.sweep(work) == 1
    async with transaction(engine) as session:
        assert await store.find_payment(session, SOURCE, "ipi_2") is None


async def _figures(engine: AsyncEngine, reference: str) -> tuple[int, int]:
    async with transaction(engine) as session:
        payment = await store.find_payment(session, SOURCE, reference)
    assert payment is not None
    return payment.totals.held, payment.totals.posted
