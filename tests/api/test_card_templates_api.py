"""Templates that staff prepare and holders pick."""

from typing import Any

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from api.card_desk import Desk, a_desk
from builders import full_limits
from cardwright.core.clock import MovableClock

ADS = {
    "name": "Ads card", "type": "recurring", "limits": [{"window": "month", "amount": 300_00}],
    "controls": {"allowed": {"categories": ["advertising"]}}, "colour": "pink", "icon": "megaphone",
}  # fmt: skip


@pytest.fixture
async def desk(client: httpx.AsyncClient, engine: AsyncEngine, clock: MovableClock) -> Desk:
    return await a_desk(client, engine, clock)


async def prepared(desk: Desk, **changes: Any) -> dict[str, Any]:
    made = await desk.ask("POST", "/card-templates", {**ADS, **changes}, by=desk.analyst)
    assert made.status_code == 201, made.text
    found: dict[str, Any] = made.json()
    return found


async def test_a_card_from_a_template_is_what_the_template_says(desk: Desk) -> None:
    template = await prepared(desk)
    own = {"window": "day", "amount": 50_00}
    card = await desk.card(template_id=template["id"], limits=[own])
    assert (card["type"], card["is_merchant_locked"], card["colour"], card["template_id"]) == (
        "recurring", True, "pink", template["id"],
    )  # fmt: skip
    assert (card["limits"], card["fixed_limits"]) == (full_limits(own), full_limits(*ADS["limits"]))
    controls = (await desk.ask("GET", f"/cards/{card['id']}/controls")).json()
    assert controls["fixed"]["allowed"]["categories"] == ["advertising"]
    assert controls["allowed"]["categories"] is None


async def test_a_card_does_not_change_with_its_template(desk: Desk) -> None:
    template = await prepared(desk)
    card = await desk.card(template_id=template["id"])
    path = f"/card-templates/{template['id']}"
    changed = await desk.ask(
        "PUT", path, {**ADS, "limits": [{"window": "month", "amount": 1}]}, by=desk.analyst
    )
    assert changed.json()["limits"][0]["amount"] == 1
    assert (await desk.shown(card["id"]))["fixed_limits"] == full_limits(*ADS["limits"])


async def test_days_of_validity_count_from_the_making(desk: Desk) -> None:
    template = await prepared(desk, type="dated", limits=[], valid_for_days=7)
    card = await desk.card(template_id=template["id"])
    assert card["valid_until"] == "2026-11-30T12:00:00Z"


@pytest.mark.parametrize(
    "asked",
    [{"type": "single_use"}, {"merchant_lock": {}}, {"controls": {"blocked": {"hours": []}}}],
    ids=str,
)
async def test_what_the_template_says_cannot_be_said_otherwise(desk: Desk, asked: Any) -> None:
    template = await prepared(desk)
    refused = await desk.ask("POST", "/cards", {"label": "x", "template_id": template["id"], **asked})
    assert (refused.status_code, refused.json()["code"]) == (422, "template_contradicted")


async def test_a_retired_template_is_neither_offered_nor_picked(desk: Desk) -> None:
    template = await prepared(desk)
    assert [it["id"] for it in (await desk.ask("GET", "/card-templates")).json()["data"]] == [template["id"]]
    path = f"/card-templates/{template['id']}"
    assert not (await desk.ask("POST", f"{path}/retire", by=desk.analyst)).json()["is_active"]
    assert (await desk.ask("GET", "/card-templates")).json()["data"] == []
    assert len((await desk.ask("GET", "/card-templates", by=desk.analyst)).json()["data"]) == 1
    refused = await desk.ask("POST", "/cards", {"label": "x", "template_id": template["id"]})
    assert (refused.status_code, refused.json()["code"]) == (409, "template_retired")
    assert (await desk.ask("POST", f"{path}/activate", by=desk.analyst)).json()["is_active"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"type": "recurring", "limits": []}, "card_terms_invalid"),
        ({"type": "limited_use"}, "card_terms_invalid"),
        ({"processor": "nowhere"}, "processor_unknown"),
        ({"limits": [{"window": "month", "amount": 1}] * 2}, "limit_repeated"),
        ({"controls": {"blocked": {"categories": ["nothing"]}}}, "category_unknown"),
    ],
    ids=str,
)
async def test_a_template_that_no_card_could_be_made_from_is_refused(
    desk: Desk,
    changes: Any,
    code: str,
) -> None:
    refused = await desk.ask("POST", "/card-templates", {**ADS, **changes}, by=desk.analyst)
    assert (refused.status_code, refused.json()["code"]) == (422, code)
    assert (await desk.ask("POST", "/card-templates", ADS)).status_code == 403
