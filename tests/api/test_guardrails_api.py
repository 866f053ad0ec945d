"""Guardrails that a program keeps: no rules are proposed or published that break one."""

from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from api.test_proofs_api import prove, rule
from api.test_rule_lists_api import made
from api.test_rules_api import Office, office
from cardwright.core.ids import new_id
from cardwright.db.session import transaction

__all__ = ["office"]

SMALL = "holder.kyc_level >= 2 && amount < 500"


async def keep(office: Office, name: str, when: str = SMALL) -> httpx.Response:
    body = {"name": name, "when": when, "reason": "Small sums of known people pass."}
    headers = {**office.analyst, "Idempotency-Key": new_id("key")}
    return await office.client.post("/v1/rules/guardrails", json=body, headers=headers)


async def drop(office: Office, guardrail: httpx.Response) -> httpx.Response:
    path = f"/v1/rules/guardrails/{guardrail.json()['id']}/drop"
    headers = {**office.analyst, "Idempotency-Key": new_id("key")}
    return await office.client.post(path, json={"reason": "Too strict."}, headers=headers)


async def kept(office: Office) -> dict[str, str]:
    answer = await office.client.get("/v1/rules/guardrails", headers=office.analyst)
    return {it["name"]: it["when"] for it in answer.json()}


async def propose(office: Office, *rules: Any, **more: Any) -> httpx.Response:
    body = {"expected_version": 0, "note": "A try.", "rules": list(rules), **more}
    return await office.client.put("/v1/rules", json=body, headers=office.analyst)


async def test_a_guardrail_is_kept_until_it_is_dropped(office: Office) -> None:
    first = await keep(office, "small")
    assert first.status_code == 201
    assert await kept(office) == {"small": SMALL}
    again = await keep(office, "small", "amount < 100")
    assert (again.status_code, again.json()["code"]) == (409, "guardrail_name_taken")
    proposed, twice = await drop(office, first), await drop(office, first)
    assert (await office.approve(proposed)).json()["state"] == "applied"
    assert await kept(office) == {}
    late = await office.approve(twice)
    assert (late.status_code, late.json()["code"]) == (409, "guardrail_gone")
    gone = await drop(office, first)
    assert (gone.status_code, gone.json()["code"]) == (404, "guardrail_unknown")


async def test_nobody_drops_a_guardrail_alone(office: Office, engine: AsyncEngine) -> None:
    small = await keep(office, "small")
    proposed = await drop(office, small)
    approval = proposed.json()
    assert (proposed.status_code, approval["kind"], approval["subject_id"]) == (
        202, "guardrail.drop", small.json()["id"],
    )  # fmt: skip
    assert approval["payload"] == {"name": "small", "when": SMALL}
    headers = {**office.analyst, "Idempotency-Key": new_id("key")}
    alone = await office.client.post(f"/v1/approvals/{approval['id']}/approve", json={}, headers=headers)
    assert (alone.status_code, alone.json()["code"]) == (403, "four_eyes")
    # Until then it counts.
    assert (await propose(office, rule("shops", "amount > 400"))).json()["code"] == "guardrail_broken"
    assert (await office.approve(proposed)).json()["state"] == "applied"
    assert (await propose(office, rule("shops", "amount > 400"))).status_code == 202
    async with transaction(engine) as session:
        query = text("SELECT actor_id, details FROM audit_entries WHERE action = 'guardrail.dropped'")
        entry = (await session.execute(query)).one()
    assert entry.actor_id != entry.details["author_id"] == approval["proposed_by"]
    assert entry.details["approval_id"] == approval["id"]


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM rule_guardrails",
        "UPDATE rule_guardrails SET condition = 'amount < 0'",
        "TRUNCATE rule_guardrails",
    ],
)
async def test_the_database_itself_lets_no_guardrail_go_that_one_person_wants_gone(
    office: Office, engine: AsyncEngine, statement: str
) -> None:
    await drop(office, await keep(office, "small"))
    with pytest.raises(DBAPIError, match=r"nobody approved|change|restrict|append"):
        async with transaction(engine) as session:
            await session.execute(text(statement))
    assert await kept(office) == {"small": SMALL}


