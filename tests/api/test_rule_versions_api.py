"""Rules on their way to decide, back again, and stopped at once."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from api.test_payments_api import Desk, desk
from api.test_rules_api import RULE, Office, office
from cardwright import cards, payments
from cardwright.access import Role
from cardwright.db.session import transaction

__all__ = ["desk", "office"]

SHADOW = {**RULE, "stage": "shadow"}
DIFFERENCES = "/decisions/differences"


async def act(office: Office, what: str, who: Mapping[str, str] | None = None, **body: Any) -> Any:
    sent = {"reason": "tested", **body}
    return await office.client.post(f"/v1/rules/{what}", json=sent, headers=who or office.analyst)


async def test_a_stage_a_sample_and_thresholds_are_published_as_they_were_proposed(office: Office) -> None:
    sampled = {**RULE, "name": "some", "stage": "sampled", "sample_percent": 5}
    scoring = {**RULE, "name": "sign", "action": "score", "points": -20}
    body = {
        "expected_version": 0, "rules": [SHADOW, sampled, scoring], "note": "first",
        "scoring": {"flag_at": 30, "decline_at": 90},
    }  # fmt: skip
    proposed = await office.client.put("/v1/rules", json=body, headers=office.analyst)
    assert proposed.status_code == 202, proposed.text
    assert (await office.approve(proposed)).json()["state"] == "applied"
    active = await office.active()
    shown = [{name: value for name, value in rule.items() if value is not None} for rule in active["rules"]]
    assert shown == [SHADOW, sampled, {**scoring, "stage": "live"}]
    assert active["scoring"] == {"flag_at": 30, "challenge_at": None, "decline_at": 90}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"stage": "sampled"}, "rule_incomplete"),
        ({"points": 3}, "rule_incomplete"),
        ({"stage": "sampled", "sample_percent": 100}, "validation_failed"),
        ({"stage": "sampled", "sample_percent": True}, "validation_failed"),
        ({"stage": "asleep"}, "validation_failed"),
        ({"action": "score", "points": 0}, "rule_points_invalid"),
        ({"reason": "two\nlines"}, "validation_failed"),
    ],
)
async def test_a_rule_whose_parts_do_not_belong_together_is_refused(
    office: Office, changes: Mapping[str, object], code: str
) -> None:
    answer = await office.propose({**RULE, **changes})
    assert (answer.status_code, answer.json()["code"]) == (422, code)


async def test_one_call_goes_back_to_an_earlier_version_under_a_new_number(office: Office) -> None:
    await office.publish(RULE)
    await office.publish({**RULE, "name": "other"}, expected_version=1)
    back = await act(office, "rollback", version=1)
    assert back.status_code == 200, back.text
    told = back.json()
    assert (told["version"], told["restores"], told["approval_id"]) == (3, 1, None)
    assert [rule["name"] for rule in told["rules"]] == [RULE["name"]]
    assert await office.active() == told
    versions = (await office.client.get("/v1/rules/versions", headers=office.analyst)).json()
    assert [(it["version"], it["restores"]) for it in versions] == [(3, 1), (2, None), (1, None)]
    older = await office.client.get("/v1/rules/versions?before=2&limit=5", headers=office.analyst)
    assert older.json() == versions[2:]


async def test_going_back_to_nothing_or_to_the_same_is_refused(office: Office) -> None:
    await office.publish(RULE)
    for version, status, code in ((7, 422, "rulebook_version_unknown"), (1, 409, "rulebook_is_active")):
        answer = await act(office, "rollback", version=version)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert (await office.active())["version"] == 1


async def test_a_kill_lets_every_rule_only_watch_until_the_rules_are_restored(office: Office) -> None:
    sampled = {**RULE, "name": "some", "stage": "sampled", "sample_percent": 5}
    await office.publish(RULE, sampled, {**RULE, "name": "draft", "stage": "draft"})
    killed = (await act(office, "kill")).json()
    assert [(rule["name"], rule["stage"], rule["sample_percent"]) for rule in killed["rules"]] == [
        (RULE["name"], "shadow", None), ("some", "shadow", None), ("draft", "draft", None),
    ]  # fmt: skip
    again = await act(office, "kill")
    assert (again.status_code, again.json()["code"]) == (409, "no_rule_decides")
    assert (await act(office, "rollback", version=1)).json()["rules"][1]["stage"] == "sampled"


async def test_before_the_first_publication_there_is_nothing_to_stop(office: Office) -> None:
    assert (await act(office, "kill")).json()["code"] == "no_rule_decides"
    assert (await act(office, "kill", office.holder)).status_code == 403


async def test_the_database_takes_no_other_rules_without_an_approval(office: Office, desk: Desk) -> None:
    await office.publish(RULE, {**RULE, "name": "draft", "stage": "draft"})
    forged = (
        "INSERT INTO rulebooks (program_id, version, hash, rules, author_id, note, created_at, restores)"
        " SELECT program_id, 2, 'x', {rules}, author_id, note, created_at, {restores} FROM rulebooks"
    )
    softer = "jsonb_set(rules, '{0,when}', '\"false\"')"
    for rules, restores in ((softer, "NULL"), (softer, "1"), ("rules", "NULL"), ("'[]'", "NULL")):
        with pytest.raises(DBAPIError, match="nobody approved"):
            async with transaction(desk.engine) as session:
                await session.execute(text(forged.format(rules=rules, restores=restores)))


async def test_what_a_watching_rule_would_have_declined_is_told_with_examples(
    office: Office, desk: Desk
) -> None:
    rule = {**SHADOW, "when": "amount > 2000", "name": "large"}
    quiet = {**SHADOW, "when": "amount > 2000", "name": "seen", "action": "flag"}
    await office.publish(rule, quiet)
    assert await desk.pay(30_00, "iauth_1")
    assert await desk.pay(10_00, "iauth_2")
    assert not await desk.pay(900_00, "iauth_3")
    analyst = await desk.staff(Role.AUDITOR)
    large, seen = await desk.get(DIFFERENCES, analyst)
    assert (large["rule"], large["action"], large["matches"]) == ("large", "decline", 2)
    assert (large["would_decline"], large["would_decline_amount"], large["declined_anyway"]) == (1, 30_00, 1)
    assert (seen["rule"], seen["would_decline"], seen["matches"]) == ("seen", 0, 2)
    assert [it["outcome"] for it in large["examples"]] == ["approved", "declined"]
    assert large["examples"][0]["explanation"] == "amount 30.00 USD > 20.00: true"
    assert await desk.get(f"{DIFFERENCES}?rule=seen", analyst) == [seen]
    assert await desk.get("/decisions/differences?decided_from=2030-01-01T00:00:00Z", analyst) == []
    assert await desk.refused(DIFFERENCES, desk.holder) == (403, "permission_missing")


async def test_a_freezing_rule_declines_and_locks_the_card(office: Office, desk: Desk) -> None:
    await office.publish({**RULE, "when": "amount > 2000", "action": "freeze"})
    assert not await desk.pay(30_00, "iauth_1")
    async with transaction(desk.engine) as session:
        card = await cards.find_card(session, desk.holding.cards[0].id)
    assert card is not None
    assert card.lock is not None
    assert (card.lock.reason, card.lock.locked_by) == (RULE["reason"], "rules")
    assert not await desk.pay(10_00, "iauth_2")
    assert await desk.pay(10_00, "iauth_3", card=1)


async def test_a_challenge_passes_once_the_holder_allows_the_merchant(office: Office, desk: Desk) -> None:
    await office.publish({**RULE, "when": "amount > 2000", "action": "challenge"})
    assert not await desk.pay(30_00, "iauth_1")
    [line] = (await desk.get("/payments"))["data"]
    [element] = (await desk.get(f"/payments/{line['id']}"))["elements"]
    decision = element["decision"]
    assert (decision["reason_code"], decision["response_code"]) == ("challenge_required", "1A")
    [check] = [check for check in decision["checks"] if not check["passed"]]
    assert check["would_pass"].startswith("If this is you: allow ")
    async with transaction(desk.engine) as session:
        await cards.spending.allow_merchant(
            session, line["card_id"], line["merchant"]["id"], timedelta(minutes=15),
            user_id=desk.holding.user_id, at=desk.clock.now(),
        )  # fmt: skip
    assert await desk.pay(30_00, "iauth_2")
    async with transaction(desk.engine) as session:
        assert all(it.is_identical for it in await payments.replay(session))
