"""Types, controls, exceptions, locks and replacements of cards over HTTP."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from api.card_desk import Desk, a_desk
from browsers import headers_of, opened_for
from builders import full_limits
from cardwright.core.clock import MovableClock
from integration.payments import holders
from integration.payments.wire import PATH, asking

MONTH = {"window": "month", "amount": 500_00}
NEXT_YEAR = "2027-01-01T00:00:00Z"


@pytest.fixture
async def desk(client: httpx.AsyncClient, engine: AsyncEngine, clock: MovableClock) -> Desk:
    return await a_desk(client, engine, clock)


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ({"type": "single_use"}, {"uses": 1}),
        ({"type": "limited_use", "uses": 5}, {"uses": 5}),
        ({"type": "exact_amount", "exact_amount": 49_00}, {"uses": 1, "exact_amount": 49_00}),
        ({"type": "merchant_locked"}, {"is_merchant_locked": True, "locked_merchant_id": None}),
        ({"type": "recurring", "limits": [MONTH]}, {"is_merchant_locked": True}),
        ({"type": "dated", "valid_until": NEXT_YEAR}, {"valid_until": NEXT_YEAR}),
        ({"merchant_lock": {}, "colour": "teal"}, {"is_merchant_locked": True, "colour": "teal"}),
    ],
    ids=str,
)  # fmt: skip
async def test_a_card_of_each_type_is_made_with_its_terms(
    desk: Desk, asked: Mapping[str, Any], shown: Mapping[str, Any]
) -> None:
    card = await desk.card(**asked)
    assert card["type"] == asked.get("type", "standard")
    assert {name: card[name] for name in shown} == shown


@pytest.mark.parametrize(
    "asked",
    [
        {"type": "limited_use"},
        {"uses": 2},
        {"type": "single_use", "uses": 2},
        {"type": "exact_amount"},
        {"exact_amount": 1_00},
        {"type": "recurring"},
        {"type": "recurring", "limits": [{"window": "month", "count": 3}]},
        {"type": "dated"},
        {"type": "dated", "valid_until": "2026-11-23T12:00:00Z"},
        {"valid_from": NEXT_YEAR, "valid_until": "2026-12-31T00:00:00Z"},
    ],
    ids=str,
)
async def test_terms_that_contradict_the_type_are_refused(desk: Desk, asked: Mapping[str, Any]) -> None:
    refused = await desk.ask("POST", "/cards", {"label": "Groceries", **asked})
    assert (refused.status_code, refused.json()["code"]) == (422, "card_terms_invalid")
    assert (await desk.ask("GET", "/cards")).json()["data"] == []


@pytest.mark.parametrize(
    ("limit", "code"),
    [
        ({"window": "rolling", "amount": 1}, "limit_invalid"),
        ({"window": "day", "amount": 1, "span_seconds": 3600}, "limit_invalid"),
        ({"window": "per_authorization", "count": 1}, "limit_invalid"),
        ({"window": "day", "amount": 1, "count": 1}, "validation_failed"),
        ({"window": "day"}, "validation_failed"),
        ({"window": "day", "count": True}, "validation_failed"),
        ({"window": "rolling", "amount": 1, "span_seconds": 59}, "validation_failed"),
        ({"window": "day", "amount": 1, "only": {"categories": ["Groceries!"]}}, "validation_failed"),
        ({"window": "day", "amount": 1, "only": {"hours": ["whenever"]}}, "hours_invalid"),
        ({"window": "day", "amount": 1, "only": {"categories": ["no_such_group"]}}, "category_unknown"),
    ],
    ids=str,
)
async def test_limits_that_mean_nothing_are_refused(desk: Desk, limit: Mapping[str, Any], code: str) -> None:
    refused = await desk.ask("POST", "/cards", {"label": "Groceries", "limits": [limit]})
    assert (refused.status_code, refused.json()["code"]) == (422, code)


async def test_limits_of_every_kind_are_kept_as_they_were_given(desk: Desk) -> None:
    only = {"categories": ["groceries"], "countries": ["FR"], "merchants": [], "channels": [], "hours": []}
    limits = [
        MONTH,
        {"window": "day", "count": 3},
        {"window": "rolling", "amount": 10_00, "span_seconds": 3600},
        {"window": "month", "amount": 100_00, "only": only},
    ]
    card = await desk.card(limits=limits)
    assert card["limits"] == full_limits(*limits)
    told = (await desk.ask("GET", f"/cards/{card['id']}/limits")).json()
    assert [(found["window"], found["measure"], found["remaining"]) for found in told] == [
        ("month", "amount", 500_00), ("day", "count", 3), ("rolling", "amount", 10_00),
        ("month", "amount", 100_00),
    ]  # fmt: skip


async def test_controls_are_replaced_whole_and_loosening_needs_a_factor(desk: Desk) -> None:
    card = await desk.card(controls={"blocked": {"categories": ["gambling"], "countries": ["KP"]}})
    path = f"/cards/{card['id']}/controls"
    opened = await opened_for(desk.engine, desk.clock, desk.user_id)
    stale = headers_of(opened.secret.reveal())
    stricter = {"blocked": {"categories": ["gambling", "adult"], "countries": ["KP"]}}
    tightened = await desk.ask("PUT", path, stricter, by=stale)
    assert tightened.json()["blocked"]["categories"] == ["gambling", "adult"]
    refused = await desk.ask("PUT", path, {"blocked": {"countries": ["KP"]}}, by=stale)
    assert refused.status_code in (401, 403)
    assert (await desk.ask("GET", path)).json() == tightened.json()
    loosened = await desk.ask("PUT", path, {"allowed": {"hours": ["mon-fri 08:00-18:00"]}})
    assert loosened.json()["allowed"]["hours"] == ["mon-fri 08:00-18:00"]
    assert loosened.json()["blocked"]["categories"] is None


async def test_an_exception_holds_for_its_time_and_can_be_ended(desk: Desk) -> None:
    card = await desk.card()
    path = f"/cards/{card['id']}/exceptions"
    merchant_id = await desk.merchant_id()
    made = await desk.ask("POST", path, {"merchant_id": merchant_id, "minutes": 15})
    assert (made.status_code, made.json()["until"]) == (201, "2026-11-23T12:15:00Z")
    assert [held["merchant_id"] for held in (await desk.ask("GET", path)).json()] == [merchant_id]
    assert (await desk.ask("DELETE", f"{path}/{made.json()['id']}")).status_code == 204
    assert (await desk.ask("GET", path)).json() == []
    again = await desk.ask("DELETE", f"{path}/{made.json()['id']}")
    assert (again.status_code, again.json()["code"]) == (404, "exception_unknown")
    too_long = await desk.ask("POST", path, {"merchant_id": merchant_id, "minutes": 1441})
    assert too_long.status_code == 422


async def test_staff_lock_a_card_whatever_its_holder_does(desk: Desk) -> None:
    card = await desk.card()
    path = f"/cards/{card['id']}"
    locked = await desk.ask("POST", f"{path}/lock", {"reason": "Looks like testing."}, by=desk.analyst)
    assert locked.json()["is_locked_by_staff"]
    for act in ("freeze", "unfreeze"):
        assert (await desk.ask("POST", f"{path}/{act}")).json()["is_locked_by_staff"]
    refused = await desk.ask("POST", f"{path}/replace", {"reason": "lost"})
    assert (refused.status_code, refused.json()["code"]) == (409, "card_locked")
    history = (await desk.ask("GET", f"{path}/history")).json()
    assert [(step["to_state"], step["by"]) for step in history] == [
        ("active", "processor"), ("locked", "staff"), ("locked", "holder"), ("locked", "holder"),
    ]  # fmt: skip
    assert "testing" not in (await desk.ask("GET", path)).text
    unlocked = await desk.ask("POST", f"{path}/unlock", by=desk.analyst)
    assert not unlocked.json()["is_locked_by_staff"]


@pytest.mark.parametrize(
    ("reason", "at_first", "in_the_end"),
    [("lost", "canceled", "canceled"), ("damaged", "active", "canceled"), ("expiring", "active", "active")],
)
async def test_a_replacement_takes_everything_over(
    desk: Desk, reason: str, at_first: str, in_the_end: str
) -> None:
    old = await desk.card(type="recurring", limits=[MONTH], controls={"blocked": {"countries": ["KP"]}})
    asked = await desk.ask("POST", f"/cards/{old['id']}/replace", {"reason": reason})
    new_id_ = asked.json()["id"]
    assert (await desk.shown(old["id"]))["state"] == at_first
    await holders.issue(desk.engine, desk.clock)
    new = await desk.shown(new_id_)
    kept: Sequence[str] = ("label", "type", "limits", "is_merchant_locked", "uses")
    assert {name: new[name] for name in kept} == {name: old[name] for name in kept}
    assert (new["state"], new["replacement_for"]) == ("active", old["id"])
    controls = (await desk.ask("GET", f"/cards/{new_id_}/controls")).json()
    assert controls["blocked"]["countries"] == ["KP"]
    before = await desk.shown(old["id"])
    assert (before["state"], before["replaced_by"]) == (in_the_end, new_id_)
    again = await desk.ask("POST", f"/cards/{old['id']}/replace", {"reason": reason})
    assert again.json()["code"] == "card_replaced"


@pytest.mark.parametrize("where", ["program", "levels/2", "customers/{user}"])
async def test_what_staff_set_for_many_holds_and_is_told_to_the_holder(desk: Desk, where: str) -> None:
    path = "/spending-limits/" + where.format(user=desk.user_id)
    body = {
        "limits": [{"window": "day", "amount": 10_00}],
        "controls": {"blocked": {"categories": ["adult"]}},
    }
    assert (await desk.ask("PUT", path, body)).status_code == 403
    put = await desk.ask("PUT", path, body, by=desk.analyst)
    assert put.json()["limits"] == full_limits(body["limits"][0])
    assert (await desk.ask("GET", path, by=desk.analyst)).json() == put.json()
    card = await desk.card()
    [told] = (await desk.ask("GET", f"/cards/{card['id']}/limits")).json()
    assert (told["scope"], told["limit"]) == (
        {"p": "program", "l": "level", "c": "customer"}[where[0]],
        10_00,
    )


async def test_a_label_and_looks_are_changed_and_nothing_else(desk: Desk) -> None:
    card = await desk.card()
    path = f"/cards/{card['id']}"
    changed = await desk.ask("PATCH", path, {"label": "Rent", "colour": "rose"})
    assert changed.json() == {**card, "label": "Rent", "colour": "rose"}
    for wrong in ({}, {"label": None}, {"state": "active"}, {"label": "\u202e"}):
        assert (await desk.ask("PATCH", path, wrong)).status_code == 422
    assert await desk.shown(card["id"]) == changed.json()


async def test_a_card_is_canceled_for_a_reason_of_the_holders(desk: Desk) -> None:
    card = await desk.card()
    path = f"/cards/{card['id']}"
    assert (await desk.ask("POST", f"{path}/cancel", {"reason": "expired"})).status_code == 422
    assert (await desk.ask("POST", f"{path}/cancel", {"reason": "stolen"})).json()["state"] == "canceled"
    assert (await desk.ask("GET", f"{path}/history")).json()[-1]["reason"] == "stolen"


@pytest.mark.parametrize("reason", ["damaged", "expiring"])
async def test_a_lock_reaches_the_card_that_is_on_its_way(desk: Desk, reason: str) -> None:
    old = await desk.card()
    asked = await desk.ask("POST", f"/cards/{old['id']}/replace", {"reason": reason})
    locked = await desk.ask("POST", f"/cards/{old['id']}/lock", {"reason": "Testing."}, by=desk.analyst)
    assert locked.status_code == 200
    await holders.issue(desk.engine, desk.clock)
    new = await desk.shown(asked.json()["id"])
    assert (new["state"], new["is_locked_by_staff"]) == ("active", True)


@pytest.mark.parametrize("reason", ["lost", "damaged", "expiring"])
async def test_a_frozen_cards_replacement_comes_frozen(desk: Desk, reason: str) -> None:
    old = await desk.card()
    await desk.ask("POST", f"/cards/{old['id']}/freeze")
    new = (await desk.ask("POST", f"/cards/{old['id']}/replace", {"reason": reason})).json()
    await holders.issue(desk.engine, desk.clock)
    assert (await desk.shown(new["id"]))["state"] == "frozen"
    history = (await desk.ask("GET", f"/cards/{new['id']}/history")).json()
    assert [(step["to_state"], step["by"]) for step in history if step["card_id"] == new["id"]] == [
        ("frozen", "processor")
    ]
    unfrozen = await desk.ask("POST", f"/cards/{new['id']}/unfreeze")
    assert unfrozen.json()["state"] == "active"


async def test_a_replacement_shows_what_happened_to_the_cards_before_it(desk: Desk) -> None:
    first = await desk.card()
    other = await desk.card()
    await pay(desk, first, "iauth_1")
    await pay(desk, other, "iauth_2")
    second = await replaced(desk, first)
    await pay(desk, second, "iauth_3")
    third = await replaced(desk, second)
    shown = {card["id"]: await payments_of(desk, card) for card in (first, second, third, other)}
    assert [len(shown[card["id"]]) for card in (first, second, third, other)] == [1, 2, 2, 1]
    assert {payment["card_id"] for payment in shown[third["id"]]} == {first["id"], second["id"]}
    history = (await desk.ask("GET", f"/cards/{third['id']}/history")).json()
    assert [(step["card_id"], step["to_state"]) for step in history] == [
        (first["id"], "active"), (first["id"], "canceled"), (second["id"], "active"),
        (second["id"], "canceled"), (third["id"], "active"),
    ]  # fmt: skip
    before = (await desk.ask("GET", f"/cards/{first['id']}/history")).json()
    assert [step["to_state"] for step in before] == ["active", "canceled"]
    by_analyst = await desk.client.get(
        "/v1/payments", params={"card_id": third["id"], "everyone": True}, headers=desk.analyst
    )
    assert len(by_analyst.json()["data"]) == 2


async def test_exceptions_that_run_go_over_to_the_replacement_and_end_when_they_would_have(
    desk: Desk,
) -> None:
    old = await desk.card(controls={"blocked": {"countries": ["FR"]}})
    path, merchant = f"/cards/{old['id']}/exceptions", await desk.merchant_id()
    ended = (await desk.ask("POST", path, {"merchant_id": merchant, "minutes": 15})).json()
    assert (await desk.ask("DELETE", f"{path}/{ended['id']}")).status_code == 204
    running = (await desk.ask("POST", path, {"merchant_id": merchant, "minutes": 60})).json()
    new = await replaced(desk, old)
    [carried] = (await desk.ask("GET", f"/cards/{new['id']}/exceptions")).json()
    assert {**carried, "id": None} == {**running, "id": None}
    desk.clock.advance(timedelta(hours=1))
    assert (await desk.ask("GET", f"/cards/{new['id']}/exceptions")).json() == []


async def pay(desk: Desk, card: Mapping[str, Any], reference: str) -> None:
    question = asking(f"ic_{card['id']}", 0, reference=reference)
    assert (await desk.client.post(PATH, **question)).json()["approved"]


async def replaced(desk: Desk, card: Mapping[str, Any]) -> dict[str, Any]:
    asked = await desk.ask("POST", f"/cards/{card['id']}/replace", {"reason": "lost"})
    await holders.issue(desk.engine, desk.clock)
    return await desk.shown(asked.json()["id"])


async def payments_of(desk: Desk, card: Mapping[str, Any]) -> Sequence[Any]:
    found = await desk.client.get("/v1/payments", params={"card_id": card["id"]}, headers=desk.holder)
    payments: Sequence[Any] = found.json()["data"]
    return payments
