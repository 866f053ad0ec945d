"""API keys as developers make and use them, and as nobody else can."""

import hmac
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest
import structlog
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.requests import Request

from browsers import forgetful_jar, sign_in
from builders import provided_for_tests
from cardwright.access import Principal, Role
from cardwright.api_keys import ApiKeys, Environment, NewKey, create_key
from cardwright.api_keys import text as key_text
from cardwright.core.clock import MovableClock
from cardwright.core.ids import new_id
from cardwright.db.base import metadata
from cardwright.db.session import transaction
from cardwright.main import build_app
from cardwright.programs import ensure_program
from integration.kyc.people import a_person
from staff import grant_role, take_role

PATH = "/v1/api-keys"
ADDRESS = "203.0.113.7"


@dataclass
class Workshop:
    """A developer, a colleague and an administrator, all signed in with a factor used just now."""

    client: httpx.AsyncClient
    engine: AsyncEngine
    clock: MovableClock
    ids: Mapping[str, str]
    headers: Mapping[str, Mapping[str, str]]

    async def make(
        self, *scopes: str, who: str = "developer", key: str = "k", days: int = 30, **changes: Any
    ) -> httpx.Response:
        ends_at = (self.clock.now() + timedelta(days=days)).isoformat()
        body = {"name": "Export", "scopes": scopes or ["account.read"], "expires_at": ends_at, **changes}
        return await self.client.post(PATH, json=body, headers={**self.headers[who], "Idempotency-Key": key})

    async def made(self, *scopes: str, who: str = "developer", **more: Any) -> tuple[str, str]:
        """Return id and text of a fresh key."""
        answer = await self.make(*scopes, who=who, **{"key": new_id("idem"), **more})
        assert answer.status_code == 201, answer.text
        return answer.json()["id"], answer.json()["key"]

    async def rotate(self, key_id: str, *, who: str = "developer", key: str = "r", hours: int = 24) -> Any:
        ends_at = (self.clock.now() + timedelta(days=60)).isoformat()
        return await self.client.post(
            f"{PATH}/{key_id}/rotate", json={"expires_at": ends_at, "overlap_hours": hours},
            headers={**self.headers[who], "Idempotency-Key": key},
        )  # fmt: skip

    async def by(self, key: str, path: str = "/v1/me") -> httpx.Response:
        return await self.client.get(path, headers={"Authorization": f"Bearer {key}"})

    async def refusal(self, key: str, path: str = "/v1/me") -> tuple[int, str]:
        answer = await self.by(key, path)
        return answer.status_code, answer.json()["code"]

    async def shown(self, key_id: str, who: str = "developer") -> Any:
        answer = await self.client.get(f"{PATH}/{key_id}", headers=self.headers[who])
        return answer.json() if answer.is_success else answer.status_code


@pytest.fixture
async def workshop(engine: AsyncEngine, clock: MovableClock) -> AsyncIterator[Workshop]:
    roles = {
        "developer": Role.DEVELOPER, "colleague": Role.DEVELOPER, "administrator": Role.ADMINISTRATOR,
    }  # fmt: skip
    ids = {name: await a_person(engine, clock, f"{name}@example.com") for name in (*roles, "holder")}
    async with transaction(engine) as session:
        for name, role in roles.items():
            await grant_role(session, ids[name], role, "system", clock.now())
    headers = {
        name: await sign_in(engine, clock, user_id, has_used_factor=True) for name, user_id in ids.items()
    }
    app = build_app(engine, await provided_for_tests(engine, clock))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=(ADDRESS, 4711))
    async with httpx.AsyncClient(
        transport=transport, base_url="https://cardwright.test", cookies=forgetful_jar()
    ) as client:
        yield Workshop(client, engine, clock, ids, headers)


async def test_a_key_is_shown_once_and_stands_for_its_owner(workshop: Workshop) -> None:
    made = await workshop.make()
    assert made.status_code == 201
    key = made.json()["key"]
    assert key.startswith("cw_test_")
    assert (await workshop.by(key)).json()["id"] == workshop.ids["developer"]
    listed = await workshop.client.get(PATH, headers=workshop.headers["developer"])
    assert [shown["id"] for shown in listed.json()["data"]] == [made.json()["id"]]
    assert key not in listed.text
    assert "secret_hash" not in listed.text


async def test_a_repeated_request_makes_no_second_key_and_does_not_tell_the_first_again(
    workshop: Workshop,
) -> None:
    first, again = await workshop.make(key="same"), await workshop.make(key="same")
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (201, "true")
    assert again.json() == {**first.json(), "key": None}
    listed = await workshop.client.get(PATH, headers=workshop.headers["developer"])
    assert len(listed.json()["data"]) == 1


