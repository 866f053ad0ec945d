"""Registering, signing in and staying signed in, over HTTP."""

import asyncio
from datetime import timedelta
from hashlib import sha256
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from builders import provided_for_tests
from cardwright.authentication import EmailCodes, limits
from cardwright.core.clock import MovableClock
from cardwright.core.ids import new_id
from cardwright.db import outbox
from cardwright.db.session import transaction

EMAIL = "ada@example.com"
PASSWORD = "correct horse battery staple"
ATTACKERS_PASSWORD = "a long password of the attacker"
UNKNOWN = {"registration_id": new_id("reg")}


async def register(
    client: httpx.AsyncClient, email: str = EMAIL, password: str = PASSWORD, key: str = "key-1"
) -> httpx.Response:
    body = {"email": email, "password": password}
    return await client.post("/v1/auth/register", json=body, headers={"Idempotency-Key": key})


async def events(engine: AsyncEngine) -> list[outbox.Event]:
    async with transaction(engine) as session:
        return list(await outbox.take(session, 100))


async def sent_code(engine: AsyncEngine, clock: MovableClock) -> str:
    """The code that the application's e-mail would tell."""
    codes: EmailCodes = (await provided_for_tests(engine, clock))[EmailCodes]
    (event,) = await events(engine)
    assert event.type == "authentication.verification_requested"
    return codes.derive(event.payload["verification_id"])


async def verify(
    client: httpx.AsyncClient, registered: httpx.Response, code: str, email: str = EMAIL
) -> httpx.Response:
    body = {**registered.json(), "email": email, "code": code}
    return await client.post("/v1/auth/verify-email", json=body)


async def resend(client: httpx.AsyncClient, registered: httpx.Response, email: str = EMAIL) -> httpx.Response:
    return await client.post("/v1/auth/resend-code", json={**registered.json(), "email": email})


async def sign_in(client: httpx.AsyncClient, email: str = EMAIL, password: str = PASSWORD) -> httpx.Response:
    return await client.post("/v1/auth/sign-in", json={"email": email, "password": password})


async def refresh(client: httpx.AsyncClient, token: str) -> httpx.Response:
    return await client.post("/v1/auth/refresh", json={"refresh_token": token})


async def sessions_of(client: httpx.AsyncClient, tokens: dict[str, Any]) -> httpx.Response:
    return await client.get("/v1/auth/sessions", headers=bearer(tokens))


def bearer(tokens: dict[str, Any]) -> dict[str, str]:
    return {"Authorization": f"Bearer {tokens['access_token']}"}


def without_request_id(response: httpx.Response) -> dict[str, Any]:
    return {name: value for name, value in response.json().items() if name != "request_id"}


@pytest.fixture
async def signed_in(client: httpx.AsyncClient, engine: AsyncEngine, clock: MovableClock) -> dict[str, Any]:
    """The tokens of somebody who registered, proved the address and signed in."""
    registered = await register(client)
    assert registered.status_code == 202
    assert (await verify(client, registered, await sent_code(engine, clock))).status_code == 204
    response = await sign_in(client)
    assert response.status_code == 200
    tokens: dict[str, Any] = response.json()
    return tokens


async def test_signing_up_proving_the_address_and_signing_in(
    client: httpx.AsyncClient, signed_in: dict[str, Any]
) -> None:
    assert signed_in["token_type"] == "Bearer"
    assert signed_in["expires_in"] == 600
    response = await sessions_of(client, signed_in)
    assert response.status_code == 200
    (shown,) = response.json()["data"]
    assert shown["is_current"] is True
    assert shown["user_agent"].startswith("python-httpx")


async def test_a_known_and_an_unknown_address_get_the_same_answer(
    client: httpx.AsyncClient, engine: AsyncEngine, signed_in: dict[str, Any]
) -> None:
    await events(engine)
    known = await register(client, key="key-2")
    unknown = await register(client, email="grace@example.com", key="key-3")
    assert known.status_code == unknown.status_code == 202
    assert set(known.json()) == set(unknown.json()) == {"registration_id"}
    assert {*known.headers} == {*unknown.headers}
    assert [event.type for event in await events(engine)] == [
        "authentication.registration_repeated",
        "authentication.verification_requested",
    ]
    assert (await sign_in(client)).status_code == 200


