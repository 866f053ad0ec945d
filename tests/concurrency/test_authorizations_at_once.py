"""Fifty purchases at the same moment: never one more than the balance or a limit allows."""

from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright.cards import Limit, Window
from cardwright.db.session import transaction
from concurrency.crowd import Crowd, a_stranger, approved, books, purchases, reasons
from integration.payments import holders
from integration.payments.wire import asking


async def test_fifty_at_once_on_a_balance_for_one_give_exactly_one_approval(
    crowd: Crowd, engine: AsyncEngine
) -> None:
    person = await a_stranger(engine, balance=40_00)
    answers = await crowd.ask(purchases(person, 50, 40_00))
    assert approved(answers) == 1
    assert await reasons(engine, person) == {None: 1, "funds_insufficient": 49}
    assert await books(engine, person) == (0, 40_00)


async def test_fifty_at_once_under_a_monthly_limit_for_one_give_exactly_one_approval(
    crowd: Crowd, engine: AsyncEngine
) -> None:
    person = await a_stranger(engine, [Limit(Window.MONTH, 79_99)], balance=10_000_00)
    answers = await crowd.ask(purchases(person, 50, 40_00))
    assert approved(answers) == 1
    assert await reasons(engine, person) == {None: 1, "limit_exceeded": 49}
    assert await books(engine, person) == (9_960_00, 40_00)


async def test_two_cards_at_once_keep_each_its_own_limit(crowd: Crowd, engine: AsyncEngine) -> None:
    one, three = [Limit(Window.MONTH, 40_00)], [Limit(Window.MONTH, 125_00), Limit(Window.DAY, 120_00)]
    person = await a_stranger(engine, one, three, balance=10_000_00)
    answers = await crowd.ask(purchases(person, 50, 40_00))
    assert (approved(answers[::2]), approved(answers[1::2])) == (1, 3)
    assert await reasons(engine, person) == {None: 4, "limit_exceeded": 46}
    assert await books(engine, person) == (9_840_00, 160_00)


async def test_two_cards_at_once_share_a_balance_that_covers_one_payment(
    crowd: Crowd, engine: AsyncEngine
) -> None:
    person = await a_stranger(engine, [], [], balance=79_99)
    answers = await crowd.ask(purchases(person, 50, 40_00))
    assert approved(answers) == 1
    assert await reasons(engine, person) == {None: 1, "funds_insufficient": 49}
    assert await books(engine, person) == (39_99, 40_00)


async def test_twenty_copies_of_one_request_at_once_are_one_decision_and_one_answer(
    crowd: Crowd, engine: AsyncEngine
) -> None:
    person = await a_stranger(engine, balance=1_000_00)
    answers = await crowd.ask(purchases(person, 1, 40_00) * 20)
    assert len({answer.content for answer in answers}) == 1
    assert approved(answers) == 20
    assert await reasons(engine, person) == {None: 1}
    assert await books(engine, person) == (960_00, 40_00)


async def test_increments_of_one_payment_at_once_never_pass_its_limit(
    crowd: Crowd, engine: AsyncEngine
) -> None:
    person = await a_stranger(engine, [Limit(Window.PER_AUTHORIZATION, 100_00)], balance=1_000_00)
    [card], reference = person.references, f"iauth_{person.user_id}"
    answers = await crowd.ask([asking(card, 30_00, reference=reference, earlier=n) for n in range(20)])
    assert approved(answers) == 3
    assert await books(engine, person) == (910_00, 90_00)


async def test_people_do_not_wait_for_each_other(crowd: Crowd, engine: AsyncEngine) -> None:
    first, second = [await a_stranger(engine, balance=40_00) for _ in range(2)]
    async with transaction(engine) as session:
        await holders.wallet(session, first)
        assert approved(await crowd.ask(purchases(second, 10, 40_00))) == 1
    assert approved(await crowd.ask(purchases(first, 10, 40_00))) == 1
