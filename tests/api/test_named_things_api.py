"""What limits, controls, locks, exceptions and templates may name: merchants, countries and categories."""

from collections.abc import Mapping
from typing import Any, Final

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from api.card_desk import Desk, a_desk
from cardwright.core.clock import MovableClock
from cardwright.core.ids import new_id
from cardwright.db.session import transaction

CHANGED: Final = ("cards", "card_templates", "spending_limits", "spending_controls", "spending_exceptions")
"""What a request that names something may change; and the audit trail."""


@pytest.fixture
async def desk(client: httpx.AsyncClient, engine: AsyncEngine, clock: MovableClock) -> Desk:
    return await a_desk(client, engine, clock)


async def everything(desk: Desk) -> Mapping[str, Any]:
    async with transaction(desk.engine) as session:
        return {
            table: (await session.execute(text(f"SELECT * FROM {table} ORDER BY 1"))).all()  # noqa: S608
            for table in (*CHANGED, "audit_entries")
        }


def limit(**only: Any) -> dict[str, Any]:
    return {"window": "month", "amount": 10_00, "only": only}


async def named_everywhere(
    desk: Desk, merchant_id: str
) -> list[tuple[str, str, Mapping[str, Any], Mapping[str, str]]]:
    """Return every request that names a merchant."""
    locked, open_card = await desk.card(type="merchant_locked"), await desk.card()
    controls = {"blocked": {"merchants": [merchant_id]}}
    of_card = f"/cards/{open_card['id']}"
    spending = {"limits": [limit(merchants=[merchant_id])], "controls": {}}
    lock = {"merchant_id": merchant_id}
    template = {"name": "Ads card", "type": "merchant_locked", "merchant_lock": lock}
    asked: list[tuple[str, str, Any, Any]] = [
        ("POST", "/cards", {"label": "A", "type": "merchant_locked", "merchant_lock": lock}, desk.holder),
        ("POST", "/cards", {"label": "A", "controls": controls}, desk.holder),
        ("POST", "/cards", {"label": "A", "limits": [limit(merchants=[merchant_id])]}, desk.holder),
        ("PUT", f"{of_card}/limits", {"limits": [limit(merchants=[merchant_id])]}, desk.holder),
        ("PUT", f"{of_card}/controls", controls, desk.holder),
        ("POST", f"{of_card}/exceptions", {"merchant_id": merchant_id}, desk.holder),
        ("PUT", f"/cards/{locked['id']}/merchant-lock", lock, desk.holder),
        ("POST", "/card-templates", template, desk.analyst),
        ("POST", "/card-templates", {"name": "B", "controls": controls}, desk.analyst),
        ("PUT", "/spending-limits/program", spending, desk.analyst),
        ("PUT", "/spending-limits/levels/1", {"controls": controls}, desk.analyst),
        ("PUT", f"/spending-limits/customers/{desk.user_id}", spending, desk.analyst),
    ]
    return asked


@pytest.mark.parametrize("whose", ["nobody's", "another program's", "no merchant's", "malformed"])
async def test_a_merchant_that_is_named_is_one_of_the_program(desk: Desk, whose: str) -> None:
    strange = {
        "nobody's": new_id("mer"),
        "another program's": await desk.merchant_id(elsewhere=True),
        "no merchant's": new_id("card"),
        "malformed": "100000000000001",
    }[whose]
    requests = await named_everywhere(desk, strange)
    before = await everything(desk)
    expected = "validation_failed" if whose == "malformed" else "merchant_unknown"
    for method, path, body, who in requests:
        refused = await desk.ask(method, path, body, by=who)
        assert (path, refused.status_code, refused.json()["code"]) == (path, 422, expected)
    assert await everything(desk) == before


async def test_a_merchant_of_the_program_can_be_named_everywhere(desk: Desk) -> None:
    for method, path, body, who in await named_everywhere(desk, await desk.merchant_id()):
        assert (await desk.ask(method, path, body, by=who)).is_success, path


async def test_a_template_that_is_changed_names_what_there_is(desk: Desk) -> None:
    made = await desk.ask("POST", "/card-templates", {"name": "Ads card"}, by=desk.analyst)
    before = await everything(desk)
    for controls, code in (
        ({"allowed": {"merchants": [new_id("mer")]}}, "merchant_unknown"),
        ({"allowed": {"countries": ["ZZ"]}}, "country_unknown"),
        ({"allowed": {"categories": ["9999"]}}, "category_unknown"),
    ):
        body = {"name": "Ads card", "controls": controls}
        refused = await desk.ask("PUT", f"/card-templates/{made.json()['id']}", body, by=desk.analyst)
        assert (refused.status_code, refused.json()["code"]) == (422, code)
    assert await everything(desk) == before


@pytest.mark.parametrize(
    ("dimension", "value", "code"),
    [
        ("countries", "ZZ", "country_unknown"), ("countries", "AA", "country_unknown"),
        ("countries", "EU", "country_unknown"), ("countries", "UK", "country_unknown"),
        ("categories", "9999", "category_unknown"), ("categories", "0000", "category_unknown"),
        ("categories", "1000", "category_unknown"), ("categories", "groceris", "category_unknown"),
    ],
)  # fmt: skip
async def test_a_country_or_category_that_there_is_not_is_refused(
    desk: Desk, dimension: str, value: str, code: str
) -> None:
    card = await desk.card()
    before = await everything(desk)
    for method, path, body in (
        ("POST", "/cards", {"label": "A", "controls": {"allowed": {dimension: [value]}}}),
        ("PUT", f"/cards/{card['id']}/limits", {"limits": [limit(**{dimension: [value]})]}),
        ("PUT", f"/cards/{card['id']}/controls", {"blocked": {dimension: [value]}}),
    ):
        refused = await desk.ask(method, path, body)
        assert (refused.status_code, refused.json()["code"]) == (422, code)
        assert value in refused.json()["detail"]
    assert await everything(desk) == before


async def test_every_code_and_group_that_is_listed_can_be_named(desk: Desk) -> None:
    card = await desk.card()
    groups = (await desk.ask("GET", "/merchant-categories")).json()
    codes = [found["mcc"] for group in groups for found in group["categories"]]
    # Airlines, hotels and car rentals have codes of their own; networks use them every day.
    assert {"3000", "3501", "3351"} <= set(codes)
    for values in (codes[:400], codes[400:800], codes[800:], [group["id"] for group in groups]):
        put = await desk.ask("PUT", f"/cards/{card['id']}/controls", {"allowed": {"categories": values}})
        assert put.status_code == 200, put.text
    kosovo = {"allowed": {"countries": ["XK", "FR"]}}
    assert (await desk.ask("PUT", f"/cards/{card['id']}/controls", kosovo)).status_code == 200
