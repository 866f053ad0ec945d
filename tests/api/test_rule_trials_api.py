"""A condition tried on one payment over HTTP, its decisions computed again, and the models that score."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from api.test_rules_api import Office, office
from cardwright.core.clock import MovableClock
from cardwright.core.ids import new_id
from cardwright.db.session import transaction
from integration.backtests import past

__all__ = ["office"]

SOON = [timedelta(seconds=20)]
EVERY_PAYMENT = "SELECT DISTINCT payment_id FROM payment_elements WHERE decision_id IS NOT NULL"


async def attempt(office: Office, when: str, payment_id: str) -> httpx.Response:
    body = {"when": when, "payment_id": payment_id}
    return await office.client.post("/v1/rules/trials", json=body, headers=office.analyst)


async def payments(engine: AsyncEngine) -> list[str]:
    async with transaction(engine) as session:
        return list((await session.execute(text(EVERY_PAYMENT))).scalars())


async def test_a_condition_says_of_a_payment_whether_it_holds_and_why(
    office: Office, engine: AsyncEngine, clock: MovableClock
) -> None:
    await past.lived(engine, clock, count=6, gaps=SOON)
    for payment_id in await payments(engine):
        holds = (await attempt(office, "amount >= 0", payment_id)).json()
        assert (holds["holds"], holds["missing"]) == (True, [])
        assert "amount" in holds["explanation"]
        fails = (await attempt(office, "amount < 0 && holder.kyc_level > 99", payment_id)).json()
        assert (fails["holds"], fails["would_pass"]) == (False, None)
        assert fails["explanation"].endswith(": false")
        assert fails["decision_id"] == holds["decision_id"]


async def test_velocity_that_no_rule_read_then_is_counted_as_it_was(
    office: Office, engine: AsyncEngine, clock: MovableClock
) -> None:
    await past.lived(engine, clock, count=12, gaps=SOON)
    found = [
        (await attempt(office, "velocity.holder.attempted_count_24h >= 1", payment_id)).json()
        for payment_id in await payments(engine)
    ]
    assert {it["holds"] for it in found} >= {True}
    # What asked for more of what was approved has no instant of its own, and says so.
    assert all((it["holds"] is None) == (it["missing"] != []) for it in found)


@pytest.mark.parametrize(
    ("when", "status", "code"), [("amuont > 5", 422, "rules_invalid"), ("amount > 5", 404, "payment_unknown")]
)
async def test_what_cannot_be_tried_is_refused(office: Office, when: str, status: int, code: str) -> None:
    refused = await attempt(office, when, new_id("pay"))
    assert (refused.status_code, refused.json()["code"]) == (status, code)


async def test_decisions_of_a_payment_compute_to_the_same_and_one_that_was_changed_does_not(
    office: Office, engine: AsyncEngine, clock: MovableClock
) -> None:
    await past.lived(engine, clock, count=4, gaps=SOON)
    payment_id = (await payments(engine))[0]
    (same,) = await replayed(office, payment_id)
    assert same["is_identical"]
    async with transaction(engine) as session:
        await session.execute(text("SET LOCAL session_replication_role = replica"))
        forged = 'UPDATE decisions SET verdict = verdict || \'{"response_code": "99"}\' WHERE id = :id'
        await session.execute(text(forged), {"id": same["decision_id"]})
    (changed,) = await replayed(office, payment_id)
    assert not changed["is_identical"]


async def replayed(office: Office, payment_id: str) -> Any:
    answer = await office.client.get(f"/v1/payments/{payment_id}/replay", headers=office.analyst)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_program_without_risk_models_lists_none(office: Office) -> None:
    answer = await office.client.get("/v1/rules/models", headers=office.analyst)
    assert (answer.status_code, answer.json()) == (200, [])
