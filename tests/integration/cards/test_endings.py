"""A card's end: it closes itself, tells its holder before, and waits while there is something to wait for."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright import cards, payments
from cardwright.cards import Card, CardState, CardType, NewCard, Terms, lifecycle, store
from cardwright.cards.domain import ReplacementReason
from cardwright.cards.ports import IssuedCard
from cardwright.core.clock import MovableClock
from cardwright.db.jobs import Work
from cardwright.db.outbox import Event
from cardwright.payments import convergence
from integration.kyc.people import drain, the_program
from integration.payments import holders
from integration.payments.network import BAKERY, SOURCE, Purchase, Ticking


@pytest.fixture
def work(engine: AsyncEngine, clock: MovableClock) -> Work:
    return Work(engine, clock, {})


async def issue(work: Work, wanted: NewCard | None = None) -> Card:
    """Issue a card to somebody with money."""
    holding = await holders.a_holding(work.engine, work.clock, balance=100_00)
    if wanted is None:
        return holding.cards[0]
    async with work.transaction() as session:
        program = await the_program(session)
        card = await cards.create_card(
            session, wanted, program_id=program.id, user_id=holding.user_id, currency="USD",
            at=work.clock.now(),
        )  # fmt: skip
    await holders.issue(work.engine, work.clock)
    return await read(work, card)


async def read(work: Work, card: Card) -> Card:
    async with work.transaction() as session:
        return await store.card_for_update(session, card.id)


async def print_expiry(work: Work, card: Card, month: int, year: int) -> None:
    """Have the processor say when the card expires."""
    issued = IssuedCard(str(card.processor_reference), "4242", month, year)
    async with work.transaction() as session:
        await store.save_issued(session, card.id, issued)


def wait_until(clock: MovableClock, at: datetime) -> None:
    clock.advance(at - clock.now())


async def ending(work: Work, card: Card) -> str | None:
    """Return why a card was canceled; None while it is not."""
    if (await read(work, card)).state is not CardState.CANCELED:
        return None
    async with work.transaction() as session:
        return (await store.transitions_of(session, [card.id]))[-1].reason


def named(events: Sequence[Event], name: str) -> list[Event]:
    return [event for event in events if event.type == f"cards.{name}"]


async def test_a_card_closes_itself_when_its_validity_ends(work: Work, clock: MovableClock) -> None:
    until = clock.now() + timedelta(days=2)
    card = await issue(work, NewCard("Trip", CardType.DATED, Terms(valid_until=until)))
    wait_until(clock, until - timedelta(microseconds=1))
    await cards.close_over(work)
    assert await ending(work, card) is None
    wait_until(clock, until)
    await asyncio.gather(cards.close_over(work), cards.close_over(work))
    assert await ending(work, card) == "validity_over"
    (told,) = named(await drain(work.engine), "card_canceled")
    assert told.payload["reason"] == "validity_over"
    assert await cards.close_over(work) == 0


@pytest.mark.parametrize(("month", "year", "over"), [(12, 2026, (2027, 1)), (2, 2028, (2028, 3))])
async def test_a_card_expires_when_its_month_is_over_in_utc(
    work: Work, clock: MovableClock, month: int, year: int, over: tuple[int, int]
) -> None:
    card = await issue(work)
    await print_expiry(work, card, month, year)
    end = datetime(*over, 1, tzinfo=UTC)
    wait_until(clock, end - timedelta(microseconds=1))
    await cards.close_over(work)
    assert await ending(work, card) is None
    wait_until(clock, end)
    await cards.close_over(work)
    assert (await ending(work, card), (await read(work, card)).expires_at) == ("expired", end)


async def test_a_holder_is_told_once_a_month_before_a_card_expires(work: Work, clock: MovableClock) -> None:
    card = await issue(work)
    await print_expiry(work, card, 2, 2027)
    wait_until(clock, datetime(2027, 3, 1, tzinfo=UTC) - timedelta(days=30, microseconds=1))
    assert await cards.tell_of_expiry(work) == 0
    wait_until(clock, datetime(2027, 3, 1, tzinfo=UTC) - timedelta(days=30))
    counts = await asyncio.gather(*(cards.tell_of_expiry(work) for _ in range(4)))
    assert (sum(counts), await cards.tell_of_expiry(work)) == (1, 0)
    (told,) = named(await drain(work.engine), "card_expiring")
    assert (told.payload["exp_month"], told.payload["exp_year"]) == (2, 2027)


async def test_a_card_that_has_its_successor_is_not_warned_about(work: Work, clock: MovableClock) -> None:
    card = await issue(work)
    await print_expiry(work, card, 2, 2027)
    async with work.transaction() as session:
        await lifecycle.replace_card(
            session, card.id, ReplacementReason.EXPIRING, user_id=card.user_id, at=clock.now()
        )
    wait_until(clock, datetime(2027, 2, 20, tzinfo=UTC))
    assert await cards.tell_of_expiry(work) == 0
    await holders.issue(work.engine, clock)
    assert await ending(work, card) is None
    wait_until(clock, datetime(2027, 3, 1, tzinfo=UTC))
    await cards.close_over(work)
    assert await ending(work, card) == "expired"


async def pay(work: Work, card: Card, reference: str = "iauth_1", amount: int = 10_00) -> Purchase:
    made = Purchase(reference, str(card.processor_reference), BAKERY, Ticking(work.clock.now()))
    async with work.transaction() as session:
        decision = await payments.authorize(
            session, made.question(amount), program_id=card.program_id, at=work.clock.now()
        )
    made.answer(amount, approved=decision.is_approved)
    assert decision.is_approved
    return made


async def hear(work: Work, purchase: Purchase) -> None:
    async with work.transaction() as session:
        await convergence.converge_authorization(
            session, purchase.seen[-1], source=SOURCE, at=work.clock.now()
        )


async def test_a_single_use_card_closes_once_its_payment_holds_nothing(work: Work) -> None:
    card = await issue(work, NewCard("Once", CardType.SINGLE_USE))
    assert await payments.close_used_up_cards(work) == 0
    purchase = await pay(work, card)
    assert (await payments.close_used_up_cards(work), await ending(work, card)) == (0, None)
    purchase.capture("ipi_1", 10_00, is_closing=True)
    await hear(work, purchase)
    counts = await asyncio.gather(*(payments.close_used_up_cards(work) for _ in range(3)))
    assert (sum(counts), await ending(work, card)) == (1, "used_up")
    (told,) = named(await drain(work.engine), "card_canceled")
    assert told.payload["reason"] == "used_up"


async def test_a_payment_that_is_reversed_in_full_gives_the_use_back(work: Work) -> None:
    card = await issue(work, NewCard("Once", CardType.SINGLE_USE))
    purchase = await pay(work, card)
    purchase.reverse(10_00)
    await hear(work, purchase)
    assert (await payments.close_used_up_cards(work), await ending(work, card)) == (0, None)
    await pay(work, card, "iauth_2")


async def test_a_card_of_three_uses_closes_after_the_third(work: Work) -> None:
    card = await issue(work, NewCard("Thrice", CardType.LIMITED_USE, Terms(uses=3)))
    for turn in range(3):
        assert (await payments.close_used_up_cards(work), await ending(work, card)) == (0, None)
        purchase = await pay(work, card, f"iauth_{turn}")
        purchase.capture(f"ipi_{turn}", 10_00, is_closing=True)
        await hear(work, purchase)
    assert (await payments.close_used_up_cards(work), await ending(work, card)) == (1, "used_up")