async def test_the_text_of_a_key_is_in_no_table_no_log_and_no_event(workshop: Workshop) -> None:
    with structlog.testing.capture_logs() as logs:
        key_id, first = await workshop.made()
        rotated = await workshop.rotate(key_id)
        second = rotated.json()["key"]
        assert (await workshop.by(second)).status_code == 200
        await workshop.by(first, "/v1/cards")
        await workshop.by(f"{second[:-1]}x")
    rows = await _everything_stored(workshop.engine)
    assert len(rows["api_keys"]) == 2
    assert len(rows["idempotency_keys"]) == 2
    assert rows["audit_entries"]
    kept = json.dumps(rows) + json.dumps(logs, default=str)
    assert key_id in kept
    for text in (first, second):
        secret = text.rpartition("_")[2]
        assert secret not in kept
        assert secret[:32] not in kept
        assert secret[:16] not in kept


async def _everything_stored(engine: AsyncEngine) -> Mapping[str, list[str]]:
    async with transaction(engine) as session:
        return {
            name: list((await session.execute(select(func.row_to_json(table.table_valued())))).scalars())
            for name, table in metadata.tables.items()
        }


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda key: key[:-1], "api_key_mistyped"),
        (lambda key: key + "0", "api_key_mistyped"),
        (lambda key: key[:60], "api_key_mistyped"),
        (lambda key: key.rpartition("_")[0], "api_key_mistyped"),
        (lambda key: key[:-1] + ("0" if key[-1] != "0" else "1"), "api_key_mistyped"),
        (lambda key: key.upper().replace("CW_TEST_", "cw_test_"), "api_key_mistyped"),
        (lambda key: key.replace("cw_test_", "cw_live_"), "api_key_mistyped"),
        (lambda _: "cw_", "api_key_mistyped"),
        (lambda _: "cw_test_" + "é" * 40, "api_key_mistyped"),
        (lambda _: key_text.mint(Environment.TEST).text.reveal(), "api_key_invalid"),
        (lambda _: key_text.mint(Environment.LIVE).text.reveal(), "api_key_invalid"),
    ],
)
async def test_what_was_cut_mistyped_or_made_up_is_refused(
    workshop: Workshop, change: Any, code: str
) -> None:
    _, key = await workshop.made()
    sent = {"Authorization": f"Bearer {change(key)}".encode()}
    answer = await workshop.client.get("/v1/me", headers=sent)
    assert (answer.status_code, answer.json()["code"]) == (401, code)
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert (await workshop.by(key)).status_code == 200


async def test_the_id_of_a_key_with_another_secret_and_a_right_checksum_is_refused(
    workshop: Workshop,
) -> None:
    _, key = await workshop.made()
    body = key[: -len("0" * 39)] + "0" * 32
    forged = body + key_text._checksum(body)
    assert key_text.read(forged) is not None
    assert await workshop.refusal(forged) == (401, "api_key_invalid")


