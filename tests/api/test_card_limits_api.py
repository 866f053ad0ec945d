"""Raising what a card may spend needs a strong factor; lowering it needs nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pyotp
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from browsers import browser_of, headers_of, opened_for
from builders import full_limits
from cardwright.core.clock import MovableClock
from integration.kyc.people import a_verified_person

DAY, MONTH = {"window": "day", "amount": 10_000}, {"window": "month", "amount": 50_000}
RAISES: Sequence[Sequence[dict[str, Any]]] = (
    [{**DAY, "amount": 10_001}, MONTH], [DAY], [MONTH], [], [DAY, {**MONTH, "window": "year"}],
    [{**DAY, "amount": 0}, {**MONTH, "amount": 50_001}],
)  # fmt: skip
LOWERINGS: Sequence[Sequence[dict[str, Any]]] = (
    [DAY, MONTH], [{**DAY, "amount": 9_999}, MONTH], [DAY, MONTH, {"window": "week", "amount": 99_999}],
    [{**DAY, "amount": 0}, {**MONTH, "amount": 0}],
)  # fmt: skip


@dataclass
class Holder:
    """Somebody with a card that has two limits."""

    client: httpx.AsyncClient
    clock: MovableClock
    headers: dict[str, str]
    card_id: str = ""

    async def create_card(self) -> None:
        made = await self.client.post(
            "/v1/cards", json={"label": "Groceries", "limits": [DAY, MONTH]},
            headers={**self.headers, "Idempotency-Key": "first"},
        )  # fmt: skip
        self.card_id = made.json()["id"]

    async def set_limits(self, limits: Sequence[dict[str, Any]]) -> httpx.Response:
        path = f"/v1/cards/{self.card_id}/limits"
        return await self.client.put(path, json={"limits": limits}, headers=self.headers)

    async def limits(self) -> Any:
        return (await self.client.get(f"/v1/cards/{self.card_id}", headers=self.headers)).json()["limits"]

    async def add_app(self) -> pyotp.TOTP:
        shown = await self.client.post("/v1/me/totp", headers=self.headers)
        app = pyotp.TOTP(shown.json()["secret"])
        await self.show("/v1/me/totp/confirm", app)
        return app

    async def show(self, path: str, app: pyotp.TOTP) -> None:
        body = {"code": app.at(self.clock.now())}
        self.headers = dict(browser_of(await self.client.post(path, json=body, headers=self.headers)))


@pytest.fixture
async def holder(client: httpx.AsyncClient, engine: AsyncEngine, clock: MovableClock) -> Holder:
    opened = await opened_for(engine, clock, await a_verified_person(engine, clock))
    made = Holder(client, clock, dict(headers_of(opened.secret.reveal())))
    await made.create_card()
    return made


@pytest.mark.parametrize("limits", RAISES, ids=str)
async def test_raising_or_removing_any_limit_needs_a_factor_used_lately(
    holder: Holder, limits: Sequence[dict[str, Any]]
) -> None:
    refused = await holder.set_limits(limits)
    assert (refused.status_code, refused.json()["code"]) == (403, "factor_required")
    app = await holder.add_app()
    holder.clock.advance(timedelta(minutes=6))
    refused = await holder.set_limits(limits)
    assert (refused.status_code, refused.json()["code"]) == (401, "step_up_required")
    assert refused.json()["methods"] == ["totp", "recovery_code"]
    assert await holder.limits() == full_limits(DAY, MONTH)
    await holder.show("/v1/auth/step-up/totp", app)
    assert (await holder.set_limits(limits)).json()["limits"] == full_limits(*limits)


@pytest.mark.parametrize("limits", LOWERINGS, ids=str)
async def test_lowering_limits_and_adding_some_needs_no_factor(
    holder: Holder, limits: Sequence[dict[str, Any]]
) -> None:
    answer = await holder.set_limits(limits)
    assert answer.status_code == 200
    shown = {limit["window"]: limit["amount"] for limit in answer.json()["limits"]}
    assert shown == {limit["window"]: limit["amount"] for limit in limits}


async def test_a_raise_of_somebody_elses_limits_does_not_even_ask_for_a_factor(
    holder: Holder, engine: AsyncEngine, clock: MovableClock
) -> None:
    stranger = await opened_for(engine, clock, await a_verified_person(engine, clock, "casey@example.com"))
    holder.headers = dict(headers_of(stranger.secret.reveal()))
    refused = await holder.set_limits([])
    assert (refused.status_code, refused.json()["code"]) == (404, "card_unknown")