@pytest.mark.parametrize("when", ["amuont > 5", "amount + 1", "merchant.id in lists.nobody"])
async def test_a_guardrail_with_a_fault_is_not_kept(office: Office, when: str) -> None:
    answer = await keep(office, "wrong", when)
    assert (answer.status_code, answer.json()["code"]) == (422, "guardrails_invalid")
    assert await kept(office) == {}


async def test_no_more_than_fifty_are_kept(office: Office) -> None:
    for number in range(50):
        assert (await keep(office, f"small_{number}")).status_code == 201
    answer = await keep(office, "one_more")
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_guardrails")


async def test_rules_that_break_a_guardrail_are_not_proposed_and_the_transaction_is_shown(
    office: Office,
) -> None:
    await keep(office, "small")
    answer = await propose(office, rule("shops", 'merchant.name.contains("SHOP") && amount > 400'))
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (409, "guardrail_broken")
    assert (problem["guardrail"], problem["outcome"]) == ("small", "declined")
    facts = {fact["field"]: fact["value"] for fact in problem["witness"]["facts"]}
    assert 400 < facts["amount"] < 500
    assert facts["holder.kyc_level"] >= 2
    waiting = await office.client.get("/v1/approvals", headers=office.analyst)
    assert waiting.json()["data"] == []


async def test_who_approves_rules_sees_what_was_proven_of_them(office: Office) -> None:
    await keep(office, "small")
    proposed = await propose(
        office, rule("large", "amount > 30000"), rule("never", "amount > 9 && amount < 8")
    )
    assert proposed.status_code == 202, proposed.text
    payload = proposed.json()["payload"]
    assert payload["guardrails"] == {"small": SMALL}
    proofs = payload["proofs"]
    assert [(it["guardrail"], it["verdict"]) for it in proofs["guardrails"]] == [("small", "holds")]
    assert [(it["kind"], it["rule"]) for it in proofs["findings"]] == [
        ("never_fires", "never"),
        ("outcome_changed", None),
    ]
    assert (proofs["found"], proofs["is_complete"]) == (2, True)
    assert (await office.approve(proposed)).json()["state"] == "applied"


async def test_a_proposal_that_was_not_held_to_a_newer_guardrail_is_not_published(office: Office) -> None:
    proposed = await propose(office, rule("all", "amount > 400"))
    small = await keep(office, "small")
    stale = await office.approve(proposed)
    assert (stale.status_code, stale.json()["code"]) == (409, "guardrails_changed")
    assert (await office.active())["version"] == 0
    # Nothing is against it any more.
    await office.approve(await drop(office, small))
    assert (await office.approve(proposed)).json()["state"] == "applied"


async def test_what_cannot_be_proven_is_proposed_only_by_who_accepts_that(office: Office) -> None:
    # Word boundaries have no exact translation: that no text fits both is not known to the solver.
    await keep(office, "letters", 'merchant.name.matches("^[a-c]+$") && amount < 500')
    rules = rule("words", r'merchant.name.matches("\\bqq\\b")')
    refused = await propose(office, rules)
    assert (refused.status_code, refused.json()["code"]) == (409, "guardrail_unproven"), refused.text
    proposed = await propose(office, rules, accept_unproven=True)
    assert proposed.status_code == 202
    assert proposed.json()["payload"]["proofs"]["guardrails"][0]["verdict"] == "unknown"