async def test_registering_again_with_the_same_key_has_no_second_effect(
    client: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    first, second = await register(client), await register(client)
    assert (first.status_code, first.json()) == (second.status_code, second.json())
    assert second.headers["Idempotent-Replayed"] == "true"
    assert len(await events(engine)) == 1
    other = await register(client, password="another correct horse battery")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


async def test_registering_needs_an_idempotency_key(client: httpx.AsyncClient, engine: AsyncEngine) -> None:
    response = await client.post("/v1/auth/register", json={"email": EMAIL, "password": PASSWORD})
    assert (response.status_code, response.json()["code"]) == (400, "idempotency_key_missing")
    assert await events(engine) == []


async def test_the_kept_fingerprint_of_a_registration_is_not_a_plain_digest_of_its_password(
    client: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    response = await register(client)
    body = response.request.content
    async with transaction(engine) as session:
        kept = (await session.execute(text("SELECT fingerprint FROM idempotency_keys"))).scalar_one()
    assert kept != sha256(b"POST /v1/auth/register\n" + body).hexdigest()
    assert len(kept) == 64


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"email": EMAIL, "password": "too short"}, "password_unacceptable"),
        ({"email": EMAIL, "password": "a" * 129}, "password_unacceptable"),
        ({"email": "adalovelace@example.com", "password": "adalovelace forever"}, "password_unacceptable"),
        ({"email": "ada@localhost", "password": PASSWORD}, "email_invalid"),
        ({"email": "ada@example.com\n", "password": PASSWORD}, "email_invalid"),
        ({"email": EMAIL, "password": 123456789012345}, "validation_failed"),
        ({"email": EMAIL, "password": PASSWORD, "role": "admin"}, "validation_failed"),
        ({"email": EMAIL, "password": PASSWORD, "verified_at": "2026-01-01"}, "validation_failed"),
        ({"email": EMAIL}, "validation_failed"),
        ([], "validation_failed"),
    ],
)
async def test_a_wrong_registration_is_refused_and_changes_nothing(
    client: httpx.AsyncClient, engine: AsyncEngine, body: Any, code: str
) -> None:
    response = await client.post("/v1/auth/register", json=body, headers={"Idempotency-Key": "key-1"})
    assert (response.status_code, response.json()["code"]) == (422, code)
    assert response.headers["content-type"] == "application/problem+json"
    assert PASSWORD not in response.text
    assert await events(engine) == []


@pytest.mark.parametrize("escape", [r"\ud800", r"\u0000"])
async def test_characters_that_no_keyboard_types_do_no_harm(client: httpx.AsyncClient, escape: str) -> None:
    body = f'{{"email":"ada@example.com","password":"correct horse {escape} battery"}}'
    headers = {"Idempotency-Key": "key-1", "Content-Type": "application/json"}
    answers = [
        await client.post(f"/v1/auth/{path}", content=body, headers=headers)
        for path in ("register", "sign-in")
    ]
    assert [answer.json()["code"] for answer in answers] == ["json_invalid", "json_invalid"]


async def test_wrong_codes_are_counted_although_the_answer_is_an_error(
    client: httpx.AsyncClient, engine: AsyncEngine, clock: MovableClock
) -> None:
    registered = await register(client)
    code = await sent_code(engine, clock)
    wrong = str((int(code) + 1) % 10**6).zfill(6)
    answers = [await verify(client, registered, wrong) for _ in range(5)]
    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(422, "code_invalid")}
    right_too_late = await verify(client, registered, code)
    assert right_too_late.status_code == 422
    assert without_request_id(right_too_late) == without_request_id(answers[0])


