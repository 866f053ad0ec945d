"""Top-ups as their callers meet them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from browsers import sign_in
from cardwright.core.clock import MovableClock
from integration.kyc.people import a_person, a_verified_person, drain

PATH = "/v1/top-ups"
ORDER = {"amount": 50_00, "currency": "USD", "payment_method_token": "pm_card_visa"}


@dataclass
class Counter:
    """The application, and a verified person who is signed in."""

    client: httpx.AsyncClient
    person: Mapping[str, str]

    async def order(
        self, key: str = "first", headers: Mapping[str, str] | None = None, **changes: Any
    ) -> httpx.Response:
        body = {name: value for name, value in {**ORDER, **changes}.items() if value is not ...}
        return await self.client.post(
            PATH, json=body, headers={**(self.person if headers is None else headers), "Idempotency-Key": key}
        )

    async def listed(self, **query: Any) -> Any:
        return (await self.client.get(PATH, params=query, headers=self.person)).json()


@pytest.fixture
async def counter(client: httpx.AsyncClient, engine: AsyncEngine, clock: MovableClock) -> Counter:
    user_id = await a_verified_person(engine, clock)
    return Counter(client, await sign_in(engine, clock, user_id))


async def test_an_order_is_accepted_and_its_token_never_shown(counter: Counter, engine: AsyncEngine) -> None:
    made = await counter.order()
    assert made.status_code == 201
    assert (made.json()["status"], made.json()["amount"], made.json()["currency"]) == (
        "requested",
        50_00,
        "USD",
    )
    shown = await counter.client.get(f"{PATH}/{made.json()['id']}", headers=counter.person)
    assert shown.json() == made.json()
    assert "pm_card_visa" not in made.text
    events = await drain(engine)
    assert [event.type for event in events] == ["funding.top_up_requested"]
    assert "pm_card_visa" not in str(events)


async def test_the_same_key_orders_once(counter: Counter, engine: AsyncEngine) -> None:
    first, again = await counter.order("k"), await counter.order("k")
    assert (again.status_code, again.json()) == (201, first.json())
    assert len((await counter.listed())["data"]) == 1
    assert len(await drain(engine)) == 1
    other = await counter.order("k", amount=60_00)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"amount": 99}, "amount_out_of_bounds"),
        ({"amount": 1_000_001}, "amount_out_of_bounds"),
        ({"amount": 0}, "validation_failed"),
        ({"amount": -5_000}, "validation_failed"),
        ({"amount": "5000"}, "validation_failed"),
        ({"amount": 50.5}, "validation_failed"),
        ({"amount": True}, "validation_failed"),
        ({"amount": ...}, "validation_failed"),
        ({"currency": "EUR"}, "currency_not_supported"),
        ({"currency": "usd"}, "validation_failed"),
        ({"currency": "QQQ"}, "currency_unknown"),
        ({"payment_method_token": "4242424242424242"}, "validation_failed"),
        ({"payment_method_token": "pm_card visa"}, "validation_failed"),
        ({"payment_method_token": "pm_card_visa\n"}, "validation_failed"),
        ({"note": "unknown"}, "validation_failed"),
    ],
)
async def test_a_wrong_order_is_refused_and_changes_nothing(
    counter: Counter, engine: AsyncEngine, changes: dict[str, Any], code: str
) -> None:
    refused = await counter.order(**changes)
    assert (refused.status_code, refused.json()["code"]) == (422, code)
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert (await counter.listed())["data"] == []
    assert await drain(engine) == []


async def test_the_bounds_themselves_are_accepted(counter: Counter) -> None:
    assert (await counter.order("least", amount=100)).status_code == 201
    assert (await counter.order("most", amount=1_000_000)).status_code == 201


async def test_somebody_unverified_is_told_to_verify_first(
    counter: Counter, engine: AsyncEngine, clock: MovableClock
) -> None:
    stranger = await a_person(engine, clock, "casey@example.com")
    refused = await counter.order(headers=await sign_in(engine, clock, stranger))
    assert (refused.status_code, refused.json()["code"]) == (409, "kyc_required")


async def test_an_order_without_a_key_or_a_token_changes_nothing(counter: Counter) -> None:
    keyless = await counter.client.post(PATH, json=ORDER, headers=counter.person)
    assert (keyless.status_code, keyless.json()["code"]) == (400, "idempotency_key_missing")
    assert (await counter.order(headers={})).status_code == 401
    assert (await counter.listed())["data"] == []


async def test_other_peoples_top_ups_do_not_exist(
    counter: Counter, engine: AsyncEngine, clock: MovableClock
) -> None:
    made = (await counter.order()).json()
    other = await sign_in(engine, clock, await a_person(engine, clock, "casey@example.com"))
    hidden = await counter.client.get(f"{PATH}/{made['id']}", headers=other)
    assert (hidden.status_code, hidden.json()["code"]) == (404, "top_up_unknown")
    assert (await counter.client.get(PATH, headers=other)).json()["data"] == []


async def test_top_ups_are_listed_in_pages_newest_first(counter: Counter) -> None:
    made = [(await counter.order(f"key-{number}")).json()["id"] for number in range(3)]
    first = await counter.listed(limit=2)
    rest = await counter.listed(limit=2, cursor=first["next_cursor"])
    assert [it["id"] for it in first["data"] + rest["data"]] == made[::-1]
    assert rest["next_cursor"] is None
