"""A number is kept before its card is active; a crash between loses nothing and doubles nothing."""

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright import cards, vault
from cardwright.cards import Card, CardProcessors, CardState, NewCard
from cardwright.cards import store as cards_store
from cardwright.core.clock import MovableClock
from cardwright.db.jobs import Work
from cardwright.db.outbox import Event
from cardwright.db.session import transaction
from integration.kyc.people import a_verified_person, deliver, drain, the_program
from integration.vault.processor import NumberingProcessor

NUMBERS = ["4000009990123456", "4000009990654321"]


async def requested(engine: AsyncEngine, clock: MovableClock) -> Card:
    user_id = await a_verified_person(engine, clock)
    async with transaction(engine) as session:
        program = await the_program(session)
        return await cards.create_card(
            session, NewCard("Groceries"),
            program_id=program.id, user_id=user_id, currency="USD", at=clock.now(),
        )  # fmt: skip


async def found(engine: AsyncEngine, card: Card) -> Card:
    async with transaction(engine) as session:
        card_now = await cards.find_card(session, card.id)
    assert card_now is not None
    return card_now


async def kept(engine: AsyncEngine, card: Card) -> str:
    async with transaction(engine) as session:
        number = await vault.reveal(session, card_id=card.id, program_id=card.program_id)
        assert (await session.execute(text("SELECT count(*) FROM vault.card_numbers"))).scalar_one() == 1
    return number.reveal()


async def test_an_issued_card_has_its_number_in_the_vault_and_its_bin_beside_the_last_digits(
    engine: AsyncEngine, clock: MovableClock
) -> None:
    card = await requested(engine, clock)
    await deliver(
        Work(engine, clock, {CardProcessors: CardProcessors({"stripe": NumberingProcessor(NUMBERS)})}),
        cards.SUBSCRIPTIONS,
    )
    now = await found(engine, card)
    assert (now.state, now.bin, now.last4) == (CardState.ACTIVE, "400000", "3456")
    assert await kept(engine, card) == NUMBERS[0]


async def test_a_crash_after_the_number_was_kept_neither_loses_nor_doubles_it(
    engine: AsyncEngine, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = await requested(engine, clock)
    (event,) = await drain(engine)
    work = Work(engine, clock, {CardProcessors: CardProcessors({"stripe": NumberingProcessor(NUMBERS)})})

    async def crash(*_: object) -> None:
        raise ConnectionError("the process died here")

    with monkeypatch.context() as dying:
        dying.setattr(cards_store, "save_issued", crash)
        with pytest.raises(ConnectionError):
            await handled(work, event)
    assert (await found(engine, card)).state is CardState.INACTIVE
    assert await kept(engine, card) == NUMBERS[0]
    await handled(work, event)
    assert (await found(engine, card)).state is CardState.ACTIVE
    assert await kept(engine, card) == NUMBERS[0]


async def test_a_card_whose_number_cannot_be_kept_does_not_become_active(
    engine: AsyncEngine, clock: MovableClock
) -> None:
    card = await requested(engine, clock)
    (event,) = await drain(engine)
    async with transaction(engine) as session:
        await session.execute(text("ALTER TABLE vault.card_numbers ADD CHECK (kept_at < '2000-01-01')"))
    work = Work(engine, clock, {CardProcessors: CardProcessors({"stripe": NumberingProcessor(NUMBERS)})})
    with pytest.raises(Exception, match="card_numbers") as failed:
        await handled(work, event)
    assert NUMBERS[0] not in str(failed.getrepr(style="long"))
    assert (await found(engine, card)).state is CardState.INACTIVE


async def handled(work: Work, event: Event) -> None:
    for subscription in cards.SUBSCRIPTIONS:
        if subscription.event_type == event.type:
            await subscription.handle(work, event)
