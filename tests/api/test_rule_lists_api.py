"""Lists that rules ask: made, filled, imported, ended, and what payments see of them."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from api.test_payments_api import Desk, desk
from api.test_rules_api import RULE, Office, office
from cardwright import payments
from cardwright.core.ids import new_id
from cardwright.db.jobs import Work
from cardwright.db.session import transaction
from cardwright.rules import sweep_lists
from integration.payments.wire import MERCHANT, PATH, asking

__all__ = ["desk", "office"]

ASKING = {**RULE, "when": "merchant.name in lists.blocked", "name": "blocked"}


async def made(office: Office, name: str = "blocked", kind: str = "text") -> Any:
    body = {"name": name, "kind": kind, "description": "For tests."}
    headers = {**office.analyst, "Idempotency-Key": new_id("key")}
    return await office.client.post("/v1/rule-lists", json=body, headers=headers)


async def put(office: Office, list_id: str, *values: str, expires_at: str | None = None) -> Any:
    entries = [{"value": value, "expires_at": expires_at} for value in values]
    body = {"entries": entries, "reason": "tested"}
    return await office.client.put(f"/v1/rule-lists/{list_id}/entries", json=body, headers=office.analyst)


async def imported(office: Office, list_id: str, csv: str) -> Any:
    body = {"csv": csv, "reason": "tested"}
    return await office.client.put(f"/v1/rule-lists/{list_id}/entries.csv", json=body, headers=office.analyst)


async def listed(office: Office, list_id: str, query: str = "") -> list[str]:
    answer = await office.client.get(f"/v1/rule-lists/{list_id}/entries{query}", headers=office.analyst)
    return [entry["value"] for entry in answer.json()]


async def test_an_entry_counts_for_the_next_payment_and_no_rule_is_published_for_it(
    office: Office, desk: Desk
) -> None:
    list_id = (await made(office)).json()["id"]
    assert (await office.publish(ASKING)).json()["state"] == "applied"
    assert await desk.pay(1_00, "iauth_1")
    assert (await put(office, list_id, MERCHANT["name"])).json() == {"changed": 1}
    assert not await desk.pay(1_00, "iauth_2")
    body = {"values": [MERCHANT["name"], "Nobody"], "reason": "a mistake"}
    removed = await office.client.post(
        f"/v1/rule-lists/{list_id}/entries/remove", json=body, headers=office.analyst
    )
    assert removed.json() == {"changed": 1}
    assert await desk.pay(1_00, "iauth_3")
    async with transaction(desk.engine) as session:
        found = await session.execute(text("SELECT facts -> 'lists' FROM decisions ORDER BY id"))
        assert [row[0] for row in found] == [
            {"lists.blocked": []}, {"lists.blocked": [MERCHANT["name"]]}, {"lists.blocked": []},
        ]  # fmt: skip
        assert all(it.is_identical for it in await payments.replay(session))


async def test_accents_apart_from_their_letters_are_the_same_entry(office: Office, desk: Desk) -> None:
    list_id = (await made(office)).json()["id"]
    await office.publish(ASKING)
    assert (await put(office, list_id, "CAFE\u0301")).json() == {"changed": 1}
    assert await listed(office, list_id) == ["CAF\u00c9"]
    names = ("CAF\u00c9", "CAFE\u0301")
    for number, name in enumerate(names):
        card, merchant = desk.holding.references[0], {**MERCHANT, "name": name}
        asked = asking(card, 1_00, reference=f"iauth_{number}", merchant_data=merchant)
        assert not (await desk.client.post(PATH, **asked)).json()["approved"]
    async with transaction(desk.engine) as session:
        found = await session.execute(text("SELECT facts -> 'lists' FROM decisions ORDER BY id"))
        assert [row[0] for row in found] == [{"lists.blocked": [name]} for name in names]
        assert all(it.is_identical for it in await payments.replay(session))


async def test_an_entry_ends_by_itself_and_is_swept(office: Office, desk: Desk) -> None:
    list_id = (await made(office)).json()["id"]
    await office.publish(ASKING)
    await put(office, list_id, MERCHANT["name"], expires_at="2026-11-23T12:05:00Z")
    assert not await desk.pay(1_00, "iauth_1")
    assert await listed(office, list_id) == [MERCHANT["name"]]
    desk.clock.advance(timedelta(minutes=5))
    assert await listed(office, list_id) == []
    assert await desk.pay(1_00, "iauth_2")
    await sweep_lists(Work(desk.engine, desk.clock, {}))
    async with transaction(desk.engine) as session:
        assert (await session.execute(text("SELECT count(*) FROM rule_list_entries"))).scalar_one() == 0


async def test_a_constant_can_be_looked_for_too(office: Office, desk: Desk) -> None:
    list_id = (await made(office, "modes")).json()["id"]
    when = '(amount > 2000 ? "large" : "small") in lists.modes'
    await office.publish({**RULE, "when": when})
    await put(office, list_id, "large")
    assert not await desk.pay(30_00, "iauth_1")
    assert await desk.pay(1_00, "iauth_2")


async def test_a_list_is_typed_and_its_name_is_checked_where_it_is_used(office: Office) -> None:
    await made(office, "risky", "country")
    answer = (await office.check("merchant.country in lists.risky")).json()
    assert answer["is_valid"] is True
    wrong = (await office.check("merchant.name in lists.risky")).json()
    assert wrong["is_valid"] is False
    unknown = (await office.check("merchant.country in lists.rsky")).json()
    assert unknown["diagnostics"][0]["suggestion"] == "lists.risky"


@pytest.mark.parametrize(
    ("kind", "value"),
    [("country", "XX"), ("country", "us"), ("currency", "USDT"), ("category", "541"), ("category", "food")],
)
async def test_a_value_that_no_field_can_have_is_refused_and_nothing_changes(
    office: Office, kind: str, value: str
) -> None:
    good = {"country": "NG", "currency": "EUR", "category": "7995"}[kind]
    list_id = (await made(office, "mine", kind)).json()["id"]
    answer = await put(office, list_id, good, value)
    assert (answer.status_code, answer.json()["code"]) == (422, "entry_invalid")
    assert answer.json()["values"] == [value]
    assert await listed(office, list_id) == []


async def test_an_entry_that_is_over_already_is_refused(office: Office) -> None:
    list_id = (await made(office)).json()["id"]
    answer = await put(office, list_id, "a", expires_at="2026-11-23T12:00:00Z")
    assert answer.json()["code"] == "entry_invalid"


async def test_entries_are_imported_all_or_none(office: Office) -> None:
    list_id = (await made(office)).json()["id"]
    many = "value,expires_at\n" + "".join(f"m{number:05},\n" for number in range(10_000))
    assert (await imported(office, list_id, many)).json() == {"changed": 10_000}
    assert await listed(office, list_id, "?limit=2&after=m09997") == ["m09998", "m09999"]
    assert (await imported(office, list_id, 'value\n"a, b"\n')).json() == {"changed": 1}


@pytest.mark.parametrize(
    ("csv", "line"),
    [
        ("", None),
        ("name\na\n", 1),
        ("value,surprise\na,b\n", 1),
        ("value\n\n", None),
        ("value\na,b\n", 2),
        ("value,expires_at\na,2027-01-31T00:00:00Z\nb,tomorrow\n", 3),
        ("value,expires_at\na,2027-02-30T00:00:00Z\n", 2),
        ("value,expires_at\na,2027-01-31T00:00:00\n", 2),
        ('value\n"a\n', None),
        ("value\n a\n", 2),
    ],
)
async def test_a_spreadsheet_that_is_none_is_refused_with_its_line(
    office: Office, csv: str, line: int | None
) -> None:
    list_id = (await made(office)).json()["id"]
    answer = await imported(office, list_id, csv)
    assert answer.status_code == 422, answer.text
    if line is not None:
        assert (answer.json()["code"], answer.json()["line"]) == ("csv_invalid", line)
    assert await listed(office, list_id) == []


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("blocked", 409, "list_name_taken"),
        ("for", 422, "list_name_invalid"),
        ("Not", 422, "validation_failed"),
    ],
)
async def test_a_name_is_a_name_and_is_taken_once(office: Office, name: str, status: int, code: str) -> None:
    await made(office)
    answer = await made(office, name)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_holders_see_no_list(office: Office) -> None:
    for who, status in ((office.holder, 403), ({}, 401)):
        headers: Mapping[str, str] = who
        assert (await office.client.get("/v1/rule-lists", headers=headers)).status_code == status


async def test_the_lists_are_listed_by_name(office: Office) -> None:
    for name in ("second", "first"):
        await made(office, name)
    told = (await office.client.get("/v1/rule-lists", headers=office.analyst)).json()
    assert [it["name"] for it in told] == ["first", "second"]
