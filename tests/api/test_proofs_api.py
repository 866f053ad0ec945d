"""Proofs over HTTP, about rules that decide and rules that may decide next."""

from typing import Any

import httpx
import pytest

from api.test_payments_api import Desk, desk
from api.test_rule_lists_api import made
from api.test_rules_api import Office, office

__all__ = ["desk", "office"]

REASON = "Not with this card."


@pytest.fixture
async def published(office: Office) -> Office:
    """Return an office whose active rules decline what is above 300.00."""
    approved = await office.publish(rule("large", "amount > 30000"))
    assert approved.json()["state"] == "applied"
    return office


async def prove(office: Office, **body: Any) -> httpx.Response:
    return await office.client.post("/v1/rules/proofs", json=body, headers=office.analyst)


def rule(name: str, when: str, action: str = "decline") -> dict[str, str]:
    return {"name": name, "when": when, "action": action, "reason": REASON}


async def test_the_active_rules_are_proven_when_no_others_are_given(published: Office) -> None:
    answer = await prove(published)
    assert answer.status_code == 200, answer.text
    assert answer.json() == {
        "compared_with": 1,
        "currency": "USD",
        "is_complete": True,
        "findings": [],
        "guardrails": [],
        "history": None,
    }


async def test_what_a_next_version_would_change_is_shown_by_a_transaction(published: Office) -> None:
    rules = [rule("large", "amount > 20000"), rule("never", "amount > 9 && amount < 8")]
    answer = (await prove(published, rules=rules)).json()
    never, changed = answer["findings"]
    assert (never["kind"], never["rule"], never["verdict"]) == ("never_fires", "never", "proven")
    assert (changed["kind"], changed["before"], changed["after"]) == (
        "outcome_changed",
        "approved",
        "declined",
    )
    facts = {fact["field"]: fact for fact in changed["witness"]["facts"]}
    assert 20000 < facts["amount"]["value"] <= 30000
    assert facts["amount"]["text"].endswith(facts["currency"]["value"])
    assert [hit["rule"] for hit in changed["witness"]["hits"]] == ["large"]


async def test_only_purchases_that_cards_of_the_program_can_pay_are_proofs(published: Office) -> None:
    rules = [
        rule("euro", 'currency == "EUR" && amount > 100'),
        rule("other", 'currency != "USD"', "freeze"),
        rule("large", "amount > 20000", "challenge"),
        rule("known", "amount > 25000", "allow"),
    ]
    guardrails = [
        {"name": "abroad", "when": 'currency == "EUR"'},
        {"name": "small", "when": "amount < 20002"},
    ]
    answer = (await prove(published, rules=rules, guardrails=guardrails)).json()
    dead = [it["rule"] for it in answer["findings"] if it["kind"] == "never_fires"]
    assert dead == ["euro", "other"]
    assert [it["verdict"] for it in answer["guardrails"]] == ["holds", "broken"]
    shown = [it["witness"]["facts"] for it in (*answer["findings"], *answer["guardrails"]) if it["witness"]]
    assert len(shown) > 2
    assert {fact["value"] for facts in shown for fact in facts if fact["field"] == "currency"} == {"USD"}


async def test_a_guardrail_is_told_to_hold_or_broken_by_a_transaction(published: Office) -> None:
    rules = [rule("shops", 'merchant.name.contains("SHOP") && amount > 400', "challenge")]
    guardrails = [
        {"name": "tiny", "when": "amount < 100"},
        {"name": "small", "when": "holder.kyc_level >= 2 && amount < 500"},
    ]
    holds, broken = (await prove(published, rules=rules, guardrails=guardrails)).json()["guardrails"]
    assert (holds["guardrail"], holds["verdict"], holds["witness"]) == ("tiny", "holds", None)
    assert (broken["verdict"], broken["outcome"]) == ("broken", "challenged")
    facts = {fact["field"]: fact["value"] for fact in broken["witness"]["facts"]}
    assert 400 < facts["amount"] < 500
    assert facts["holder.kyc_level"] >= 2
    assert "SHOP" in facts["merchant.name"]


async def test_faults_of_rules_and_of_guardrails_are_told_apart(published: Office) -> None:
    answer = await prove(published, rules=[rule("wrong", "amuont > 5")])
    assert (answer.status_code, answer.json()["code"]) == (422, "rules_invalid")
    answer = await prove(published, guardrails=[{"name": "wrong", "when": "amount > 5.5"}])
    assert (answer.status_code, answer.json()["code"]) == (422, "guardrails_invalid")
    assert answer.json()["faults"][0]["rule"] == "wrong"


async def test_five_hundred_rules_fit_into_a_request_and_into_its_time(published: Office) -> None:
    rules = [rule(f"r{n}", f'merchant.id == "m{n}" && amount > {n}') for n in range(500)]
    answer = await prove(published, rules=rules)
    assert answer.status_code == 200
    assert answer.json()["is_complete"]
    assert {each["kind"] for each in answer.json()["findings"]} == {"outcome_changed"}


async def test_what_must_be_on_a_list_of_the_program_is_told_with_the_transaction(published: Office) -> None:
    assert (await made(published)).status_code == 201
    rules = [rule("listed", "merchant.name in lists.blocked && velocity.approved_count_1h > 3"),
             rule("never", "velocity.approved_count_1h > 3 && velocity.approved_count_24h < 3")]  # fmt: skip
    guardrails = [{"name": "calm", "when": "velocity.approved_count_24h > 2 && amount < 5"}]
    answer = (await prove(published, rules=rules, guardrails=guardrails)).json()
    assert [each["rule"] for each in answer["findings"] if each["kind"] == "never_fires"] == ["never"]
    witness = answer["guardrails"][0]["witness"]
    facts = {fact["field"]: fact["value"] for fact in witness["facts"]}
    assert witness["lists"] == [{"name": "lists.blocked", "entries": [facts["merchant.name"]]}]


async def test_beside_each_change_stands_how_often_it_would_have_happened(office: Office, desk: Desk) -> None:
    for number, amount in enumerate((10_00, 21_00, 22_00, 31_00)):
        await desk.pay(amount, f"iauth_{number}")
    await office.publish(rule("large", "amount > 30000"))
    rules = [rule("large", "amount > 2000"), rule("larger", "amount > 3000"),
             rule("never", "amount > 9 && amount < 8")]  # fmt: skip
    guardrails = [{"name": "some", "when": "amount < 2200"}, {"name": "tiny", "when": "amount < 100"}]
    answer = (await prove(office, rules=rules, guardrails=guardrails)).json()
    told = {it["rule"] or it["after"]: (it["count"], it["against"]) for it in answer["findings"]}
    assert told == {"never": (0, 0), "larger": (1, 0), "declined": (3, None)}
    assert [(it["guardrail"], it["count"]) for it in answer["guardrails"]] == [("some", 1), ("tiny", 0)]
    history = answer["history"]
    assert (history["looked_at"], history["incomplete"], history["is_whole"]) == (4, 0, True)
    proposed = await office.propose(*rules, expected_version=1)
    proofs = proposed.json()["payload"]["proofs"]
    assert [it["count"] for it in proofs["findings"] if it["after"]] == [3]
    assert proofs["history"] == history