async def test_known_and_unknown_keys_are_compared_by_their_whole_hash_in_constant_time(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, key = await workshop.made()
    compared: list[tuple[str, str]] = []
    compare = hmac.compare_digest
    monkeypatch.setattr(hmac, "compare_digest", lambda a, b: compared.append((a, b)) or compare(a, b))
    await workshop.by(key)
    await workshop.by(key_text.mint(Environment.TEST).text.reveal())
    [known, unknown] = [pair for pair in compared if len(pair[0]) == 64]
    assert known == (key_text.hash_of(key),) * 2
    assert unknown[0] != unknown[1]


async def test_a_key_ends_when_it_was_said_to(workshop: Workshop) -> None:
    _, key = await workshop.made(days=30)
    workshop.clock.advance(timedelta(days=30) - timedelta(seconds=1))
    assert (await workshop.by(key)).status_code == 200
    workshop.clock.advance(timedelta(seconds=1))
    assert await workshop.refusal(key) == (401, "api_key_expired")


@pytest.mark.parametrize("who", ["developer", "administrator"])
async def test_a_revoked_key_is_refused_from_the_next_request_on(workshop: Workshop, who: str) -> None:
    key_id, key = await workshop.made()
    for _ in range(2):
        ended = await workshop.client.delete(f"{PATH}/{key_id}", headers=workshop.headers[who])
        assert ended.status_code == 204
    assert await workshop.refusal(key) == (401, "api_key_revoked")
    entries = await workshop.client.get("/v1/audit-entries", headers=workshop.headers["administrator"])
    told = [(it["action"], it["actor_id"]) for it in entries.json()["data"] if it["subject_id"] == key_id]
    assert told == [("api_key.revoked", workshop.ids[who]), ("api_key.created", workshop.ids["developer"])]


async def test_keys_of_another_are_out_of_sight(workshop: Workshop) -> None:
    key_id, key = await workshop.made()
    colleague = workshop.headers["colleague"]
    assert await workshop.shown(key_id, "colleague") == 404
    assert (await workshop.rotate(key_id, who="colleague")).status_code == 404
    assert (await workshop.client.delete(f"{PATH}/{key_id}", headers=colleague)).status_code == 404
    assert (await workshop.client.get(PATH, headers=colleague)).json()["data"] == []
    assert (await workshop.by(key)).status_code == 200


async def test_an_administrator_sees_all_keys_but_cannot_make_successors_of_anothers(
    workshop: Workshop,
) -> None:
    key_id, _ = await workshop.made()
    assert (await workshop.shown(key_id, "administrator"))["owner_id"] == workshop.ids["developer"]
    listed = await workshop.client.get(PATH, headers=workshop.headers["administrator"])
    assert [shown["id"] for shown in listed.json()["data"]] == [key_id]
    assert (await workshop.rotate(key_id, who="administrator")).status_code == 404


async def test_scopes_cut_a_key_down(workshop: Workshop) -> None:
    _, key = await workshop.made("rules.read", who="administrator")
    assert (await workshop.by(key, "/v1/rules")).status_code == 200
    assert await workshop.refusal(key, "/v1/users") == (403, "permission_missing")
    assert await workshop.refusal(key, PATH) == (403, "permission_missing")


async def test_what_the_owner_may_no_longer_do_a_key_may_not_either(workshop: Workshop) -> None:
    _, key = await workshop.made("rules.read", "account.read", who="administrator")
    assert (await workshop.by(key, "/v1/rules")).status_code == 200
    async with transaction(workshop.engine) as session:
        await take_role(session, workshop.ids["administrator"], Role.ADMINISTRATOR)
    assert await workshop.refusal(key, "/v1/rules") == (403, "permission_missing")
    assert (await workshop.by(key)).status_code == 200


@pytest.mark.parametrize("scopes", [["rules.write"], ["account.read", "cards.read"], ["api_keys.write"]])
async def test_a_developer_gives_no_key_more_than_they_have(workshop: Workshop, scopes: list[str]) -> None:
    refused = await workshop.make(*scopes)
    assert (refused.status_code, refused.json()["code"]) == (403, "scopes_not_permitted")


async def test_credentials_that_are_cut_down_give_a_key_no_more_than_they_have(
    workshop: Workshop,
) -> None:
    me = await workshop.client.get("/v1/me", headers=workshop.headers["developer"])
    async with transaction(workshop.engine) as session:
        program = await ensure_program(session, slug="demo", name="Demo Program", currency="USD")
        narrow = Principal(me.json()["id"], program.id, scopes=frozenset({"api_keys.write"}))
        now = workshop.clock.now()
        wanted = NewKey("More", frozenset({"account.read"}), now + timedelta(days=1))
        with pytest.raises(Exception, match="cannot give a key these scopes"):
            await create_key(session, wanted, Environment.TEST, owner=narrow, at=now)


@pytest.mark.parametrize("path", [PATH, f"{PATH}/key_01kb3x9p4fe8s8b9xkq5n2r7vt/rotate"])
async def test_making_a_key_needs_a_factor(workshop: Workshop, path: str) -> None:
    signed_in = await sign_in(workshop.engine, workshop.clock, workshop.ids["developer"])
    headers = {**signed_in, "Idempotency-Key": "k"}
    ends_at = (workshop.clock.now() + timedelta(days=1)).isoformat()
    body = {"expires_at": ends_at} | ({"name": "x", "scopes": ["account.read"]} if path == PATH else {})
    answer = await workshop.client.post(path, json=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "factor_required")


async def test_a_key_carries_neither_a_session_nor_a_factor(
    workshop: Workshop, engine: AsyncEngine, clock: MovableClock
) -> None:
    _, key = await workshop.made()
    async with transaction(engine) as session:
        program = await ensure_program(session, slug="demo", name="Demo Program", currency="USD")
        asked = a_request(key)
        principal = await ApiKeys(clock, Environment.TEST, program_id=program.id).authenticate(asked, session)
    assert principal is not None
    assert (principal.session_id, principal.factor_used_at) == (None, None)
    assert principal.scopes == {"account.read"}


@pytest.mark.parametrize("elsewhere", ["program", "environment"])
async def test_a_key_is_refused_by_another_program_and_another_environment(
    workshop: Workshop, engine: AsyncEngine, clock: MovableClock, elsewhere: str
) -> None:
    _, key = await workshop.made()
    async with transaction(engine) as session:
        slug = "another" if elsewhere == "program" else "demo"
        program = await ensure_program(session, slug=slug, name="Demo Program", currency="USD")
        environment = Environment.LIVE if elsewhere == "environment" else Environment.TEST
        asked = a_request(key)
        with pytest.raises(Exception, match="no such API key"):
            await ApiKeys(clock, environment, program_id=program.id).authenticate(asked, session)


async def test_a_rotated_key_and_its_successor_both_count_for_a_while(workshop: Workshop) -> None:
    key_id, old = await workshop.made("account.read", "api_keys.read", days=90)
    rotated = await workshop.rotate(key_id, hours=24)
    assert rotated.status_code == 201
    new = rotated.json()
    assert (new["name"], new["scopes"]) == ("Export", ["account.read", "api_keys.read"])
    assert {(await workshop.by(key)).status_code for key in (old, new["key"])} == {200}
    assert (await workshop.shown(key_id))["replaced_by"] == new["id"]
    workshop.clock.advance(timedelta(hours=24))
    assert await workshop.refusal(old) == (401, "api_key_expired")
    assert (await workshop.by(new["key"])).status_code == 200


async def test_a_rotation_never_lengthens_the_old_key_and_happens_once(workshop: Workshop) -> None:
    key_id, old = await workshop.made(days=1)
    before = (await workshop.shown(key_id))["expires_at"]
    assert (await workshop.rotate(key_id, hours=168)).status_code == 201
    assert (await workshop.shown(key_id))["expires_at"] == before
    again = await workshop.rotate(key_id, key="other")
    assert (again.status_code, again.json()["code"]) == (409, "api_key_replaced")
    await workshop.client.delete(f"{PATH}/{key_id}", headers=workshop.headers["developer"])
    ended = await workshop.rotate(key_id, key="third")
    assert (ended.status_code, ended.json()["code"]) == (409, "api_key_ended")
    assert await workshop.refusal(old) == (401, "api_key_revoked")


async def test_a_rotation_without_overlap_ends_the_old_key_at_once(workshop: Workshop) -> None:
    key_id, old = await workshop.made()
    assert (await workshop.rotate(key_id, hours=0)).status_code == 201
    assert await workshop.refusal(old) == (401, "api_key_expired")


async def test_the_last_use_is_noted_once_a_minute_with_its_address(workshop: Workshop) -> None:
    key_id, key = await workshop.made()
    assert (await workshop.shown(key_id))["last_used_at"] is None
    first = workshop.clock.now()
    await workshop.by(key)
    workshop.clock.advance(timedelta(seconds=59))
    await workshop.by(key)
    shown = await workshop.shown(key_id)
    assert (shown["last_used_at"], shown["last_used_address"]) == (f"{first:%Y-%m-%dT%H:%M:%S}Z", ADDRESS)
    workshop.clock.advance(timedelta(seconds=1))
    await workshop.by(key)
    later = workshop.clock.now()
    assert (await workshop.shown(key_id))["last_used_at"] == f"{later:%Y-%m-%dT%H:%M:%S}Z"


async def test_nobody_holds_more_than_twenty_living_keys(workshop: Workshop) -> None:
    first, _ = await workshop.made()
    for _ in range(19):
        await workshop.made()
    refused = await workshop.make(key="one too many")
    assert (refused.status_code, refused.json()["code"]) == (409, "api_keys_too_many")
    await workshop.client.delete(f"{PATH}/{first}", headers=workshop.headers["developer"])
    assert (await workshop.make(key="one too many")).status_code == 201


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"expires_at": "2026-11-23T12:00:00Z"}, "expiry_invalid"),
        ({"expires_at": "2027-11-23T12:00:01Z"}, "expiry_invalid"),
        ({"expires_at": None}, "validation_failed"),
        ({"expires_at": "2026-12-24T00:00:00"}, "validation_failed"),
        ({"scopes": []}, "validation_failed"),
        ({"scopes": ["cards.fly"]}, "validation_failed"),
        ({"scopes": "account.read"}, "validation_failed"),
        ({"name": ""}, "validation_failed"),
        ({"name": "two\nlines"}, "validation_failed"),
        ({"user_id": "user_1"}, "validation_failed"),
    ],
)
async def test_a_key_that_cannot_be_is_refused(
    workshop: Workshop, changes: Mapping[str, Any], code: str
) -> None:
    refused = await workshop.make(**changes)
    assert (refused.status_code, refused.json()["code"]) == (422, code)


async def test_a_cardholder_makes_no_keys(workshop: Workshop) -> None:
    refused = await workshop.make(who="holder")
    assert (refused.status_code, refused.json()["code"]) == (403, "permission_missing")


def a_request(key: str) -> Request:
    """Return a request that carries a key."""
    return Request({"type": "http", "headers": [(b"authorization", f"Bearer {key}".encode())]})
