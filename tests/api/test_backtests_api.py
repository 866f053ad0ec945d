"""Backtests over HTTP: asked for, watched, called off; what is no rule is refused and leaves nothing."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from api.test_rules_api import Office, office
from builders import provided_for_tests
from cardwright import backtests
from cardwright.backtests import service
from cardwright.core.clock import MovableClock
from cardwright.db.jobs import Work
from cardwright.db.session import transaction
from integration.backtests import past
from integration.kyc.people import the_program

__all__ = ["office"]

SOON = [timedelta(seconds=20)]
PATH = "/v1/rules/backtests"
ALL: Mapping[str, Any] = {
    "name": "all",
    "when": "amount >= 0",
    "action": "decline",
    "reason": "Nothing passes.",
}


async def ask(office: Office, key: str = "first", **body: Any) -> httpx.Response:
    return await office.client.post(PATH, json=body, headers={**office.analyst, "Idempotency-Key": key})


async def read(office: Office, path: str = "") -> Any:
    answer = await office.client.get(f"{PATH}{path}", headers=office.analyst)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def cancel(office: Office, id_: str, key: str = "stop") -> httpx.Response:
    headers = {**office.analyst, "Idempotency-Key": key}
    return await office.client.post(f"{PATH}/{id_}/cancel", headers=headers)


async def carried_out(engine: AsyncEngine, clock: MovableClock) -> None:
    await backtests.run_due(Work(engine, clock, await provided_for_tests(engine, clock)))


async def count(engine: AsyncEngine, table: str) -> int:
    async with transaction(engine) as session:
        return int((await session.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one())  # noqa: S608


async def test_rules_are_tried_beside_the_active_ones_and_found_to_match(
    office: Office, engine: AsyncEngine, clock: MovableClock
) -> None:
    await past.lived(engine, clock, count=8, gaps=SOON)
    other = {**ALL, "name": "other", "when": "amount > 100"}
    assert (await office.publish(other)).json()["state"] == "applied"
    asked = await ask(office, rules=[ALL])
    assert asked.status_code == 201, asked.text
    waiting = asked.json()
    assert (waiting["state"], waiting["tested"], waiting["beside_version"]) == ("queued", ["all"], 1)
    assert (await ask(office, rules=[ALL])).json() == waiting
    await carried_out(engine, clock)
    done = await read(office, f"/{waiting['id']}")
    assert (done["state"], done["failure"]) == ("done", None)
    assert done["progress"]["rows"] == 8
    found = done["findings"]
    tried, beside = found["rules"]
    assert (tried["rule"], tried["is_tested"], tried["matches"]) == ("all", True, 8)
    assert (beside["rule"], beside["is_tested"], beside["examples"]) == ("other", False, [])
    assert found["overlaps"] == [{"rule": "all", "other": "other", "matches": beside["matches"]}]
    assert found["newly_declined"]["count"] == found["history"]["approved"] == tried["would_decline"]
    assert sum(found["newly_declined"]["value"].values()) <= sum(tried["value"].values())
    assert [it["id"] for it in (await read(office))["data"]] == [waiting["id"]]


async def test_a_version_is_tried_alone(office: Office, engine: AsyncEngine, clock: MovableClock) -> None:
    await past.lived(engine, clock, count=3, gaps=SOON)
    await office.publish({**ALL, "action": "flag"})
    await office.publish({**ALL, "when": "amount < 0"}, expected_version=1)
    asked = (await ask(office, version=1)).json()
    assert (asked["version"], asked["beside_version"]) == (1, None)
    await carried_out(engine, clock)
    found = (await read(office, f"/{asked['id']}"))["findings"]
    assert [(it["rule"], it["matches"]) for it in found["rules"]] == [("all", 3)]


async def test_lists_are_asked_as_they_are_now(
    office: Office, engine: AsyncEngine, clock: MovableClock
) -> None:
    await past.lived(engine, clock, count=10, gaps=SOON)
    body = {"name": "abroad", "kind": "country", "description": "Elsewhere."}
    headers = {**office.analyst, "Idempotency-Key": "list"}
    made = await office.client.post("/v1/rule-lists", json=body, headers=headers)
    entries = {"entries": [{"value": "DE"}], "reason": "because"}
    path = f"/v1/rule-lists/{made.json()['id']}/entries"
    put = await office.client.put(path, json=entries, headers=headers)
    assert put.status_code in (200, 201), put.text
    rules = [{**ALL, "when": "merchant.country in lists.abroad"}, {**ALL, "name": "hotels"}]
    rules[1]["when"] = 'merchant.mcc == "7011"'
    asked = (await ask(office, rules=rules)).json()
    await carried_out(engine, clock)
    found = (await read(office, f"/{asked['id']}"))["findings"]
    listed, hotels = found["rules"]
    assert listed["matches"] == hotels["matches"] > 0


async def test_a_rule_with_a_fault_is_refused_and_nothing_is_stored(
    office: Office, engine: AsyncEngine
) -> None:
    events = await count(engine, "outbox")
    refused = await ask(
        office, rules=[{**ALL, "when": 'amount > "5"'}, {**ALL, "name": "b", "when": "amuont > 5"}]
    )
    assert refused.status_code == 422, refused.text
    assert refused.headers["content-type"] == "application/problem+json"
    problem = refused.json()
    assert problem["code"] == "rules_invalid"
    assert [it["rule"] for it in problem["faults"]] == ["all", "b"]
    assert "amount" in problem["faults"][1]["suggestion"]
    assert (await count(engine, "backtests"), await count(engine, "outbox")) == (0, events)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 422, "backtest_unclear"),
        ({"rules": [ALL], "version": 1}, 422, "backtest_unclear"),
        ({"version": 1, "scoring": {"flag_at": 3}}, 422, "backtest_unclear"),
        ({"version": 7}, 404, "rulebook_unknown"),
        ({"rules": [ALL, ALL]}, 422, "rule_name_taken"),
        ({"rules": [{**ALL, "action": "score"}]}, 422, "rule_incomplete"),
        (
            {"rules": [ALL], "since": "2026-11-02T00:00:00Z", "until": "2026-11-01T00:00:00Z"},
            422,
            "stretch_empty",
        ),
    ],
)
async def test_what_cannot_be_tried_is_refused(
    office: Office, engine: AsyncEngine, body: Mapping[str, Any], status: int, code: str
) -> None:
    refused = await ask(office, **body)
    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert await count(engine, "backtests") == 0


async def test_a_backtest_is_called_off_once(office: Office) -> None:
    asked = (await ask(office, rules=[ALL])).json()
    canceled = await cancel(office, asked["id"])
    assert (canceled.status_code, canceled.json()["state"]) == (200, "canceled")
    again = await cancel(office, asked["id"], "again")
    assert (again.status_code, again.json()["code"]) == (409, "backtest_ended")
    unknown = await cancel(office, asked["id"][:-1] + ("0" if asked["id"][-1] != "0" else "1"), "unknown")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "backtest_unknown")


async def test_not_too_many_wait_at_a_time(office: Office, engine: AsyncEngine, clock: MovableClock) -> None:
    assert (await ask(office, rules=[ALL])).status_code == 201
    request = past.request(past.flagging("all", "amount >= 0"))
    async with transaction(engine) as session:
        program_id = (await the_program(session)).id
        for _ in range(service.MOST_UNFINISHED - 1):
            await backtests.request_run(session, program_id, request, by="somebody", at=clock.now())
    refused = await ask(office, "one-more", rules=[ALL])
    assert (refused.status_code, refused.json()["code"]) == (409, "too_many_backtests")


async def test_holders_see_nothing_of_it(office: Office) -> None:
    answer = await office.client.get(PATH, headers=office.holder)
    assert answer.status_code == 403
