"""Merchants as holders look them up, and as staff correct them."""

from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from browsers import sign_in
from cardwright import merchants
from cardwright.access import Role
from cardwright.core.clock import MovableClock
from cardwright.core.ids import new_id
from cardwright.db.session import transaction
from cardwright.merchants import Merchant
from integration.kyc.people import a_person, the_program
from staff import grant_role

Headers = Mapping[str, str]


@pytest.fixture
async def holder(engine: AsyncEngine, clock: MovableClock) -> Headers:
    return await sign_in(engine, clock, await a_person(engine, clock))


@pytest.fixture
async def analyst(engine: AsyncEngine, clock: MovableClock) -> Headers:
    user_id = await a_person(engine, clock, "analyst@example.com")
    async with transaction(engine) as session:
        await grant_role(session, user_id, Role.FRAUD_ANALYST, "system", clock.now())
    return await sign_in(engine, clock, user_id)


@pytest.fixture
async def shop(engine: AsyncEngine, clock: MovableClock) -> Merchant:
    return await known(engine, clock, "a1", "CORNER SHOP")


async def known(engine: AsyncEngine, clock: MovableClock, acceptor_id: str, descriptor: str) -> Merchant:
    async with transaction(engine) as session:
        program = await the_program(session)
        return await merchants.identify(
            session, program_id=program.id, source="stripe", acceptor_id=acceptor_id, descriptor=descriptor,
            mcc="5411", country="US", at=clock.now(),
        )  # fmt: skip


async def test_a_holder_finds_a_merchant_by_its_name_and_reads_no_more(
    client: httpx.AsyncClient, holder: Headers, shop: Merchant
) -> None:
    found = (await client.get("/v1/merchants?search=corner", headers=holder)).json()["data"]
    assert found == [
        {
            "id": shop.id, "name": "Corner Shop", "mcc": "5411", "group": "groceries", "country": "US",
            "category": "Groceries and supermarkets", "logo_letter": "C", "colour": found[0]["colour"],
        }
    ]  # fmt: skip
    assert (await client.get("/v1/merchants?search=%00%00%00", headers=holder)).status_code == 422
    for query in ("", "?search=co"):
        refused = await client.get(f"/v1/merchants{query}", headers=holder)
        assert (refused.status_code, refused.json()["code"]) == (422, "search_too_short")
    assert (await client.get("/v1/merchants?search=100%25", headers=holder)).json()["data"] == []
    assert (await client.get(f"/v1/merchants/{shop.id}", headers=holder)).status_code == 403


async def test_staff_read_what_means_a_merchant_and_correct_it(
    client: httpx.AsyncClient, engine: AsyncEngine, clock: MovableClock, analyst: Headers, shop: Merchant
) -> None:
    other = await known(engine, clock, "a2", "RIVER BOOKS")
    path = f"/v1/merchants/{shop.id}"
    merged = await client.post(f"{path}/merge", json={"other_id": other.id}, headers=analyst)
    assert [held["acceptor_id"] for held in merged.json()["acceptors"]] == ["a1", "a2"]
    assert [each["id"] for each in merged.json()["merged"]] == [other.id]
    assert (await client.post(f"{path}/unmerge", json={"other_id": other.id}, headers=analyst)).is_success
    assert (await known(engine, clock, "a3", "CORNER SHOP")).id == shop.id
    body: dict[str, Any] = {"source": "stripe", "acceptor_id": "a3"}
    headers = {**analyst, "Idempotency-Key": new_id("key")}
    split = await client.post(f"{path}/split", json=body, headers=headers)
    assert split.status_code == 201
    assert split.json()["acceptors"][0]["origin"] == "staff"
    assert (await client.post(f"{path}/split", json=body, headers=headers)).json() == split.json()
    renamed = await client.patch(path, json={"name": "The Corner"}, headers=analyst)
    assert (renamed.json()["name"], len(renamed.json()["acceptors"])) == ("The Corner", 1)
    unknown = await client.get(f"/v1/merchants/{new_id('mer')}", headers=analyst)
    assert (unknown.status_code, unknown.json()["code"]) == (404, "merchant_unknown")


async def test_every_category_is_listed_under_its_group(client: httpx.AsyncClient, holder: Headers) -> None:
    listed = (await client.get("/v1/merchant-categories", headers=holder)).json()
    assert {group["id"] for group in listed} == merchants.GROUP_IDS
    gambling = next(group for group in listed if group["id"] == "gambling")
    assert {"7800", "7995"} <= {found["mcc"] for found in gambling["categories"]}
