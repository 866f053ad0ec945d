"""Moving to another time zone: it needs a strong factor, and gives no limit's window a second start."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from api.card_desk import Desk, a_desk
from browsers import sign_in
from cardwright.core.clock import MovableClock
from cardwright.db.session import transaction
from integration.kyc.people import the_program
from integration.payments import holders
from integration.payments.wire import PATH, asking

HOME: dict[str, Any] = {
    "full_name": "Robin Sample",
    "date_of_birth": "1990-01-01",
    "locale": "en",
    "time_zone": "UTC",
}
FAR_EAST, FAR_WEST = "Pacific/Kiritimati", "Pacific/Pago_Pago"


@pytest.fixture
async def desk(client: httpx.AsyncClient, engine: AsyncEngine, clock: MovableClock) -> Desk:
    return await a_desk(client, engine, clock)


async def move(desk: Desk, time_zone: str, **more: Any) -> httpx.Response:
    return await desk.ask("PUT", "/me/profile", {**HOME, "time_zone": time_zone}, **more)


async def pays(desk: Desk, card: dict[str, Any], amount: int, reference: str) -> bool:
    question = asking(f"ic_{card['id']}", amount, reference=reference)
    return bool((await desk.client.post(PATH, **question)).json()["approved"])


async def test_another_time_zone_needs_a_factor_used_lately_and_nothing_else_of_a_profile_does(
    desk: Desk, engine: AsyncEngine, clock: MovableClock
) -> None:
    weak = await sign_in(engine, clock, desk.user_id)
    assert (await desk.ask("PUT", "/me/profile", {**HOME, "locale": "fr"}, by=weak)).status_code == 200
    refused = await move(desk, FAR_EAST, by=weak)
    assert (refused.status_code, refused.json()["code"]) == (403, "factor_required")
    clock.advance(timedelta(minutes=6))
    refused = await move(desk, FAR_EAST)
    assert refused.json()["code"] in {"step_up_required", "factor_required"}
    assert (await desk.ask("GET", "/me")).json()["profile"]["time_zone"] == "UTC"


async def test_who_moves_spends_a_days_limit_once_until_the_day_is_over_in_both_zones(
    desk: Desk, engine: AsyncEngine, clock: MovableClock
) -> None:
    # It is noon in UTC, and 02:00 of the next day on Kiritimati.
    card = await desk.card(limits=[{"window": "day", "amount": 100_00}])
    async with transaction(engine) as session:
        holding = holders.Holding((await the_program(session)).id, desk.user_id, ())
        await holders.credit(session, clock, holding, 1_000_00, name="first")
    assert await pays(desk, card, 100_00, "iauth_1")
    assert (await move(desk, FAR_EAST)).status_code == 200
    assert not await pays(desk, card, 1, "iauth_2")
    [limit] = (await desk.ask("GET", f"/cards/{card['id']}/limits")).json()
    assert (limit["remaining"], len(limit["payment_ids"])) == (0, 1)
    assert (await move(desk, FAR_WEST)).status_code == 200
    assert not await pays(desk, card, 1, "iauth_3")
    clock.advance(timedelta(hours=12))
    # Midnight in UTC, where the day's window has ended; it is still the same day on Pago Pago.
    assert not await pays(desk, card, 1, "iauth_4")
    clock.advance(timedelta(hours=11))
    assert await pays(desk, card, 100_00, "iauth_5")


async def test_a_handful_of_moves_a_month_is_enough_for_anybody(desk: Desk) -> None:
    zones = ["UTC", *(f"Etc/GMT+{hours}" for hours in range(1, 12))]
    answers = [await move(desk, zone) for zone in zones[1:]]
    assert [answer.status_code for answer in answers] == [200] * 10 + [409]
    assert answers[-1].json()["code"] == "time_zone_changed_often"
    assert (await desk.ask("GET", "/me")).json()["profile"]["time_zone"] == zones[10]
