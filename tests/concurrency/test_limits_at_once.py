"""Many purchases at the same moment under every kind of limit: never one minor unit, nor one payment, more.

`make test-races` sends 200 at once, the rest of the suite 40. They meet in the database, each in its own
transaction, so that no deadline declines what a limit should.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from builders import engine_for_tests
from cardwright import payments
from cardwright.cards import (
    CardType,
    Limit,
    Measure,
    NewCard,
    Scope,
    Selection,
    Terms,
    Window,
    limit_store,
)
from cardwright.cards.domain import Subject
from cardwright.core.clock import SystemClock
from cardwright.db.session import transaction
from cardwright.payments import AuthorizationRequest
from concurrency.crowd import a_stranger, books
from integration.payments import holders
from integration.payments.holders import Holding
from integration.payments.network import BAKERY, SOURCE

AT_ONCE: Final = int(os.environ.get("CARDWRIGHT_RACERS", "40"))
PRICE: Final = 7_00
CAP: Final = 30_00
FITS: Final = CAP // PRICE
BAKERIES: Final = Selection(categories=("5462",), countries=("US",), channels=("ecommerce",))

LIMITS: Final[Mapping[str, tuple[Scope, Limit]]] = {
    f"{scope} {window} {measure}": (
        scope,
        Limit(
            window, CAP if measure is Measure.AMOUNT else FITS, measure,
            3_600 if window is Window.ROLLING else None,
        ),
    )
    for scope in Scope
    for window in Window
    for measure in Measure
    if window is not Window.PER_AUTHORIZATION
    and (scope is Scope.CARD or window in (Window.DAY, Window.ROLLING))
} | {
    f"card month {measure} for a selection": (
        Scope.CARD,
        Limit(Window.MONTH, CAP if measure is Measure.AMOUNT else FITS, measure, only=BAKERIES),
    )
    for measure in Measure
}  # fmt: skip

TERMS: Final[Mapping[str, tuple[CardType, Terms, int]]] = {
    "single use": (CardType.SINGLE_USE, Terms(), 1),
    "limited use": (CardType.LIMITED_USE, Terms(uses=3), 3),
    "exact amount": (CardType.EXACT_AMOUNT, Terms(exact_amount=PRICE), 1),
}


@pytest.fixture(scope="module")
async def wide(database_url: str) -> AsyncIterator[AsyncEngine]:
    """An engine that lets many transactions meet."""
    made = engine_for_tests(database_url, pool_size=30, max_overflow=0, pool_timeout=120)
    yield made
    await made.dispose()


@dataclass(frozen=True, slots=True)
class Race:
    """People who pay with one card at the same moment."""

    engine: AsyncEngine
    holding: Holding

    async def run(self, requests: list[AuthorizationRequest]) -> list[payments.store.Decision]:
        """Decide all requests at once."""

        async def decide(request: AuthorizationRequest) -> payments.store.Decision:
            async with transaction(self.engine) as session:
                return await payments.authorize(
                    session, request, program_id=self.holding.program_id, at=SystemClock().now()
                )

        return list(await asyncio.gather(*[decide(request) for request in requests]))

    def purchases(self, *, merchants: int = 1) -> list[AuthorizationRequest]:
        references = self.holding.references
        return [
            AuthorizationRequest(
                SOURCE, f"iauth_{self.holding.user_id}_{number}", 0, references[number % len(references)],
                PRICE, "USD", PRICE, "USD",
                replace(BAKERY, id=f"m_{number % merchants}_{self.holding.user_id}", name=f"B {number}"),
                "ecommerce",
            )
            for number in range(AT_ONCE)
        ]  # fmt: skip


def approved(decisions: list[payments.store.Decision]) -> int:
    return sum(decision.is_approved for decision in decisions)


async def raced(engine: AsyncEngine, wide: AsyncEngine, *limits: list[Limit]) -> Race:
    return Race(wide, await a_stranger(engine, *limits, balance=AT_ONCE * PRICE))


@pytest.mark.parametrize("kind", LIMITS)
async def test_a_limit_is_never_passed_by_those_who_pay_at_once(
    engine: AsyncEngine, wide: AsyncEngine, kind: str
) -> None:
    scope, limit = LIMITS[kind]
    is_of_a_card = scope in (Scope.CARD, Scope.FIXED)
    own = [limit] if scope is Scope.CARD else []
    race = await raced(engine, wide, own) if is_of_a_card else await raced(engine, wide, [], [])
    subjects = {
        Scope.FIXED: Subject(Scope.FIXED, race.holding.cards[0].id),
        Scope.CUSTOMER: Subject(Scope.CUSTOMER, race.holding.user_id),
        Scope.LEVEL: Subject.level(race.holding.program_id, 2),
        Scope.PROGRAM: Subject(Scope.PROGRAM, race.holding.program_id),
    }
    async with transaction(engine) as session:
        for subject in (subjects[scope],) if scope in subjects else ():
            await limit_store.replace_limits(session, race.holding.program_id, subject, [limit])
    try:
        decisions = await race.run(race.purchases())
    finally:
        async with transaction(engine) as session:
            for subject in subjects.values():
                await limit_store.replace_limits(session, race.holding.program_id, subject, [])
    assert approved(decisions) == FITS
    assert await books(engine, race.holding) == ((AT_ONCE - FITS) * PRICE, FITS * PRICE)


async def test_one_unit_of_balance_is_spent_once(engine: AsyncEngine, wide: AsyncEngine) -> None:
    race = Race(wide, await a_stranger(engine, [], [], balance=1))
    cents = [replace(asked, amount=1, merchant_amount=1) for asked in race.purchases()]
    assert approved(await race.run(cents)) == 1
    assert await books(engine, race.holding) == (0, 1)


@pytest.mark.parametrize("kind", TERMS)
async def test_a_card_is_never_used_more_often_than_it_was_made_for(
    engine: AsyncEngine, wide: AsyncEngine, kind: str
) -> None:
    type_, terms, uses = TERMS[kind]
    race = await raced(engine, wide)
    card = await holders.a_card(
        engine, SystemClock(), race.holding.user_id, wanted=NewCard(kind, type_, terms)
    )
    race = replace(race, holding=replace(race.holding, cards=(card,)))
    assert approved(await race.run(race.purchases())) == uses


async def test_a_lock_closes_at_exactly_one_of_many_merchants(engine: AsyncEngine, wide: AsyncEngine) -> None:
    race = await raced(engine, wide)
    wanted = NewCard("Locked", CardType.MERCHANT_LOCKED)
    card = await holders.a_card(engine, SystemClock(), race.holding.user_id, wanted=wanted)
    race = replace(race, holding=replace(race.holding, cards=(card,)))
    decisions = await race.run(race.purchases(merchants=AT_ONCE))
    assert approved(decisions) == 1
    assert {decision.verdict["reason_code"] for decision in decisions} == {None, "merchant_locked"}


async def test_an_increment_and_purchases_at_once_keep_a_rolling_window(
    engine: AsyncEngine, wide: AsyncEngine
) -> None:
    race = await raced(engine, wide, [Limit(Window.ROLLING, CAP, span_seconds=3_600)])
    first, *others = race.purchases()
    await race.run([first])
    more = [replace(first, attempt=attempt, amount=1_00) for attempt in range(1, AT_ONCE // 2)]
    decisions = await race.run([*more, *others[: AT_ONCE // 2]])
    spent = PRICE + sum(decision.facts.amount for decision in decisions if decision.is_approved)
    assert spent <= CAP
    assert all(spent + decision.facts.amount > CAP for decision in decisions if not decision.is_approved)


async def test_a_replaced_card_shares_its_limits_with_the_one_before(
    engine: AsyncEngine, wide: AsyncEngine
) -> None:
    race = await raced(engine, wide, [Limit(Window.LIFETIME, CAP)])
    old = race.holding.cards[0]
    new = await holders.replaced(engine, SystemClock(), old)
    race = replace(race, holding=replace(race.holding, cards=(old, new)))
    assert approved(await race.run(race.purchases())) == FITS
