"""What webhooks never told is found at the network itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
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
    unreadable: tuple[str, ...] = ()

    async def authorization(self, reference: str) -> AuthorizationSnapshot:
        assert reference == self.purchase.reference
        return self.purchase.seen[-1]

    async def transaction(self, reference: str) -> NetworkTransaction:
        if reference in self.unreadable:
            raise ValueError("there is no such transaction")
        [found] = [moved for moved in (*self.purchase.moved, self.alone) if moved.reference == reference]
        return found

    async def authorizations_between(
        self, since: datetime, until: datetime
    ) -> Sequence[AuthorizationSnapshot]:
        seen = self.purchase.seen[-1:]
        return [it for it in seen if since <= it.requests[0].at <= until]

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


async def test_a_refusal_that_nobody_told_of_is_found_and_shown(
    engine: AsyncEngine, clock: MovableClock
) -> None:
    holding = await holders.a_holding(engine, clock, [], balance=100_00)
    purchase = Purchase("iauth_1", holding.references[0], BAKERY, Ticking(clock.now()))
    # We were not heard in time: the network refused by itself.
    purchase.answer(60_00, approved=False)
    foreign = a_transaction("ipi_2", TransactionKind.CLEARING, "ic_foreign", 7_00, BAKERY, clock.now())
    work = Work(engine, clock, {CardNetwork: SilentNetwork(purchase, foreign)})
    await payments.sweep(work)
    async with transaction(engine) as session:
        assert await store.find_payment(session, SOURCE, "iauth_1") is None, "it may be on its way still"
    clock.advance(timedelta(minutes=2))
    await payments.sweep(work)
    async with transaction(engine) as session:
        found = await store.find_payment(session, SOURCE, "iauth_1")
    assert found is not None
    assert (found.totals.status, found.totals.held) == ("declined", 0)


async def test_what_the_network_cannot_show_keeps_nobody_from_the_rest(
    engine: AsyncEngine, clock: MovableClock
) -> None:
    holding = await holders.a_holding(engine, clock, [], balance=100_00)
    [card] = holding.references
    purchase = Purchase("iauth_1", card, BAKERY, Ticking(clock.now()))
    purchase.answer(60_00, approved=True)
    purchase.capture("ipi_1", 20_00, is_closing=False)
    lost = a_transaction("ipi_0", TransactionKind.CLEARING, card, 7_00, BAKERY, clock.now())
    work = Work(engine, clock, {CardNetwork: SilentNetwork(purchase, lost, unreadable=("ipi_0",))})
    with pytest.raises(ExceptionGroup) as raised:
        await payments.sweep(work)
    assert [type(error) for error in raised.value.exceptions] == [ValueError]
    assert await _figures(engine, "iauth_1") == (40_00, 20_00)


async def _figures(engine: AsyncEngine, reference: str) -> tuple[int, int]:
    async with transaction(engine) as session:
        payment = await store.find_payment(session, SOURCE, reference)
    assert payment is not None
    return payment.totals.held, payment.totals.posted