async def test_a_refused_code_tells_nothing_about_why(
    client: httpx.AsyncClient, engine: AsyncEngine, clock: MovableClock
) -> None:
    registered = await register(client)
    code = await sent_code(engine, clock)
    refused = [await verify(client, registered, code, email="nobody@example.com")]
    unknown_id = {"registration_id": new_id("reg"), "email": EMAIL, "code": code}
    refused.append(await client.post("/v1/auth/verify-email", json=unknown_id))
    clock.advance(timedelta(minutes=11))
    refused.append(await verify(client, registered, code))
    await resend(client, registered)
    fresh = await sent_code(engine, clock)
    assert (await verify(client, registered, fresh)).status_code == 204
    refused.append(await verify(client, registered, fresh))
    refused.append(await verify(client, await register(client, key="of a proven address"), fresh))
    assert {answer.status_code for answer in refused} == {422}
    assert all(without_request_id(answer) == without_request_id(refused[0]) for answer in refused)


async def test_asking_for_another_code_is_answered_alike_for_everybody(
    client: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    registered = await register(client)
    await events(engine)
    waiting = await resend(client, registered)
    unknown = await resend(client, registered, email="nobody@example.com")
    unknown_id = {"registration_id": new_id("reg"), "email": EMAIL}
    foreign = await client.post("/v1/auth/resend-code", json=unknown_id)
    assert {(it.status_code, it.content) for it in (waiting, unknown, foreign)} == {(202, b"")}
    assert len(await events(engine)) == 1


@pytest.mark.parametrize("path", ["verify-email", "resend-code"])
async def test_what_is_no_id_of_a_registration_is_refused_in_any_case(
    client: httpx.AsyncClient, path: str
) -> None:
    body = {"email": EMAIL} | ({"code": "123456"} if path == "verify-email" else {})
    for wrong in ({}, {"registration_id": "reg_1"}, {"registration_id": None}):
        answer = await client.post(f"/v1/auth/{path}", json={**body, **wrong})
        assert (answer.status_code, answer.json()["code"]) == (422, "validation_failed")


@pytest.mark.parametrize("is_attacker_first", [True, False])
async def test_nobody_makes_the_owner_of_a_mailbox_prove_it_for_a_password_of_theirs(
    client: httpx.AsyncClient, engine: AsyncEngine, clock: MovableClock, *, is_attacker_first: bool
) -> None:
    passwords = [PASSWORD, ATTACKERS_PASSWORD]
    made = {}
    for password in reversed(passwords) if is_attacker_first else passwords:
        registered = await register(client, password=password, key=f"key of {password}")
        made[password] = registered, await sent_code(engine, clock)
    (victims, victims_code), (attackers, attackers_code) = made[PASSWORD], made[ATTACKERS_PASSWORD]
    # Whichever mail is read first: the attacker's code confirms nothing for the victim.
    assert (await verify(client, victims, attackers_code)).status_code == 422
    assert (await sign_in(client, password=ATTACKERS_PASSWORD)).status_code in {401, 403}
    assert (await verify(client, victims, victims_code)).status_code == 204
    assert (await verify(client, attackers, attackers_code)).status_code == 422
    refused = await sign_in(client, password=ATTACKERS_PASSWORD)
    assert (refused.status_code, refused.json()["code"]) == (401, "credentials_invalid")
    assert (await sign_in(client)).status_code == 200


async def test_registering_again_does_not_end_the_code_of_somebody_else(
    client: httpx.AsyncClient, engine: AsyncEngine, clock: MovableClock
) -> None:
    victims = await register(client)
    code = await sent_code(engine, clock)
    attackers = await register(client, password=ATTACKERS_PASSWORD, key="key-2")
    await resend(client, attackers)
    for _ in range(6):
        assert (await verify(client, attackers, code)).status_code == 422
    assert (await verify(client, victims, code)).status_code == 204
    assert (await sign_in(client)).status_code == 200


async def test_keys_of_different_addresses_do_not_meet(
    client: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    adas = await register(client, key="1")
    graces = await register(client, email="grace@example.com", key="1")
    again = await register(client, key="1")
    assert adas.status_code == graces.status_code == 202
    assert adas.json() != graces.json()
    assert adas.json() == again.json()
    assert len(await events(engine)) == 2
    async with transaction(engine) as session:
        callers = (await session.execute(text("SELECT caller_id FROM idempotency_keys"))).scalars().all()
    assert all(caller.startswith("public:") and "@" not in caller for caller in callers)


async def test_a_wrong_password_and_an_unknown_address_are_answered_alike(
    client: httpx.AsyncClient, signed_in: dict[str, Any]
) -> None:
    wrong = await sign_in(client, password="incorrect horse battery staple")
    unknown = await sign_in(client, email="nobody@example.com")
    assert (wrong.status_code, wrong.json()["code"]) == (401, "credentials_invalid")
    assert without_request_id(wrong) == without_request_id(unknown)
    assert unknown.status_code == 401


async def test_an_unproven_address_does_not_sign_in_and_only_its_owner_is_told_why(
    client: httpx.AsyncClient,
) -> None:
    await register(client)
    right = await sign_in(client)
    assert (right.status_code, right.json()["code"]) == (403, "email_unverified")
    wrong = await sign_in(client, password="incorrect horse battery staple")
    assert (wrong.status_code, wrong.json()["code"]) == (401, "credentials_invalid")


async def test_an_address_is_the_same_in_any_case(
    client: httpx.AsyncClient, signed_in: dict[str, Any]
) -> None:
    assert (await sign_in(client, email="ADA@Example.COM")).status_code == 200


async def test_refreshing_rotates_and_reuse_ends_the_session_at_once(
    client: httpx.AsyncClient, clock: MovableClock, signed_in: dict[str, Any]
) -> None:
    rotated = (await refresh(client, signed_in["refresh_token"])).json()
    assert (await sessions_of(client, rotated)).status_code == 200
    clock.advance(timedelta(seconds=31))
    reused = await refresh(client, signed_in["refresh_token"])
    assert (reused.status_code, reused.json()["code"]) == (401, "refresh_token_invalid")
    ended = await sessions_of(client, rotated)
    assert (ended.status_code, ended.json()["code"]) == (401, "session_ended")
    assert (await refresh(client, rotated["refresh_token"])).status_code == 401


async def test_a_retry_of_a_lost_answer_does_not_sign_out(
    client: httpx.AsyncClient, clock: MovableClock, signed_in: dict[str, Any]
) -> None:
    await refresh(client, signed_in["refresh_token"])
    clock.advance(timedelta(seconds=10))
    retried = await refresh(client, signed_in["refresh_token"])
    assert retried.status_code == 200
    assert (await sessions_of(client, retried.json())).status_code == 200


async def test_many_refreshes_at_once_do_not_sign_out(
    client: httpx.AsyncClient, signed_in: dict[str, Any]
) -> None:
    answers = await asyncio.gather(*(refresh(client, signed_in["refresh_token"]) for _ in range(10)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["refresh_token"] for answer in answers}) == 10
    assert (await sessions_of(client, answers[3].json())).status_code == 200


async def test_an_access_token_expires(
    client: httpx.AsyncClient, clock: MovableClock, signed_in: dict[str, Any]
) -> None:
    clock.advance(timedelta(minutes=10))
    response = await sessions_of(client, signed_in)
    assert (response.status_code, response.json()["code"]) == (401, "token_invalid")
    assert response.headers["WWW-Authenticate"] == "Bearer"
    assert (await refresh(client, signed_in["refresh_token"])).status_code == 200


async def test_signing_out_acts_on_the_next_request(
    client: httpx.AsyncClient, signed_in: dict[str, Any]
) -> None:
    other = (await sign_in(client)).json()
    assert (await client.post("/v1/auth/sign-out", headers=bearer(signed_in))).status_code == 204
    assert (await sessions_of(client, signed_in)).status_code == 401
    assert (await refresh(client, signed_in["refresh_token"])).status_code == 401
    assert (await sessions_of(client, other)).status_code == 200


async def test_another_device_can_be_signed_out(client: httpx.AsyncClient, signed_in: dict[str, Any]) -> None:
    lost_device = (await sign_in(client)).json()
    shown = (await sessions_of(client, signed_in)).json()["data"]
    assert [session["is_current"] for session in shown] == [False, True]
    path = f"/v1/auth/sessions/{shown[0]['id']}"
    assert (await client.delete(path, headers=bearer(signed_in))).status_code == 204
    assert (await sessions_of(client, lost_device)).status_code == 401
    assert (await client.delete(path, headers=bearer(signed_in))).status_code == 204
    assert len((await sessions_of(client, signed_in)).json()["data"]) == 1


async def test_other_peoples_sessions_cannot_be_seen_or_ended(
    client: httpx.AsyncClient, engine: AsyncEngine, clock: MovableClock, signed_in: dict[str, Any]
) -> None:
    await events(engine)
    registered = await register(client, email="eve@example.com", key="key-2")
    await verify(client, registered, await sent_code(engine, clock), email="eve@example.com")
    eve = (await sign_in(client, email="eve@example.com")).json()
    (adas,) = (await sessions_of(client, signed_in)).json()["data"]
    (eves,) = (await sessions_of(client, eve)).json()["data"]
    assert adas["id"] != eves["id"]
    refused = await client.delete(f"/v1/auth/sessions/{adas['id']}", headers=bearer(eve))
    unknown = await client.delete(f"/v1/auth/sessions/{adas['id'][:-4]}0000", headers=bearer(eve))
    assert refused.status_code == unknown.status_code == 404
    assert without_request_id(refused) == without_request_id(unknown)
    assert (await sessions_of(client, signed_in)).status_code == 200


async def test_sessions_are_listed_in_pages(client: httpx.AsyncClient, signed_in: dict[str, Any]) -> None:
    for _ in range(4):
        await sign_in(client)
    seen, cursor = [], None
    for _ in range(3):
        params = {"limit": "2"} if cursor is None else {"limit": "2", "cursor": cursor}
        page = (await client.get("/v1/auth/sessions", params=params, headers=bearer(signed_in))).json()
        seen += [session["id"] for session in page["data"]]
        cursor = page["next_cursor"]
    assert cursor is None
    assert seen == sorted(seen, reverse=True)
    assert len(seen) == 5


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer ", "Bearer x.y.z", "Basic YWRhOng=", "bearer  ", "Bearer é"]
)
async def test_a_request_without_a_token_of_ours_is_refused(
    client: httpx.AsyncClient, header: str | None
) -> None:
    headers = {} if header is None else {b"Authorization": header.encode()}
    response = await client.get("/v1/auth/sessions", headers=headers)
    assert response.status_code == 401
    assert response.json()["code"] in {"token_missing", "token_invalid"}


async def test_the_key_set_is_published(client: httpx.AsyncClient) -> None:
    response = await client.get("/.well-known/jwks.json")
    assert response.status_code == 200
    (key,) = response.json()["keys"]
    assert (key["kty"], key["crv"], key["alg"]) == ("OKP", "Ed25519", "Ed25519")
    assert "d" not in key


@pytest.mark.parametrize(
    ("path", "body", "budget"),
    [
        ("register", {"email": EMAIL, "password": PASSWORD}, limits.REGISTER),
        ("verify-email", {**UNKNOWN, "email": EMAIL, "code": "123456"}, limits.VERIFY_EMAIL),
        ("resend-code", {**UNKNOWN, "email": EMAIL}, limits.RESEND_CODE),
        ("sign-in", {"email": EMAIL, "password": PASSWORD}, limits.SIGN_IN),
    ],
)
async def test_asking_too_often_is_refused_with_the_time_to_wait(
    client: httpx.AsyncClient, path: str, body: dict[str, str], budget: limits.Budget
) -> None:
    allowed = int(budget.per_address.partition("/")[0])
    answers = [
        await client.post(f"/v1/auth/{path}", json=body, headers={"Idempotency-Key": f"key-{number}"})
        for number in range(allowed + 1)
    ]
    assert [answer.status_code == 429 for answer in answers] == [False] * allowed + [True]
    assert answers[-1].json()["code"] == "rate_limited"
    assert int(answers[-1].headers["Retry-After"]) > 0


async def test_guesses_at_one_address_are_stopped_before_the_password_is_checked(
    client: httpx.AsyncClient, signed_in: dict[str, Any]
) -> None:
    answers = [await sign_in(client, password=f"guess number {number} of many") for number in range(25)]
    # Ten in fifteen minutes, the first of which signed in rightly.
    assert [answer.status_code for answer in answers] == [401] * 9 + [429] * 16
    assert (await sessions_of(client, signed_in)).status_code == 200
