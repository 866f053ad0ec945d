"""The trail over HTTP: what is recorded of whom, and a copy that proves itself."""

import hmac
from hashlib import sha256
from itertools import pairwise
from typing import Any

import httpx
import pytest
import rfc8785
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from api.test_cards_api import Desk
from api.test_users_api import ADA, Person, World
from browsers import sign_in
from builders import provided_for_tests
from cardwright.access import Role
from cardwright.audit import seal, verify_export
from cardwright.cards import CardProcessors
from cardwright.core.clock import MovableClock
from cardwright.core.ids import new_id
from cardwright.db.jobs import Work
from cardwright.db.session import transaction
from cardwright.sealing import CheckpointSigner
from integration.cards.processor import WillingProcessor
from integration.kyc.people import a_verified_person

SIGNING_IN = {"session.opened", "session.refused"}
STATES = ("inactive", "active", "frozen", "active", "canceled")
DECIDED = {"before": "collecting", "after": "approved", "reason": None}

ORDERED = {"amount": 2_500, "currency": "USD", "origin": "holder", "payment_method_id": None}


@pytest.fixture
def world(client: httpx.AsyncClient, engine: AsyncEngine, clock: MovableClock) -> World:
    return World(client, engine, clock)


@pytest.fixture
async def work(engine: AsyncEngine, clock: MovableClock) -> Work:
    return Work(engine, clock, await provided_for_tests(engine, clock))


async def acts(auditor: Person) -> list[tuple[str, str, str, Any]]:
    entries = (await auditor.get("/v1/audit-entries", limit=100)).json()["data"]
    return [
        (one["action"], one["actor_id"], one["subject_id"], one["details"])
        for one in entries
        if one["action"] not in SIGNING_IN
    ]


async def test_an_export_over_http_verifies_with_the_public_key_and_is_recorded(
    world: World, work: Work
) -> None:
    auditor = await world.person("auditor@example.com", Role.AUDITOR)
    ada = await world.person("ada@example.com")
    await ada.put("/v1/me/profile", ADA)
    early = await auditor.get("/v1/audit-entries/export")
    assert (early.status_code, early.json()["code"]) == (409, "audit_unsealed")
    count = await seal(work)
    response = await auditor.get("/v1/audit-entries/export")
    assert (response.status_code, response.headers["content-type"]) == (200, "application/jsonl")
    assert f'filename="audit-{count}.jsonl"' in response.headers["content-disposition"]
    lines, keys = response.content.splitlines(keepends=True), work.get(CheckpointSigner).public_keys
    verdict = verify_export(lines, keys)
    assert (verdict.entries, verdict.problems) == (count, ())
    for personal in (b"Lovelace", b"ada@example.com", b"python-httpx", b"127.0.0.1"):
        assert personal not in response.content
    _, _, program_id, _ = (await acts(auditor))[0]
    action, reader_id, _, details = (await acts(auditor))[0]
    assert (action, reader_id, details["count"] > count) == ("audit.read", auditor.user_id, True)
    assert ("audit.exported", auditor.user_id, program_id, {"size": count}) in await acts(auditor)


async def test_seals_are_compared_on_request_and_a_changed_entry_is_found(
    world: World, work: Work, engine: AsyncEngine
) -> None:
    auditor = await world.person("auditor@example.com", Role.AUDITOR)
    ada = await world.person("ada@example.com")
    await ada.put("/v1/me/profile", ADA)
    early = (await auditor.get("/v1/audit-entries/seals")).json()
    assert (early["size"], early["root"], early["waiting"] > 0) == (0, None, True)
    count = await seal(work)
    whole = (await auditor.get("/v1/audit-entries/seals", recompute=True)).json()
    assert (whole["size"], whole["compared"], whole["findings"]) == (count, True, [])
    async with transaction(engine) as session:
        await session.execute(text("SET LOCAL session_replication_role = replica"))
        changed = (
            "UPDATE audit_entries SET actor_id = 'user_eve' WHERE action = 'profile.changed' RETURNING id"
        )
        forged = (await session.execute(text(changed))).scalar_one()
    found = (await auditor.get("/v1/audit-entries/seals", recompute=True)).json()
    assert [it["subject"] for it in found["findings"]] == [forged]


