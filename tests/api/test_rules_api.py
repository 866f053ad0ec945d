from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from browsers import sign_in
from builders import provided_for_tests
from cardwright.access import Role
from cardwright.authentication import create_verified_identity
from cardwright.core.clock import MovableClock
from cardwright.db.session import transaction
from cardwright.main import build_app
from cardwright.programs import Program
from staff import grant_role

RULE = {
    "name": "large_abroad",
    "when": 'amount > 30000 && merchant.country in ["NG"]',
    "action": "decline",
    "reason": "Large payments in this country are blocked.",
}
SHOWN = {**RULE, "stage": "live", "sample_percent": None, "points": None}


@dataclass(frozen=True, slots=True)
class Office:
    """The application with an analyst and a holder signed in."""

    client: httpx.AsyncClient
    analyst: Mapping[str, str]
    admin: Mapping[str, str]
    holder: Mapping[str, str]

    async def propose(self, *rules: Mapping[str, Any], expected_version: int = 0) -> httpx.Response:
        body = {"expected_version": expected_version, "rules": rules, "note": "first"}
        return await self.client.put("/v1/rules", json=body, headers=self.analyst)

    async def approve(self, proposed: httpx.Response) -> httpx.Response:
        headers = {**self.admin, "Idempotency-Key": "key-of-" + proposed.json()["id"]}
        path = f"/v1/approvals/{proposed.json()['id']}/approve"
        return await self.client.post(path, json={}, headers=headers)

    async def publish(self, *rules: Mapping[str, Any], expected_version: int = 0) -> httpx.Response:
        return await self.approve(await self.propose(*rules, expected_version=expected_version))

    async def active(self) -> Any:
        return (await self.client.get("/v1/rules", headers=self.analyst)).json()

    async def check(self, when: object) -> httpx.Response:
        return await self.client.post("/v1/rules/check", json={"when": when}, headers=self.analyst)


@pytest.fixture
async def office(engine: AsyncEngine, clock: MovableClock) -> AsyncIterator[Office]:
    provided = await provided_for_tests(engine, clock)
    app = build_app(engine, provided)

    async def signed_in(role: Role) -> Mapping[str, str]:
        now, program_id = clock.now(), provided[Program].id
        async with transaction(engine) as session:
            email, password = f"{role}@example.com", "correct horse battery staple"
            user_id = await create_verified_identity(session, email, password, program_id, now)
            await grant_role(session, user_id, role, "system", now)
        return await sign_in(engine, clock, user_id)

    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="https://cardwright.test") as client:
        yield Office(
            client,
            await signed_in(Role.FRAUD_ANALYST),
            await signed_in(Role.ADMINISTRATOR),
            await signed_in(Role.CARDHOLDER),
        )


async def test_before_the_first_publication_the_rulebook_is_empty(office: Office) -> None:
    answer = await office.client.get("/v1/rules", headers=office.analyst)
    assert answer.status_code == 200
    assert (answer.json()["version"], answer.json()["rules"]) == (0, [])
    assert answer.json()["author_id"] is None


async def test_a_proposed_rulebook_decides_nothing_until_another_approves_it(office: Office) -> None:
    proposed = await office.propose(RULE)
    assert (proposed.status_code, proposed.json()["state"]) == (202, "proposed")
    assert proposed.json()["payload"]["rules"] == [RULE]
    assert (await office.active())["version"] == 0
    assert (await office.approve(proposed)).json()["state"] == "applied"
    active = await office.active()
    assert (active["version"], active["rules"], active["note"]) == (1, [SHOWN], "first")
    assert (active["author_id"], active["approval_id"]) == (
        proposed.json()["proposed_by"], proposed.json()["id"],
    )  # fmt: skip


async def test_proposing_over_an_unseen_version_is_refused_with_the_active_one(office: Office) -> None:
    await office.publish(RULE)
    answer = await office.propose({**RULE, "name": "other"})
    assert answer.status_code == 409
    assert (answer.json()["code"], answer.json()["active_version"]) == ("rulebook_version_conflict", 1)


async def test_a_proposal_that_another_has_overtaken_is_stale_and_stays_open(office: Office) -> None:
    overtaken = await office.propose({**RULE, "name": "other"})
    assert (await office.publish(RULE)).status_code == 200
    stale = await office.approve(overtaken)
    assert (stale.status_code, stale.json()["code"]) == (409, "rulebook_version_conflict")
    path = f"/v1/approvals/{overtaken.json()['id']}"
    assert (await office.client.get(path, headers=office.admin)).json()["state"] == "proposed"
    assert [rule["name"] for rule in (await office.active())["rules"]] == [RULE["name"]]


