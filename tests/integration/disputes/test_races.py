"""Two hundred clicks at the same moment have the effect of one."""

import asyncio
from collections import Counter
from typing import Any

import pytest

from cardwright.disputes import CreditPolicy
from integration.disputes.desk import BALANCE, FRAUD, Desk

CROWD = 200
CHARGED = 40_00


@pytest.fixture
def policy() -> CreditPolicy:
    return CreditPolicy.AT_ONCE


async def meet(desk: Desk, *asked: tuple[str, Any]) -> Counter[str]:
    answers = await asyncio.gather(*(desk.ask("POST", path, body) for path, body in asked))
    assert {it.status_code for it in answers} <= {200, 201, 409}
    return Counter(it.json().get("code", "done") for it in answers)


async def test_a_charge_is_disputed_once_by_two_hundred_clicks(desk: Desk) -> None:
    payment_id = await desk.charge(CHARGED)
    path = f"/payments/{payment_id}/disputes"
    assert await meet(desk, *[(path, FRAUD)] * CROWD) == {"done": 1, "dispute_open": CROWD - 1}


async def test_a_dispute_is_submitted_once_by_two_hundred_clicks(desk: Desk) -> None:
    dispute_id = await desk.open(await desk.charge(CHARGED))
    path = f"/disputes/{dispute_id}/submit"
    assert await meet(desk, *[(path, {})] * CROWD) == {"done": 1, "dispute_submitted": CROWD - 1}
    await desk.background()
    assert [it.status for it in await desk.at_network()] == ["submitted"]
    assert (await desk.wallet(), await desk.suspense()) == (BALANCE, CHARGED)


async def test_submitting_and_withdrawing_at_once_ends_withdrawn_with_nothing_in_suspense(desk: Desk) -> None:
    dispute_id = await desk.open(await desk.charge(CHARGED))
    submit, withdraw = (f"/disputes/{dispute_id}/{verb}" for verb in ("submit", "withdraw"))
    background = asyncio.create_task(desk.background())
    told = await meet(desk, *[(submit, {}), (withdraw, {})] * (CROWD // 2))
    await background
    await desk.background()
    # One withdrawal counted, and at most one submission before it.
    assert 1 <= told["done"] <= 2
    assert await desk.state(dispute_id) == "withdrawn"
    assert len(await desk.at_network()) <= 1
    assert (await desk.wallet(), await desk.suspense()) == (BALANCE - CHARGED, 0)
    kinds = Counter(step["kind"] for step in (await desk.case(dispute_id))["timeline"])
    assert kinds["withdrawn"] == 1
    assert kinds["submitted"] == told["done"] - 1
    assert kinds["credited"] == kinds["credit_reversed"] <= 1
