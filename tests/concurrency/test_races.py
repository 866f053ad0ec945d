"""What holders, gateways and merchants do at the same moment: nothing deadlocks, and the books verify."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable

from sqlalchemy.ext.asyncio import AsyncEngine

from browsers import sign_in
from cardwright.cards import CardState, Limit, Window, lifecycle
from cardwright.cards import service as cards_service
from cardwright.core.clock import SystemClock
from cardwright.db.session import Session, transaction
from cardwright.payments import TransactionKind, convergence
from concurrency.crowd import Crowd, a_stranger, approved, books, purchases, reasons
from integration.payments import holders, reading
from integration.payments.holders import Holding
from integration.payments.network import BAKERY, SOURCE, Purchase, Ticking, a_transaction

Act = Callable[[Session], Awaitable[object]]


async def at_once(engine: AsyncEngine, *acts: Act) -> None:
    """Run each act in a transaction of its own, all at the same moment; whatever fails is raised."""

    async def run(act: Act) -> None:
        async with transaction(engine) as session:
            await act(session)

    await asyncio.gather(*[run(act) for act in acts])


def topping_up(person: Holding, clock: SystemClock, amount: int, name: str) -> Act:
    return lambda session: holders.credit(session, clock, person, amount, name=f"{name} of {person.user_id}")


def moving(person: Holding, clock: SystemClock, amount: int, name: str, kind: TransactionKind) -> Act:
    reference, at = f"ipi_{name}_{person.user_id}", clock.now()
    moved = a_transaction(reference, kind, person.references[0], amount, BAKERY, at)
    return lambda session: convergence.record_transaction(session, moved, source=SOURCE, at=at)


async def owed(engine: AsyncEngine, person: Holding) -> int:
    async with transaction(engine) as session:
        return (await reading.read(session, person.user_id)).owed


async def test_once_a_freeze_was_answered_nothing_more_is_approved(
    crowd: Crowd, engine: AsyncEngine, clock: SystemClock
) -> None:
    person = await a_stranger(engine, balance=1_000_00)
    headers = await sign_in(engine, clock, person.user_id)
    asked = purchases(person, 40, 1_00)
    freezing = crowd.client.post(f"/v1/cards/{person.cards[0].id}/freeze", headers=headers)
    answers, frozen = await asyncio.gather(crowd.ask(asked[:20]), freezing)
    assert frozen.json()["state"] == "frozen"
    assert approved(await crowd.ask(asked[20:])) == 0
    yes = approved(answers)
    assert await reasons(engine, person) == Counter({None: yes, "card_frozen": 40 - yes})
    assert await books(engine, person) == (1_000_00 - yes * 1_00, yes * 1_00)


async def test_top_ups_and_clearings_at_once_all_post_and_what_is_owed_is_exact(
    engine: AsyncEngine, clock: SystemClock
) -> None:
    person = await a_stranger(engine, balance=10_00)
    acts = [topping_up(person, clock, 3_00, str(n)) for n in range(15)]
    acts += [moving(person, clock, 7_00, str(n), TransactionKind.CLEARING) for n in range(15)]
    acts += [moving(person, clock, 1_00, f"back_{n}", TransactionKind.REFUND) for n in range(15)]
    await at_once(engine, *acts, *acts)
    assert await books(engine, person) == (0, 0)
    assert await owed(engine, person) == 15 * (7_00 - 3_00 - 1_00) - 10_00


async def test_one_snapshot_heard_by_twenty_at_once_has_one_effect(
    engine: AsyncEngine, clock: SystemClock
) -> None:
    person = await a_stranger(engine, balance=100_00)
    reference = f"iauth_{person.user_id}"
    purchase = Purchase(reference, person.references[0], BAKERY, Ticking(clock.now()))
    purchase.answer(60_00, approved=True)
    purchase.capture(f"ipi_{person.user_id}", 25_00, is_closing=False)
    older, newest = purchase.seen
    at = clock.now()

    def hearing(number: int) -> Act:
        seen = newest if number % 2 else older
        return lambda session: convergence.converge_authorization(session, seen, source=SOURCE, at=at)

    await at_once(engine, *[hearing(number) for number in range(20)])
    assert await books(engine, person) == (40_00, 35_00)


async def test_people_that_open_the_shared_accounts_at_once_do_not_block_each_other(
    engine: AsyncEngine, clock: SystemClock
) -> None:
    people = [await a_stranger(engine, balance=0) for _ in range(4)]
    acts = [topping_up(person, clock, 50_00, "first") for person in people]
    acts += [moving(person, clock, 20_00, "first", TransactionKind.CLEARING) for person in people]
    await at_once(engine, *acts)
    assert [await books(engine, person) for person in people] == [(30_00, 0)] * 4


async def test_everything_at_once_leaves_books_that_verify(
    crowd: Crowd, engine: AsyncEngine, clock: SystemClock
) -> None:
    person = await a_stranger(engine, [], [Limit(Window.DAY, 30_00)], balance=50_00)
    card = person.cards[1].id

    def limiting(amount: int) -> Act:
        return lambda session: cards_service.set_limits(
            session, card, [Limit(Window.DAY, amount)], user_id=person.user_id,
            ensure_may_raise=lambda: None, at=clock.now(),
        )  # fmt: skip

    def turning(state: CardState) -> Act:
        return lambda session: lifecycle.change_state(
            session, card, state, user_id=person.user_id, reason="holder", at=clock.now()
        )

    acts = [topping_up(person, clock, 2_00, f"race {n}") for n in range(8)]
    acts += [moving(person, clock, 4_00, f"race_{n}", TransactionKind.CLEARING) for n in range(8)]
    acts += [limiting(amount) for amount in (0, 20_00, 40_00)]
    acts += [turning(state) for state in (CardState.FROZEN, CardState.ACTIVE, CardState.FROZEN)]
    answers, _ = await asyncio.gather(crowd.ask(purchases(person, 30, 3_00)), at_once(engine, *acts))
    available, held = await books(engine, person)
    assert held == approved(answers) * 3_00
    assert available + held - await owed(engine, person) == 50_00 + 8 * 2_00 - 8 * 4_00