async def test_the_trail_is_filtered_by_who_what_whom_and_when(world: World) -> None:
    auditor = await world.person("auditor@example.com", Role.AUDITOR)
    ada = await world.person("ada@example.com")
    await ada.put("/v1/me/profile", ADA)

    async def found(**wanted: Any) -> list[Any]:
        return list((await auditor.get("/v1/audit-entries", **wanted)).json()["data"])

    whole = await found(limit=100)
    by_ada = await found(actor_id=ada.user_id)
    assert by_ada == [it for it in whole if it["actor_id"] == ada.user_id] != []
    action = by_ada[0]["action"]
    assert {it["action"] for it in await found(action=action, actor_id=ada.user_id)} == {action}
    assert await found(subject_id=new_id("user")) == []
    assert await found(until="2000-01-01T00:00:00Z") == []
    assert await found(actor_id=ada.user_id, since="2000-01-01T00:00:00Z") == by_ada


@pytest.mark.parametrize(
    "role", [Role.CARDHOLDER, Role.SUPPORT, Role.FINANCE, Role.FRAUD_ANALYST, Role.DEVELOPER]
)
async def test_nobody_but_those_who_may_read_the_trail_copies_it(world: World, role: Role) -> None:
    person = await world.person("person@example.com", role)
    assert (await person.get("/v1/audit-entries/export")).status_code == 403


async def test_from_where_an_act_came_is_shown_with_the_proof_that_the_entry_commits_to(world: World) -> None:
    auditor = await world.person("auditor@example.com", Role.AUDITOR)
    ada = await world.person("ada@example.com")
    await ada.put("/v1/me/profile", ADA)
    entry = (await auditor.get("/v1/audit-entries")).json()["data"][0]
    said = {"client_address": entry["client_address"], "user_agent": entry["user_agent"]}
    assert said["client_address"] == "127.0.0.1"
    assert said["user_agent"].startswith("python-httpx")
    key = bytes.fromhex(entry["personal_key"])
    assert hmac.new(key, rfc8785.dumps(said), sha256).hexdigest() == entry["personal_digest"]


async def test_what_a_user_agent_would_tell_a_terminal_is_recorded_as_text(world: World) -> None:
    auditor = await world.person("auditor@example.com", Role.AUDITOR)
    ada = await world.person("ada@example.com")
    ada.headers["User-Agent"] = "evil\x1b[2J\x9b31m\x07end".encode("latin-1")  # type: ignore[assignment]
    await ada.put("/v1/me/profile", ADA)
    entry = (await auditor.get("/v1/audit-entries")).json()["data"][0]
    assert entry["action"] == "profile.changed"
    assert entry["user_agent"] == "evil[2J31mend"


async def test_looking_at_other_peoples_things_is_recorded_and_at_ones_own_is_not(world: World) -> None:
    auditor = await world.person("auditor@example.com", Role.AUDITOR)
    support = await world.person("support@example.com", Role.SUPPORT)
    finance = await world.person("finance@example.com", Role.FINANCE)
    ada = await world.person("ada@example.com")
    for path in (
        "/v1/me",
        "/v1/cards",
        "/v1/payments",
        "/v1/identity-verifications",
        "/v1/top-ups",
        "/v1/wallet",
    ):
        assert (await ada.get(path)).status_code == 200
    before = await acts(auditor)
    assert {act[1] for act in before} == {"system"}
    program_id = (await acts(auditor))[0][2]
    assert (await support.get(f"/v1/users/{ada.user_id}")).status_code == 200
    assert (await support.get(f"/v1/users/{support.user_id}")).status_code == 200
    assert (await support.get("/v1/users")).status_code == 200
    assert (await support.get(f"/v1/users/{ada.user_id}/identity-verifications")).status_code == 200
    assert (await support.get("/v1/payments", everyone=True)).status_code == 200
    assert (await finance.get("/v1/ledger/trial-balance", at="2026-11-23T12:00:00Z")).status_code == 200
    assert (await finance.get("/v1/ledger/entries")).status_code == 200
    assert (await support.get(f"/v1/users/{new_id('user')}")).status_code == 404
    recorded = [act for act in await acts(auditor) if act[1] in {support.user_id, finance.user_id}]
    owner = {"owner_id": ada.user_id}
    assert recorded[::-1] == [
        ("user.read", support.user_id, ada.user_id, owner),
        ("users.read", support.user_id, program_id, {"cursor": None}),
        ("verifications.read", support.user_id, ada.user_id, {**owner, "cursor": None}),
        ("payments.read", support.user_id, program_id, {}),
        ("trial_balance.read", finance.user_id, program_id, {"at": "2026-11-23T12:00:00+00:00"}),
        ("journal.read", finance.user_id, program_id, {"cursor": None, "account_id": None}),
    ]


