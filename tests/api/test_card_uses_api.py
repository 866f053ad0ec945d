"""How often a card was used, what is left of that, and the payments behind it, as its holder reads it."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from api.card_desk import Desk, a_desk
from cardwright.core.clock import MovableClock
from cardwright.db.session import transaction
from cardwright.payments import convergence
from integration.kyc.people import the_program
from integration.payments import holders, wire
from integration.payments.holders import Holding
from integration.payments.network import BAKERY, SOURCE, Purchase, Ticking


@pytest.fixture
async def desk(client: httpx.AsyncClient, engine: AsyncEngine, clock: MovableClock) -> Desk:
    return await a_desk(client, engine, clock)


async def bought(desk: Desk, card: dict[str, Any], reference: str, amount: int = 10_00) -> Purchase:
    """Pay with a card over the real-time endpoint; the network's record of it."""
    processor_reference = f"ic_{card['id']}"
    asked = wire.asking(processor_reference, amount, reference=reference)
    assert (await desk.client.post(wire.PATH, **asked)).json()["approved"]
    purchase = Purchase(reference, processor_reference, BAKERY, Ticking(desk.clock.now()))
    purchase.answer(amount, approved=True)
    return purchase


async def heard(desk: Desk, purchase: Purchase) -> None:
    async with transaction(desk.engine) as session:
        await convergence.converge_authorization(
            session, purchase.seen[-1], source=SOURCE, at=desk.clock.now()
        )


async def with_money(desk: Desk) -> None:
    async with transaction(desk.engine) as session:
        program = (await the_program(session)).id
        await holders.credit(session, desk.clock, Holding(program, desk.user_id, ()), 500_00, name="first")


async def uses(desk: Desk, card: dict[str, Any]) -> tuple[int, int, int, list[str]]:
    [found] = (await desk.ask("GET", f"/cards/{card['id']}/limits")).json()
    assert (found["scope"], found["window"], found["measure"]) == ("card", "lifetime", "uses")
    assert (found["resets_at"], found["only"], found["span_seconds"]) == (None, None, None)
    return found["limit"], found["used"], found["remaining"], found["payment_ids"]


@pytest.mark.parametrize(
    ("terms", "limit"),
    [
        ({"type": "single_use"}, 1),
        ({"type": "limited_use", "uses": 3}, 3),
        ({"type": "exact_amount", "exact_amount": 10_00}, 1),
    ],
    ids=str,
)
async def test_uses_are_told_with_what_is_left_and_the_payments_behind_it(
    desk: Desk, terms: Any, limit: int
) -> None:
    await with_money(desk)
    card = await desk.card(**terms)
    assert await uses(desk, card) == (limit, 0, limit, [])
    purchase = await bought(desk, card, "iauth_1")
    [payment] = (await desk.ask("GET", "/payments")).json()["data"]
    assert await uses(desk, card) == (limit, 1, limit - 1, [payment["id"]])
    purchase.reverse(10_00)
    await heard(desk, purchase)
    assert await uses(desk, card) == (limit, 0, limit, [])


async def test_a_use_that_expired_is_one_and_a_card_that_takes_the_place_of_another_goes_on(
    desk: Desk,
) -> None:
    await with_money(desk)
    card = await desk.card(type="limited_use", uses=3)
    purchase = await bought(desk, card, "iauth_1")
    purchase.expire()
    await heard(desk, purchase)
    assert (await uses(desk, card))[:3] == (3, 1, 2)
    made = await desk.ask("POST", f"/cards/{card['id']}/replace", {"reason": "lost"})
    await holders.issue(desk.engine, desk.clock)
    assert (await uses(desk, made.json()))[:3] == (3, 1, 2)


async def test_limits_come_after_uses_and_other_cards_have_none(desk: Desk) -> None:
    month = {"window": "month", "amount": 50_00}
    both = await desk.card(type="single_use", limits=[month])
    told = (await desk.ask("GET", f"/cards/{both['id']}/limits")).json()
    assert [found["measure"] for found in told] == ["uses", "amount"]
    plain = await desk.card()
    assert (await desk.ask("GET", f"/cards/{plain['id']}/limits")).json() == []


