"""What a template fixes for a card stays whatever its holder does, until staff lift it."""

from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from api.card_desk import Desk, a_desk
from builders import full_limits
from cardwright.core.clock import MovableClock
from cardwright.core.ids import new_id
from cardwright.db.confinement import confine_to_customer
from cardwright.db.session import transaction
from integration.kyc.people import the_program
from integration.payments import holders, wire
from integration.payments.holders import Holding

MONTH = {"window": "month", "amount": 50_00}
BAKERIES = {"blocked": {"categories": ["5462"]}}


@pytest.fixture
async def desk(client: httpx.AsyncClient, engine: AsyncEngine, clock: MovableClock) -> Desk:
    desk = await a_desk(client, engine, clock)
    async with transaction(engine) as session:
        program = (await the_program(session)).id
        await holders.credit(session, clock, Holding(program, desk.user_id, ()), 500_00, name="first")
    return desk


async def made(desk: Desk, *own: dict[str, Any], **template: Any) -> dict[str, Any]:
    """A card of the holder's from a template of the analyst's."""
    prepared = await desk.ask("POST", "/card-templates", {"name": "Ads card", **template}, by=desk.analyst)
    assert prepared.status_code == 201, prepared.text
    return await desk.card(template_id=prepared.json()["id"], limits=list(own))


async def reason(desk: Desk, card: dict[str, Any], amount: int) -> tuple[str | None, str]:
    """Pay at the bakery; why that was declined, None for an approval, and the sentence to it."""
    asked = wire.asking(f"ic_{card['id']}", amount, reference=new_id("iauth"))
    await desk.client.post(wire.PATH, **asked)
    async with transaction(desk.engine) as session:
        found = await session.execute(text("SELECT verdict FROM decisions ORDER BY id DESC LIMIT 1"))
        verdict = found.scalar_one()
    failed = [check for check in verdict["checks"] if not check["passed"]]
    return verdict["reason_code"], failed[0]["explanation"] if failed else ""


async def test_a_holder_with_a_factor_removes_only_what_is_their_own(desk: Desk) -> None:
    card = await made(desk, limits=[MONTH], controls=BAKERIES)
    assert (await desk.ask("PUT", f"/cards/{card['id']}/limits", {"limits": []})).status_code == 200
    assert (await desk.ask("PUT", f"/cards/{card['id']}/controls", {})).status_code == 200
    assert (await desk.shown(card["id"]))["fixed_limits"] == full_limits(MONTH)
    assert await reason(desk, card, 1_00) == (
        "category_not_allowed", "The category Bakeries (5462) is blocked for this kind of card.",
    )  # fmt: skip
    lifted = await desk.ask(
        "PUT", f"/spending-limits/cards/{card['id']}", {"limits": [MONTH]}, by=desk.analyst
    )
    assert lifted.json()["controls"]["blocked"]["categories"] is None
    assert await reason(desk, card, 50_01) == (
        "limit_exceeded",
        "50.01 USD on top of 0.00 USD used exceeds the monthly limit fixed for the card of 50.00 USD.",
    )


@pytest.mark.parametrize(("own", "most"), [(20_00, 20_00), (90_00, 50_00)])
async def test_of_two_limits_alike_the_strictest_wins(desk: Desk, own: int, most: int) -> None:
    card = await made(desk, {**MONTH, "amount": own}, limits=[MONTH])
    told = (await desk.ask("GET", f"/cards/{card['id']}/limits")).json()
    assert [(it["scope"], it["limit"]) for it in told] == [("card", own), ("fixed", 50_00)]
    assert (await reason(desk, card, most + 1))[0] == "limit_exceeded"
    assert (await reason(desk, card, most))[0] is None
    told = (await desk.ask("GET", f"/cards/{card['id']}/limits")).json()
    assert [it["used"] for it in told] == [most, most]