async def test_registering_is_recorded_the_same_way_for_a_known_address_and_an_unknown_one(
    world: World,
) -> None:
    auditor = await world.person("auditor@example.com", Role.AUDITOR)
    ada = await world.person("ada@example.com")
    for number, email in enumerate(("ada@example.com", "new@example.com")):
        body = {"email": email, "password": "a rather long pass phrase"}
        sent = await world.client.post(
            "/v1/auth/register", json=body, headers={"Idempotency-Key": f"key-{number}"}
        )
        assert sent.status_code == 202
        wrong = {"registration_id": sent.json()["registration_id"], "email": email, "code": "000000"}
        assert (await world.client.post("/v1/auth/verify-email", json=wrong)).status_code == 422
    nowhere = {"registration_id": new_id("reg"), "email": "nobody@example.com", "code": "000000"}
    assert (await world.client.post("/v1/auth/verify-email", json=nowhere)).status_code == 422
    *recorded, nobodys = [act for act in await acts(auditor) if act[1] == "anonymous"][::-1]
    assert [act[0] for act in recorded] == ["registration.requested", "email.proof_failed"] * 2
    assert (nobodys[0], nobodys[2]) == ("email.proof_failed", "unknown")
    assert (recorded[0][2], recorded[0][3]["is_proven"], recorded[2][3]["is_proven"]) == (
        ada.user_id,
        True,
        False,
    )
    assert (recorded[1][2], recorded[3][2]) == (recorded[0][2], recorded[2][2])


async def test_what_happens_to_a_cardholders_things_is_recorded_with_before_and_after(
    client: httpx.AsyncClient, engine: AsyncEngine, clock: MovableClock, world: World
) -> None:
    holder_id = await a_verified_person(engine, clock)
    holder = await sign_in(engine, clock, holder_id)
    desk = Desk(
        client,
        holder_id,
        holder,
        Work(engine, clock, {CardProcessors: CardProcessors({"stripe": WillingProcessor()})}),
    )
    card_id = (await desk.create(limits=[{"window": "month", "amount": 50_000}])).json()["id"]
    await desk.deliver()
    for verb in ("freeze", "freeze", "unfreeze"):
        assert (await desk.change(card_id, verb)).status_code == 200
    await desk.set_limits(card_id, [{"window": "month", "amount": 7}])
    await desk.change(card_id, "cancel")
    top_up = {"amount": 2_500, "currency": "USD", "payment_method_token": "pm_card_visa"}
    headers = {**holder, "Idempotency-Key": "top-up-1"}
    assert (await client.post("/v1/top-ups", json=top_up, headers=headers)).status_code == 201
    auditor = await world.person("auditor@example.com", Role.AUDITOR)
    recorded = [(action, actor, details) for action, actor, _, details in await acts(auditor)][::-1]
    states = [{"before": before, "after": after} for before, after in pairwise(STATES)]
    assert recorded[:-1] == [
        ("profile.changed", holder_id, recorded[0][2]),
        ("verification.requested", holder_id, {}),
        ("verification.decided", "identity_verifier", DECIDED | {"owner_id": holder_id}),
        ("card.requested", holder_id, {"type": "standard", "currency": "USD", "limits": {"month": 50_000}}),
        ("card.issued", "processor", states[0]),
        ("card.frozen", holder_id, states[1] | {"reason": "holder"}),
        ("card.unfrozen", holder_id, states[2] | {"reason": "holder"}),
        ("card.limits_changed", holder_id, {"before": {"month": 50_000}, "after": {"month": 7}}),
        ("card.canceled", holder_id, states[3] | {"reason": "holder"}),
        ("top_up.requested", holder_id, ORDERED),
    ]
    assert "Groceries" not in str(recorded)
    assert "pm_card_visa" not in str(recorded)


async def test_a_refused_sign_in_is_recorded_alike_for_a_known_address_and_an_unknown_one(
    world: World,
) -> None:
    auditor = await world.person("auditor@example.com", Role.AUDITOR)
    ada = await world.person("ada@example.com")
    for email in ("ada@example.com", "nobody@example.com"):
        body = {"email": email, "password": "not the right one"}
        assert (await world.client.post("/v1/auth/sign-in", json=body)).status_code == 401
    entries = (await auditor.get("/v1/audit-entries")).json()["data"]
    unknown, known = [one for one in entries if one["action"] == "session.refused"]
    assert (known["subject_id"], unknown["subject_id"]) == (ada.user_id, "unknown")
    assert (known["actor_id"], known["details"], known["client_address"]) == ("anonymous", {}, "127.0.0.1")
    assert {name for name in known if known[name] != unknown[name]} == {
        "id", "subject_id", "request_id", "personal_digest", "personal_key",
    }  # fmt: skip
    assert "nobody@example.com" not in str(entries)
    assert sum(one["action"] == "session.opened" for one in entries) == 2