async def test_kept_guardrails_are_proven_with_those_that_are_asked_about(office: Office) -> None:
    await keep(office, "small")
    await made(office, "blocked")
    rules = [rule("listed", "merchant.id in lists.blocked")]
    asked = [{"name": "tiny", "when": "amount < 1"}]
    found = (await prove(office, rules=rules, guardrails=asked)).json()["guardrails"]
    assert {it["guardrail"]: it["verdict"] for it in found} == {"small": "broken", "tiny": "broken"}


async def test_a_stale_version_is_told_before_anything_is_proven(office: Office) -> None:
    answer = await propose(office, rule("large", "amount > 1"), expected_version=7)
    assert (answer.status_code, answer.json()["code"]) == (409, "rulebook_version_conflict")


async def go_back(office: Office, version: int, **more: Any) -> httpx.Response:
    body = {"version": version, "reason": "An emergency.", **more}
    return await office.client.post("/v1/rules/rollback", json=body, headers=office.analyst)


async def kill(office: Office) -> httpx.Response:
    return await office.client.post("/v1/rules/kill", json={"reason": "Stop."}, headers=office.analyst)


async def test_earlier_rules_that_break_a_guardrail_of_now_do_not_decide_again(office: Office) -> None:
    await office.publish(rule("shops", "amount > 400"))
    await office.publish(rule("large", "amount > 30000"), expected_version=1)
    small = await keep(office, "small")
    refused = await go_back(office, 1, accept_unproven=True)
    problem = refused.json()
    assert (refused.status_code, problem["code"], problem["guardrail"]) == (409, "guardrail_broken", "small")
    facts = {fact["field"]: fact["value"] for fact in problem["witness"]["facts"]}
    assert 400 < facts["amount"] < 500
    assert (await office.active())["version"] == 2
    await office.approve(await drop(office, small))
    assert (await go_back(office, 1)).json()["restores"] == 1


async def test_rules_are_switched_off_whatever_is_kept_and_do_not_come_back_against_it(
    office: Office,
) -> None:
    await office.publish(rule("shops", "amount > 400"))
    await keep(office, "small")
    assert (await kill(office)).json()["version"] == 2
    assert (await go_back(office, 1)).json()["code"] == "guardrail_broken"
    await office.publish(rule("large", "amount > 30000"), expected_version=2)
    # Version 2 only watches, so that nothing is against it.
    assert (await go_back(office, 2)).json()["restores"] == 2


async def test_earlier_rules_that_hold_to_what_is_kept_decide_again(office: Office) -> None:
    await office.publish(rule("large", "amount > 30000"))
    await office.publish(rule("larger", "amount > 40000"), expected_version=1)
    await keep(office, "small")
    assert (await go_back(office, 1)).json()["version"] == 3


async def test_earlier_rules_of_which_too_little_is_known_come_back_only_for_who_accepts_that(
    office: Office, engine: AsyncEngine
) -> None:
    await office.publish(rule("words", r'merchant.name.matches("\\bqq\\b")'))
    await office.publish(rule("large", "amount > 30000"), expected_version=1)
    await keep(office, "letters", 'merchant.name.matches("^[a-c]+$") && amount < 500')
    refused = await go_back(office, 1)
    assert (refused.status_code, refused.json()["code"]) == (409, "guardrail_unproven"), refused.text
    assert (await go_back(office, 1, accept_unproven=True)).json()["version"] == 3
    async with transaction(engine) as session:
        query = text("SELECT details FROM audit_entries WHERE action = 'rulebook.rolled_back'")
        details = (await session.execute(query)).scalar_one()
    assert details["unproven_guardrails"] == ["letters"]


async def test_no_time_to_prove_is_told_as_unknown_and_stops_a_rollback(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cardwright.rules.proving._URGENT_SECONDS", 0.0)
    await office.publish(rule("large", "amount > 30000"))
    await office.publish(rule("larger", "amount > 40000"), expected_version=1)
    await keep(office, "small")
    assert (await go_back(office, 1)).json()["code"] == "guardrail_unproven"
    assert (await go_back(office, 1, accept_unproven=True)).json()["version"] == 3