async def test_a_used_up_card_is_shown_as_closed_before_any_sweep(desk: Desk) -> None:
    await with_money(desk)
    card = await desk.card(type="limited_use", uses=2)
    assert (card["state"], card["uses_left"]) == ("active", 2)
    purchases = [await bought(desk, card, f"iauth_{number}") for number in (1, 2)]
    shown = await desk.shown(card["id"])
    assert (shown["state"], shown["uses_left"]) == ("active", 0), "what is held may still be given back"
    for number, purchase in enumerate(purchases):
        purchase.capture(f"ipi_{number}", 10_00, is_closing=True)
        await heard(desk, purchase)
    assert ((await desk.shown(card["id"]))["state"]) == "canceled"
    [listed] = (await desk.ask("GET", "/cards")).json()["data"]
    assert (listed["state"], listed["uses_left"]) == ("canceled", 0)


@pytest.mark.parametrize("frozen", [False, True])
async def test_a_dated_card_is_shown_as_closed_from_its_last_instant_on(desk: Desk, frozen: bool) -> None:
    card = await desk.card(type="dated", valid_until="2026-11-23T12:02:00Z")
    if frozen:
        await desk.ask("POST", f"/cards/{card['id']}/freeze")
    desk.clock.advance(timedelta(seconds=119))
    assert (await desk.shown(card["id"]))["state"] == ("frozen" if frozen else "active")
    desk.clock.advance(timedelta(seconds=1))
    assert (await desk.shown(card["id"]))["state"] == "canceled"
    [listed] = (await desk.ask("GET", "/cards")).json()["data"]
    assert (listed["state"], listed["uses_left"]) == ("canceled", None)


async def test_a_card_whose_month_is_over_is_shown_as_closed(desk: Desk) -> None:
    card = await desk.card()
    async with transaction(desk.engine) as session:
        ended = text("UPDATE cards SET exp_month = 10, exp_year = 2026 WHERE id = :id")
        await session.execute(ended, {"id": card["id"]})
    assert (await desk.shown(card["id"]))["state"] == "canceled"


async def test_what_a_holder_does_under_a_staff_lock_is_not_told_as_its_end(desk: Desk) -> None:
    card = await desk.card()
    path = f"/cards/{card['id']}"
    await desk.ask("POST", f"{path}/freeze")
    await desk.ask("POST", f"{path}/lock", {"reason": "Looks stolen."}, by=desk.analyst)
    await desk.ask("POST", f"{path}/unfreeze")
    history = (await desk.ask("GET", f"{path}/history")).json()
    told = [(it["from_state"], it["to_state"], it["by"], it["reason"]) for it in history]
    assert told[1:] == [
        ("active", "frozen", "holder", "holder"),
        ("frozen", "locked", "staff", "staff"),
        ("locked", "locked", "holder", "holder_active"),
    ]
    await desk.ask("POST", f"{path}/unlock", by=desk.analyst)
    last = (await desk.ask("GET", f"{path}/history")).json()[-1]
    assert (last["from_state"], last["to_state"], last["by"]) == ("locked", "active", "staff")


@pytest.mark.parametrize(
    ("template", "shown"),
    [
        ({"type": "single_use"}, (1, None, False)),
        ({"type": "exact_amount", "exact_amount": 5_00}, (1, 5_00, False)),
        ({"type": "recurring", "limits": [{"window": "month", "amount": 1}]}, (None, None, True)),
        ({"type": "merchant_locked"}, (None, None, True)),
        ({"type": "standard"}, (None, None, False)),
    ],
    ids=str,
)
async def test_a_template_shows_what_its_type_implies(desk: Desk, template: Any, shown: Any) -> None:
    made = await desk.ask("POST", "/card-templates", {"name": "Trial", **template}, by=desk.analyst)
    told = made.json()
    assert (told["uses"], told["exact_amount"], told["is_merchant_locked"]) == shown
    card = await desk.card(template_id=told["id"])
    assert (card["uses"], card["exact_amount"], card["is_merchant_locked"]) == shown
