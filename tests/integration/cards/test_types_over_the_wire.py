"""Every type of card in every situation that it should refuse, asked by the simulator's network.

A case is a card and what happens to it, step by step; each step says what the network is answered.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

import pytest
import stripe
from sqlalchemy import text

from cardwright.cards import (
    CardType,
    Control,
    Dimension,
    Effect,
    Limit,
    Measure,
    NewCard,
    Selection,
    Terms,
    Window,
    lifecycle,
    spending,
)
from cardwright.core.clock import SystemClock
from cardwright.db.session import transaction
from integration.cards.shared_stand import client, database_url, engine, shared_stand, simulator, stand
from integration.cards.stand import Stand

__all__ = ["client", "database_url", "engine", "shared_stand", "simulator", "stand"]

SHOP: Final = {
    "network_id": "100000000000001",
    "name": "CORNER SHOP",
    "category": "grocery_stores_supermarkets",
}
OTHER: Final = {"network_id": "100000000000002", "name": "RIVER BOOKS", "category": "book_stores"}
CASINO: Final = {
    "network_id": "100000000000003",
    "name": "LUCKY SEVEN",
    "category": "betting_casino_gambling",
}
ABROAD: Final = {**SHOP, "network_id": "100000000000004", "name": "LE COIN", "country": "FR"}
NOW: Final = SystemClock().now()


@dataclass(frozen=True, slots=True)
class Step:
    """A purchase, or more of the one before, and why it is declined; None for an approval."""

    amount: int
    declined: str | None = None
    at: Mapping[str, Any] = field(default_factory=lambda: SHOP)
    does: str = "pays"
    then: str = ""
    how: Mapping[str, Any] = field(default_factory=dict)


def pays(amount: int, at: Mapping[str, Any] = SHOP, *, then: str = "", **how: Any) -> Step:
    return Step(amount, None, at, then=then, how=how)


def refused(code: str, amount: int, at: Mapping[str, Any] = SHOP, **how: Any) -> Step:
    return Step(amount, code, at, how=how)


def more(amount: int, declined: str | None = None) -> Step:
    return Step(amount, declined, does="asks for more")


def a_card(type_: CardType, *limits: Limit, controls: tuple[Control, ...] = (), **terms: Any) -> NewCard:
    return NewCard("For tests", type_, Terms(**terms), limits, controls)


def allowed(dimension: Dimension, *values: str) -> tuple[Control, ...]:
    return (Control(dimension, Effect.ALLOWED, values),)


def blocked(dimension: Dimension, *values: str) -> tuple[Control, ...]:
    return (Control(dimension, Effect.BLOCKED, values),)


SINGLE, LIMITED = a_card(CardType.SINGLE_USE), a_card(CardType.LIMITED_USE, uses=2)
EXACT = a_card(CardType.EXACT_AMOUNT, exact_amount=25_00)
LOCKED = a_card(CardType.MERCHANT_LOCKED)
MONTHLY = Limit(Window.MONTH, 30_00)
RECURRING = a_card(CardType.RECURRING, MONTHLY)
STANDARD = CardType.STANDARD

CASES: Final[Mapping[str, tuple[NewCard, tuple[Step, ...]]]] = {
    "a standard card has no terms": (a_card(STANDARD), (pays(1), pays(1, OTHER), pays(1, ABROAD))),
    "a single use is used once": (SINGLE, (pays(10_00), refused("uses_exhausted", 1))),
    "a single use may ask for more": (SINGLE, (pays(10_00), more(5_00), refused("uses_exhausted", 1))),
    "a verification is no use": (SINGLE, (pays(0), pays(10_00), refused("uses_exhausted", 1))),
    "a use that is reversed is given back": (
        SINGLE, (pays(10_00, then="reverse"), pays(9_00), refused("uses_exhausted", 1)),
    ),
    "a use that is reversed in part is not": (
        SINGLE, (pays(10_00, then="reverse a part"), refused("uses_exhausted", 1)),
    ),
    "a use that expired may still clear": (
        SINGLE, (pays(10_00, then="expire"), refused("uses_exhausted", 1)),
    ),
    "a use that cleared is over": (SINGLE, (pays(10_00, then="capture"), refused("uses_exhausted", 1))),
    "a declined purchase is no use": (
        SINGLE, (refused("funds_insufficient", 900_00), pays(10_00), refused("uses_exhausted", 1)),
    ),
    "n uses are n": (LIMITED, (pays(1_00), pays(2_00, OTHER), refused("uses_exhausted", 1))),
    "an exact amount is neither less nor more": (
        EXACT, (refused("amount_not_exact", 24_99), refused("amount_not_exact", 25_01), pays(25_00)),
    ),
    "an exact amount is paid once": (EXACT, (pays(25_00), refused("uses_exhausted", 25_00))),
    "an exact amount grows by nothing": (EXACT, (pays(25_00), more(1, "amount_not_exact"))),
    "an exact amount may be verified": (EXACT, (pays(0), pays(25_00))),
    "a lock closes at the first merchant": (
        LOCKED, (pays(10_00), refused("merchant_locked", 10_00, OTHER), pays(10_00)),
    ),
    "a declined purchase locks to nobody": (
        LOCKED, (refused("funds_insufficient", 900_00), pays(10_00, OTHER), refused("merchant_locked", 1)),
    ),
    "a verification locks to nobody": (
        LOCKED, (pays(0, OTHER), pays(10_00), refused("merchant_locked", 0, OTHER)),
    ),
    "a merchant's second id is the same merchant": (
        LOCKED,
        (pays(10_00), pays(10_00, {**SHOP, "network_id": "100000000000999", "name": "SQ *Corner Shop 0423"})),
    ),
    "another category is another merchant": (
        LOCKED,
        (pays(10_00), refused("merchant_locked", 1, {**CASINO, "name": SHOP["name"]})),
    ),
    "a reversed purchase leaves the lock": (
        LOCKED, (pays(10_00, then="reverse"), refused("merchant_locked", 10_00, OTHER)),
    ),
    "a recurring card is locked": (RECURRING, (pays(10_00), refused("merchant_locked", 10_00, OTHER))),
    "a recurring card keeps its month": (
        RECURRING, (pays(20_00, then="capture"), refused("limit_exceeded", 10_01), pays(10_00)),
    ),
    "a card before its time": (
        a_card(CardType.DATED, valid_from=NOW + timedelta(days=1), valid_until=NOW + timedelta(days=2)),
        (refused("card_not_yet_valid", 10_00),),
    ),
    "a card within its time": (a_card(CardType.DATED, valid_until=NOW + timedelta(days=2)), (pays(10_00),)),
    "a limit of zero is zero": (
        a_card(STANDARD, Limit(Window.LIFETIME, 0)), (refused("limit_exceeded", 1), pays(0)),
    ),
    "so many payments a day": (
        a_card(STANDARD, Limit(Window.DAY, 2, Measure.COUNT)),
        (pays(1), pays(1), refused("count_exceeded", 1), pays(0)),
    ),
    "an increment is not one payment more": (
        a_card(STANDARD, Limit(Window.DAY, 1, Measure.COUNT)),
        (pays(1), more(1), refused("count_exceeded", 1)),
    ),
    "a rolling window": (
        a_card(STANDARD, Limit(Window.ROLLING, 10_00, span_seconds=3600)),
        (pays(6_00), refused("limit_exceeded", 4_01), pays(4_00)),
    ),
    "a limit for a category alone": (
        a_card(STANDARD, Limit(Window.MONTH, 5_00, only=Selection(categories=("gambling",)))),
        (pays(50_00), refused("limit_exceeded", 5_01, CASINO), pays(5_00, CASINO)),
    ),
    "a limit for a country alone": (
        a_card(STANDARD, Limit(Window.MONTH, 5_00, only=Selection(countries=("FR",)))),
        (pays(6_00), pays(5_00, ABROAD), refused("limit_exceeded", 1, ABROAD)),
    ),
    "a limit for a channel alone": (
        a_card(STANDARD, Limit(Window.MONTH, 5_00, only=Selection(channels=("in_person",)))),
        (pays(6_00), refused("limit_exceeded", 6_00, authorization_method="chip")),
    ),
    "allowed categories": (
        a_card(STANDARD, controls=allowed(Dimension.CATEGORIES, "groceries")),
        (pays(1), refused("category_not_allowed", 1, OTHER)),
    ),
    "a blocked category": (
        a_card(STANDARD, controls=blocked(Dimension.CATEGORIES, "7995")),
        (pays(1), refused("category_not_allowed", 1, CASINO)),
    ),
    "allowed countries": (
        a_card(STANDARD, controls=allowed(Dimension.COUNTRIES, "US")),
        (pays(1), refused("country_not_allowed", 1, ABROAD)),
    ),
    "a blocked country": (
        a_card(STANDARD, controls=blocked(Dimension.COUNTRIES, "FR")),
        (pays(1), refused("country_not_allowed", 1, ABROAD)),
    ),
    "allowed channels": (
        a_card(STANDARD, controls=allowed(Dimension.CHANNELS, "in_person")),
        (refused("channel_not_allowed", 1), pays(1, authorization_method="contactless")),
    ),
    "a blocked channel": (
        a_card(STANDARD, controls=blocked(Dimension.CHANNELS, "wallet")),
        (pays(1), refused("channel_not_allowed", 1, wallet="apple_pay")),
    ),
    "no hour at all": (
        a_card(STANDARD, controls=allowed(Dimension.HOURS)), (refused("hour_not_allowed", 1),),
    ),
    "every hour but none blocked": (
        a_card(STANDARD, controls=blocked(Dimension.HOURS, "mon-sun 00:00-24:00")),
        (refused("hour_not_allowed", 1),),
    ),
}  # fmt: skip


async def take(stand: Stand, card: str, step: Step, before: stripe.issuing.Authorization | None) -> Any:
    """Do what a step says and return the authorization."""
    helper = stand.client.v1.test_helpers.issuing.authorizations
    if step.does == "asks for more":
        assert before is not None
        await helper.increment_async(before.id, {"increment_amount": step.amount})
        return await stand.client.v1.issuing.authorizations.retrieve_async(before.id)
    paid = await stand.pay(step.amount, card=card, merchant_data=dict(step.at), **step.how)
    match step.then:
        case "reverse":
            await helper.reverse_async(paid.id)
        case "reverse a part":
            await helper.reverse_async(paid.id, {"reverse_amount": step.amount // 2})
        case "expire":
            await helper.expire_async(paid.id)
        case "capture":
            await helper.capture_async(paid.id)
    return paid


@pytest.mark.parametrize("case", CASES)
async def test_every_type_refuses_what_it_should_and_nothing_else(stand: Stand, case: str) -> None:
    wanted, steps = CASES[case]
    card = await stand.issue(wanted)
    paid = None
    for number, step in enumerate(steps):
        paid = await take(stand, str(card.processor_reference), step, paid)
        answered = paid.request_history[-1]
        assert (number, await stand.reason(paid)) == (number, step.declined)
        assert answered.approved is (step.declined is None), answered.reason
        if step.then:
            await stand.converge(paid.id)


async def test_an_exception_lets_a_merchant_through_a_lock_for_its_time(stand: Stand) -> None:
    card = await stand.issue(LOCKED)
    reference = str(card.processor_reference)
    await stand.pay(10_00, card=reference, merchant_data=dict(SHOP))
    before = await stand.pay(10_00, card=reference, merchant_data=dict(OTHER))
    assert await stand.reason(before) == "merchant_locked"
    async with transaction(stand.engine) as session:
        refused = await session.execute(
            text("SELECT merchant_id FROM payments WHERE reference = :reference"), {"reference": before.id}
        )
        merchant_id = refused.scalar_one()
        await spending.allow_merchant(
            session,
            card.id,
            merchant_id,
            timedelta(minutes=15),
            user_id=stand.user_id,
            at=SystemClock().now(),
        )  # fmt: skip
    allowed_now = await stand.pay(10_00, card=reference, merchant_data=dict(OTHER))
    assert await stand.reason(allowed_now) is None
    casino = await stand.pay(10_00, card=reference, merchant_data=dict(CASINO))
    assert await stand.reason(casino) == "merchant_locked"


async def test_a_card_that_staff_locked_declines_and_pays_again_when_unlocked(stand: Stand) -> None:
    card = await stand.issue(a_card(STANDARD))
    now = SystemClock().now()
    async with transaction(stand.engine) as session:
        await lifecycle.lock(session, card.id, reason="Testing.", staff_id="user_staff", at=now)
    assert await stand.reason(await stand.pay(1, card=str(card.processor_reference))) == "card_locked"
    async with transaction(stand.engine) as session:
        await lifecycle.unlock(session, card.id, staff_id="user_staff", at=now)
    assert await stand.reason(await stand.pay(1, card=str(card.processor_reference))) is None