async def test_staff_lift_what_is_fixed_and_nobody_else_does(desk: Desk) -> None:
    card = await made(desk, limits=[MONTH])
    path = f"/spending-limits/cards/{card['id']}"
    assert (await desk.ask("GET", path)).status_code == 403
    assert (await desk.ask("PUT", path, {})).status_code == 403
    assert (await desk.ask("GET", path, by=desk.analyst)).json()["limits"] == full_limits(MONTH)
    assert (await reason(desk, card, 50_01))[0] == "limit_exceeded"
    assert (await desk.ask("PUT", path, {}, by=desk.analyst)).json()["limits"] == []
    assert (await reason(desk, card, 50_01))[0] is None
    assert (await desk.shown(card["id"]))["fixed_limits"] == []
    unknown = await desk.ask("PUT", f"/spending-limits/cards/{new_id('card')}", {}, by=desk.analyst)
    assert (unknown.status_code, unknown.json()["code"]) == (404, "card_unknown")


async def test_a_full_template_leaves_room_for_as_many_limits_of_ones_own(desk: Desk) -> None:
    twenty = [{"window": "rolling", "span_seconds": 60 * n, "amount": 90_00} for n in range(1, 21)]
    card = await made(desk, *twenty, limits=twenty)
    path = f"/cards/{card['id']}/limits"
    put = await desk.ask("PUT", path, {"limits": card["limits"]})
    assert (put.status_code, len(put.json()["limits"]), len(put.json()["fixed_limits"])) == (200, 20, 20)
    assert (await desk.ask("PUT", path, {"limits": [*twenty, MONTH]})).status_code == 422


async def test_a_recurring_card_needs_its_month_from_either_side(desk: Desk) -> None:
    card = await made(desk, type="recurring", limits=[MONTH])
    assert (await desk.ask("PUT", f"/cards/{card['id']}/limits", {"limits": []})).status_code == 200
    path = f"/spending-limits/cards/{card['id']}"
    refused = await desk.ask("PUT", path, {}, by=desk.analyst)
    assert (refused.status_code, refused.json()["code"]) == (422, "card_terms_invalid")
    await desk.ask("PUT", f"/cards/{card['id']}/limits", {"limits": [MONTH]})
    assert (await desk.ask("PUT", path, {}, by=desk.analyst)).status_code == 200


async def test_a_merchant_that_the_template_names_stays_until_staff_lift_it(desk: Desk) -> None:
    named, other = await desk.merchant_id(), await desk.merchant_id("RIVER BOOKS")
    card = await made(desk, merchant_lock={"merchant_id": named})
    assert card["locked_merchant_id"] == named
    relock = "PUT", f"/cards/{card['id']}/merchant-lock", {"merchant_id": other}
    excuse = "POST", f"/cards/{card['id']}/exceptions", {"merchant_id": other, "minutes": 15}
    for asked in (relock, excuse):
        refused = await desk.ask(*asked)
        assert (refused.status_code, refused.json()["code"]) == (409, "merchant_fixed")
    await desk.ask("PUT", f"/spending-limits/cards/{card['id']}", {}, by=desk.analyst)
    assert (await desk.ask(*excuse)).status_code == 201
    assert (await desk.ask(*relock)).json()["locked_merchant_id"] == other


async def test_what_is_fixed_goes_over_to_the_card_that_takes_the_place(desk: Desk) -> None:
    card = await made(desk, limits=[MONTH], controls=BAKERIES)
    replaced = (await desk.ask("POST", f"/cards/{card['id']}/replace", {"reason": "lost"})).json()
    assert replaced["fixed_limits"] == full_limits(MONTH)
    controls = (await desk.ask("GET", f"/cards/{replaced['id']}/controls")).json()
    assert controls["fixed"]["blocked"]["categories"] == ["5462"]


@pytest.mark.parametrize("table", ["spending_limits", "spending_controls"])
async def test_the_database_lets_a_holder_read_what_is_fixed_and_remove_nothing_of_it(
    desk: Desk, table: str
) -> None:
    card = await made(desk, limits=[MONTH], controls=BAKERIES)
    async with transaction(desk.engine) as session:
        program = (await the_program(session)).id
        await confine_to_customer(session, program_id=program, user_id=desk.user_id)
        fixed = f"FROM {table} WHERE scope = 'fixed' AND subject_id = :card"
        seen = await session.execute(text(f"SELECT count(*) {fixed}"), {"card": card["id"]})
        assert seen.scalar_one() == 1
        removed = await session.execute(text(f"DELETE {fixed} RETURNING 1"), {"card": card["id"]})
        assert removed.all() == []