async def test_a_rulebook_without_a_reason_is_not_proposed(office: Office) -> None:
    body = {"expected_version": 0, "rules": [RULE]}
    answer = await office.client.put("/v1/rules", json=body, headers=office.analyst)
    assert (answer.status_code, answer.json()["code"]) == (422, "validation_failed")


async def test_a_faulty_rulebook_is_refused_with_the_place_of_every_fault(office: Office) -> None:
    answer = await office.propose(RULE, {**RULE, "name": "typo", "when": "amuont > 5"})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["faults"] == [
        {
            "rule": "typo",
            "line": 1,
            "column": 1,
            "message": "unknown field 'amuont'",
            "excerpt": "amuont > 5\n^^^^^^",
            "suggestion": "amount",
        }
    ]
    assert (await office.client.get("/v1/rules", headers=office.analyst)).json()["version"] == 0


@pytest.mark.parametrize(
    "changed",
    [
        {"name": "Not a name"},
        {"action": "permit"},
        {"reason": ""},
        {"reason": "two\nlines"},
        {"when": ""},
        {"when": 5},
        {"when": "amount > 1" + " " * 20_000},
        {"surprise": True},
    ],
)
async def test_a_rule_of_a_wrong_shape_is_refused_and_changes_nothing(
    office: Office, changed: Mapping[str, object]
) -> None:
    answer = await office.propose({**RULE, **changed})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert (await office.client.get("/v1/rules", headers=office.analyst)).json()["version"] == 0


async def test_two_rules_of_one_name_are_refused(office: Office) -> None:
    answer = await office.propose(RULE, RULE)
    assert (answer.status_code, answer.json()["code"]) == (422, "rule_name_taken")


async def test_a_note_that_cannot_be_stored_is_refused(office: Office) -> None:
    body = {"expected_version": 0, "rules": [], "note": "\x00"}
    answer = await office.client.put("/v1/rules", json=body, headers=office.analyst)
    assert (answer.status_code, answer.json()["code"]) == (400, "json_invalid")


async def test_checking_a_good_condition_lists_the_fields_it_reads(office: Office) -> None:
    answer = await office.check("has(holder.country) && amount > 5")
    assert answer.json()["is_valid"] is True
    assert [(field["name"], field["type"]) for field in answer.json()["fields"]] == [
        ("amount", "integer"),
        ("holder.country", "text"),
    ]


async def test_checking_a_faulty_condition_answers_every_fault_with_its_place(office: Office) -> None:
    answer = await office.check('amuont > 5 ||\nchannel == "atmo"')
    assert answer.status_code == 200
    assert answer.json()["is_valid"] is False
    assert [(each["line"], each["column"], each["suggestion"]) for each in answer.json()["diagnostics"]] == [
        (1, 1, "amount"),
        (2, 12, "atm"),
    ]


@pytest.mark.parametrize(
    "hostile", ["(" * 19_000, "\x01", 'merchant.name == "\U0001f4b3', "\u202e", "£" * 9_000]
)
async def test_checking_hostile_text_answers_with_a_diagnostic(office: Office, hostile: str) -> None:
    answer = await office.check(hostile)
    assert answer.status_code == 200
    assert answer.json()["diagnostics"]


async def test_half_a_surrogate_pair_is_refused(office: Office) -> None:
    answer = await office.client.post(
        "/v1/rules/check",
        content=b'{"when": "\\ud800"}',
        headers={**office.analyst, "Content-Type": "application/json"},
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "json_invalid")


async def test_the_catalogue_tells_type_unit_range_and_words_of_each_field(office: Office) -> None:
    answer = await office.client.get("/v1/rules/fields", headers=office.analyst)
    fields = {field["name"]: field for field in answer.json()}
    assert fields["amount"]["unit"] == "minor units of the currency"
    assert (fields["amount"]["minimum"], fields["amount"]["maximum"]) == (0, 10**15)
    assert fields["channel"]["words"] == ["atm", "ecommerce", "in_person", "wallet"]
    assert fields["holder.country"]["is_optional"] is True
    assert all(field["sentence"].endswith(".") for field in fields.values())


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/v1/rules", None),
        ("PUT", "/v1/rules", {"expected_version": 0, "rules": []}),
        ("POST", "/v1/rules/check", {"when": "amount > 5"}),
        ("GET", "/v1/rules/fields", None),
    ],
)
async def test_a_holder_and_a_stranger_may_not_see_or_change_rules(
    office: Office, method: str, path: str, body: object
) -> None:
    for headers, status in ((office.holder, 403), ({}, 401)):
        answer = await office.client.request(method, path, json=body, headers=headers)
        assert answer.status_code == status
