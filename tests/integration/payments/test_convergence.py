"""What the network shows after the fact: lost answers, late clearings, refunds to closed cards, old news."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright import ledger, payments
from cardwright.cards import CardState, Limit, Window
from cardwright.core.clock import MovableClock
from cardwright.core.errors import NotFound
from cardwright.db.jobs import Work
from cardwright.db.session import transaction
from cardwright.payments import (
    AuthorizationSnapshot,
    CardNetwork,
    NetworkTransaction,
    Payment,
    TransactionKind,
    convergence,
    queries,
    store,
)
from cardwright.payments.store import Decision
from integration.kyc.people import drain
from integration.payments import holders
from integration.payments.holders import Holding
from integration.payments.network import BAKERY, SOURCE, Purchase, Ticking, a_transaction


@dataclass
class Shop:
    """A merchant whose network is in memory, beside our books."""

    engine: AsyncEngine
    clock: MovableClock
    holding: Holding

    def purchase(self, reference: str = "iauth_1", card: str | None = None) -> Purchase:
        return Purchase(reference, card or self.holding.references[0], BAKERY, Ticking(self.clock.now()))

    async def ask(self, purchase: Purchase, amount: int) -> Decision:
        async with transaction(self.engine) as session:
            return await payments.authorize(
                session, purchase.question(amount), program_id=self.holding.program_id, at=self.clock.now()
            )

    async def buy(self, purchase: Purchase, amount: int) -> Decision:
        decision = await self.ask(purchase, amount)
        purchase.answer(amount, approved=decision.is_approved)
        return decision

    async def hear(self, snapshot: AuthorizationSnapshot) -> None:
        async with transaction(self.engine) as session:
            await convergence.converge_authorization(session, snapshot, source=SOURCE, at=self.clock.now())

    async def payment(self, reference: str = "iauth_1") -> Payment:
        async with transaction(self.engine) as session:
            found = await store.find_payment(session, SOURCE, reference)
        assert found is not None
        return found

    async def kinds(self, reference: str = "iauth_1") -> list[tuple[str, int, bool]]:
        payment = await self.payment(reference)
        return [(element.kind.value, element.amount, element.approved) for element in payment.elements]

    async def balances(self) -> Mapping[str, int]:
        async with transaction(self.engine) as session:
            return await holders.balances(session, self.holding)

    async def wallet(self) -> tuple[int, int]:
        """What is available and what is held."""
        async with transaction(self.engine) as session:
            found = await holders.wallet(session, self.holding)
        return found.available_balance, found.held


@pytest.fixture
async def shop(engine: AsyncEngine, clock: MovableClock) -> Shop:
    return Shop(engine, clock, await holders.a_holding(engine, clock, balance=100_00))


async def test_a_yes_that_the_merchant_never_heard_gives_the_money_back(shop: Shop) -> None:
    purchase = shop.purchase()
    assert (await shop.ask(purchase, 60_00)).is_approved
    purchase.answer(60_00, approved=False, reason="webhook_timeout")
    await shop.hear(purchase.seen[-1])
    await shop.hear(purchase.seen[-1])
    assert await shop.kinds() == [("authorization", 60_00, True), ("reversal", 60_00, True)]
    assert (await shop.payment()).totals.status == "voided"
    assert await shop.wallet() == (100_00, 0)


async def test_a_no_that_became_the_networks_yes_is_held_as_far_as_money_is_there(shop: Shop) -> None:
    purchase = shop.purchase()
    assert not (await shop.ask(purchase, 130_00)).is_approved
    purchase.answer(130_00, approved=True, reason="webhook_timeout")
    await shop.hear(purchase.seen[-1])
    await shop.hear(purchase.seen[-1])
    assert await shop.kinds() == [("authorization", 130_00, False), ("authorization", 130_00, True)]
    assert await shop.wallet() == (0, 100_00)
    purchase.capture("ipi_1", 130_00, is_closing=True)
    await shop.hear(purchase.seen[-1])
    balances = await shop.balances()
    assert (balances["wallet"], balances["receivable"]) == (0, 30_00)
    async with transaction(shop.engine) as session:
        told = [decision.decided_by async for decision in queries.every_decision(session)]
    assert told == ["cardwright", "network"]


async def test_a_clearing_posts_after_the_hold_expired_on_a_card_canceled_since(shop: Shop) -> None:
    purchase = shop.purchase()
    await shop.buy(purchase, 60_00)
    shop.clock.advance(timedelta(days=8))
    assert await payments.expire_holds(Work(shop.engine, shop.clock, {})) == 1
    assert (await shop.payment()).totals.status == "expired"
    await holders.set_state(shop.engine, shop.clock, shop.holding, CardState.CANCELED)
    purchase.capture("ipi_1", 75_00, is_closing=True)
    await shop.hear(purchase.seen[-1])
    assert (await shop.payment()).totals.status == "settled"
    assert await shop.wallet() == (25_00, 0)


async def test_a_refund_of_its_own_reaches_the_wallet_of_a_canceled_card_once(shop: Shop) -> None:
    await holders.set_state(shop.engine, shop.clock, shop.holding, CardState.CANCELED)
    [card], at = shop.holding.references, shop.clock.now()
    refund = a_transaction("ipi_1", TransactionKind.REFUND, card, 15_00, BAKERY, at)
    for _ in range(2):
        async with transaction(shop.engine) as session:
            await convergence.record_transaction(session, refund, source=SOURCE, at=at)
    assert await shop.kinds("ipi_1") == [("refund", 15_00, True)]
    assert await shop.wallet() == (115_00, 0)


async def test_an_increment_after_our_hold_lapsed_is_held_and_lapses_in_its_turn(shop: Shop) -> None:
    purchase = shop.purchase()
    await shop.buy(purchase, 60_00)
    work = Work(shop.engine, shop.clock, {})
    shop.clock.advance(timedelta(days=8))
    assert await payments.expire_holds(work) == 1
    assert (await shop.buy(purchase, 20_00)).is_approved
    assert await shop.wallet() == (80_00, 20_00)
    await shop.balances()
    shop.clock.advance(timedelta(days=8))
    assert [await payments.expire_holds(work), await payments.expire_holds(work)] == [1, 0]
    assert await shop.wallet() == (100_00, 0)


async def test_an_increment_counts_in_the_month_its_payment_began(
    engine: AsyncEngine, clock: MovableClock
) -> None:
    clock.instant = datetime(2026, 11, 30, 23, 0, tzinfo=UTC)
    limits = [Limit(Window.MONTH, 100_00)]
    shop = Shop(engine, clock, await holders.a_holding(engine, clock, limits, balance=500_00))
    november, december = shop.purchase(), shop.purchase("iauth_2")
    await shop.buy(november, 90_00)
    clock.advance(timedelta(hours=2))
    assert (await shop.buy(december, 100_00)).is_approved
    refused = await shop.buy(november, 20_00)
    assert refused.verdict["reason_code"] == "limit_exceeded"
    [check] = [check for check in refused.verdict["checks"] if not check["passed"]]
    assert "Waiting" not in check["would_pass"]


async def test_stale_news_takes_nothing_back(shop: Shop) -> None:
    purchase = shop.purchase()
    await shop.buy(purchase, 30_00)
    purchase.reverse(10_00)
    await shop.buy(purchase, 15_00)
    purchase.capture("ipi_1", 5_00, is_closing=False)
    await shop.hear(purchase.seen[-1])
    elements = await shop.kinds()
    assert (await shop.wallet(), (await shop.payment()).totals.held) == ((65_00, 30_00), 30_00)
    for snapshot in purchase.seen[:-1]:
        await shop.hear(snapshot)
    assert await shop.kinds() == elements


async def test_a_purchase_refused_before_its_card_was_known_is_recorded_once_the_card_is(
    shop: Shop,
) -> None:
    late = await holders.a_card(shop.engine, shop.clock, shop.holding.user_id, issued=False)
    purchase = shop.purchase(card=f"ic_{late.id}")
    refused = await shop.buy(purchase, 60_00)
    assert refused.verdict["reason_code"] == "card_unknown"
    await shop.hear(purchase.seen[-1])
    await holders.issue(shop.engine, shop.clock)
    for _ in range(2):
        await shop.hear(purchase.seen[-1])
    assert await shop.kinds() == [("authorization", 60_00, False)]
    [element] = (await shop.payment()).elements
    assert element.decision_id == refused.id
    [told] = await drain(shop.engine)
    assert (told.type, told.payload["reason_code"]) == ("payments.authorization_declined", "card_unknown")
    assert told.payload["explanation"] == "We do not know this card."
    assert (await shop.payment()).totals.status == "declined"


async def test_the_networks_yes_for_a_card_we_did_not_know_yet_is_held_once_we_do(shop: Shop) -> None:
    late = await holders.a_card(shop.engine, shop.clock, shop.holding.user_id, issued=False)
    purchase = shop.purchase(card=f"ic_{late.id}")
    await shop.ask(purchase, 60_00)
    purchase.answer(60_00, approved=True, reason="webhook_timeout")
    with pytest.raises(NotFound, match="not known here"):
        await shop.hear(purchase.seen[-1])
    await holders.issue(shop.engine, shop.clock)
    await shop.hear(purchase.seen[-1])
    assert await shop.kinds() == [("authorization", 60_00, False), ("authorization", 60_00, True)]
    assert await shop.wallet() == (40_00, 60_00)


async def test_money_moved_on_a_card_that_is_nobodys_is_an_error_that_is_tried_again(shop: Shop) -> None:
    forced = a_transaction("ipi_9", TransactionKind.CLEARING, "ic_nobodys", 5_00, BAKERY, shop.clock.now())
    async with transaction(shop.engine) as session:
        with pytest.raises(NotFound, match="not known here"):
            await convergence.record_transaction(session, forced, source=SOURCE, at=shop.clock.now())


async def test_expiring_a_payment_that_does_not_exist_is_an_error(shop: Shop) -> None:
    async with transaction(shop.engine) as session:
        with pytest.raises(NotFound, match="no such payment"):
            await convergence.expire(session, "pay_none", at=shop.clock.now())


@dataclass
class ScriptedNetwork:
    """Shows one purchase and one transaction."""

    purchase: Purchase
    moved: NetworkTransaction

    @property
    def source(self) -> str:
        return SOURCE

    async def authorization(self, reference: str) -> AuthorizationSnapshot:
        assert reference == self.purchase.reference
        return self.purchase.seen[-1]

    async def transaction(self, reference: str) -> NetworkTransaction:
        assert reference == self.moved.reference
        return self.moved

    async def authorizations_between(
        self, since: datetime, until: datetime
    ) -> Sequence[AuthorizationSnapshot]:
        raise NotImplementedError

    async def transactions_since(self, since: datetime) -> Sequence[NetworkTransaction]:
        return [self.moved] if self.moved.at >= since else []


async def test_events_lead_to_the_networks_present_state_through_the_port(shop: Shop) -> None:
    purchase = shop.purchase()
    purchase.answer(60_00, approved=True)
    purchase.capture("ipi_1", 50_00, is_closing=True)
    [card] = shop.holding.references
    alone = a_transaction("ipi_2", TransactionKind.CLEARING, card, 7_00, BAKERY, shop.clock.now())
    for moved in (purchase.moved[0], alone):
        work = Work(shop.engine, shop.clock, {CardNetwork: ScriptedNetwork(purchase, moved)})
        await payments.refresh_transaction(work, moved.reference)
        await payments.refresh_transaction(work, moved.reference)
        await payments.refresh_authorization(work, purchase.reference)
    assert await shop.kinds() == [("authorization", 60_00, True), ("clearing", 50_00, True)]
    assert await shop.kinds("ipi_2") == [("force_post", 7_00, True)]
    assert await shop.wallet() == (43_00, 0)
    assert (await shop.balances())["issuer_settlement"] == -57_00


async def test_verification_names_a_payment_and_a_hold_that_were_tampered_with(shop: Shop) -> None:
    await shop.buy(shop.purchase(), 60_00)
    payment = await shop.payment()
    async with transaction(shop.engine) as session:
        await session.exec_driver_sql("UPDATE payments SET held = 1")
        found = await payments.verify(session)
        assert found == [ledger.Discrepancy("payment", payment.id, 1, 60_00)]
        await session.exec_driver_sql("UPDATE payments SET held = 6000; ")
        await session.exec_driver_sql("UPDATE holds SET remaining = 7000")
        found = await payments.verify(session)
    assert found == [ledger.Discrepancy("hold", payment.id, 70_00, 60_00)]
