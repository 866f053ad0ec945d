"""Registering, signing in and out, and one's sessions, over HTTP."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from background import settled
from browsers import browser_of, cookie_set_by, headers_of
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


async def events(engine: AsyncEngine, clock: MovableClock | None = None) -> list[outbox.Event]:
    return await settled(engine, clock or MovableClock(datetime(2026, 11, 23, 12, 0, tzinfo=UTC)))


async def sent_code(engine: AsyncEngine, clock: MovableClock) -> str:
    """The code that the application's e-mail would tell."""
    codes: EmailCodes = (await provided_for_tests(engine, clock))[EmailCodes]
    (event,) = await events(engine, clock)
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


async def sessions_of(client: httpx.AsyncClient, browser: Mapping[str, str]) -> httpx.Response:
    return await client.get("/v1/auth/sessions", headers=browser)


def without_request_id(response: httpx.Response) -> dict[str, Any]:
    return {name: value for name, value in response.json().items() if name != "request_id"}


@pytest.fixture
async def signed_in(client: httpx.AsyncClient, engine: AsyncEngine, clock: MovableClock) -> Mapping[str, str]:
    """The browser of somebody who registered, proved the address and signed in."""
    registered = await register(client)
    assert registered.status_code == 202
    assert (await verify(client, registered, await sent_code(engine, clock))).status_code == 204
    response = await sign_in(client)
    assert response.status_code == 200
    return browser_of(response)


async def test_signing_up_proving_the_address_and_signing_in(
    client: httpx.AsyncClient, signed_in: Mapping[str, str]
) -> None:
    response = await sessions_of(client, signed_in)
    assert response.status_code == 200
    (shown,) = response.json()["data"]
    assert shown["is_current"] is True
    assert shown["user_agent"].startswith("python-httpx")
    assert shown["methods"] == ["pwd"]
    assert shown["client_address"] == "127.0.0.1"


async def test_signing_in_tells_who_it_was_and_puts_the_secret_into_the_cookie_alone(
    client: httpx.AsyncClient, signed_in: Mapping[str, str]
) -> None:
    response = await sign_in(client)
    told, secret = response.json(), cookie_set_by(response)
    assert told.keys() == {"user_id", "session_id", "state"}
    assert told["state"] == "signed_in"
    assert secret not in response.text
    session_cookie, *_ = response.headers.get_list("set-cookie")
    attributes = session_cookie.partition(";")[2]
    assert {part.strip().lower() for part in attributes.split(";")} == {
        "httponly", "secure", "path=/", "samesite=lax", f"max-age={30 * 24 * 3600}",
    }  # fmt: skip


async def test_signing_in_anew_replaces_the_session_that_the_browser_had(
    client: httpx.AsyncClient, signed_in: Mapping[str, str]
) -> None:
    body = {"email": EMAIL, "password": PASSWORD}
    again = await client.post("/v1/auth/sign-in", json=body, headers=signed_in)
    assert again.status_code == 200
    assert browser_of(again)["Cookie"] != signed_in["Cookie"]
    ended = await sessions_of(client, signed_in)
    assert (ended.status_code, ended.json()["code"]) == (401, "session_ended")
    assert len((await sessions_of(client, browser_of(again))).json()["data"]) == 1


async def test_a_secret_that_somebody_else_chose_is_never_taken_over(
    client: httpx.AsyncClient, signed_in: Mapping[str, str]
) -> None:
    planted = headers_of("c" * 43)
    body = {"email": EMAIL, "password": PASSWORD}
    response = await client.post("/v1/auth/sign-in", json=body, headers=planted)
    assert cookie_set_by(response) != "c" * 43
    assert (await sessions_of(client, planted)).status_code == 401


async def test_a_known_and_an_unknown_address_get_the_same_answer(
    client: httpx.AsyncClient, engine: AsyncEngine, signed_in: Mapping[str, str]
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
    assert (await sign_in(client, password=ATTACKERS_PASSWORD)).status_code == 401
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
    client: httpx.AsyncClient, signed_in: Mapping[str, str]
) -> None:
    wrong = await sign_in(client, password="incorrect horse battery staple")
    unknown = await sign_in(client, email="nobody@example.com")
    assert (wrong.status_code, wrong.json()["code"]) == (401, "credentials_invalid")
    assert without_request_id(wrong) == without_request_id(unknown)
    assert unknown.status_code == 401


async def test_an_unproven_address_does_not_sign_in_and_nobody_learns_that_it_is_unproven(
    client: httpx.AsyncClient, engine: AsyncEngine, clock: MovableClock
) -> None:
    registered = await register(client)
    right = await sign_in(client)
    wrong = await sign_in(client, password="incorrect horse battery staple")
    assert (right.status_code, right.json()["code"]) == (401, "credentials_invalid")
    assert without_request_id(right) == without_request_id(wrong)
    await events(engine)
    assert (await resend(client, registered)).status_code == 202
    assert (await verify(client, registered, await sent_code(engine, clock))).status_code == 204
    assert (await sign_in(client)).status_code == 200


async def test_an_address_is_the_same_in_any_case(
    client: httpx.AsyncClient, signed_in: Mapping[str, str]
) -> None:
    assert (await sign_in(client, email="ADA@Example.COM")).status_code == 200


async def test_a_session_that_lies_unused_ends(
    client: httpx.AsyncClient, clock: MovableClock, signed_in: Mapping[str, str]
) -> None:
    clock.advance(timedelta(days=13))
    assert (await sessions_of(client, signed_in)).status_code == 200
    clock.advance(timedelta(days=13))
    assert (await sessions_of(client, signed_in)).status_code == 200
    clock.advance(timedelta(days=4))
    ended = await sessions_of(client, signed_in)
    assert (ended.status_code, ended.json()["code"]) == (401, "session_ended")


async def test_signing_out_acts_on_the_next_request(
    client: httpx.AsyncClient, signed_in: Mapping[str, str]
) -> None:
    other = browser_of(await sign_in(client))
    gone = await client.post("/v1/auth/sign-out", headers=signed_in)
    assert gone.status_code == 204
    assert (cookie_set_by(gone), "Max-Age=0" in gone.headers["set-cookie"]) == ('""', True)
    assert (await sessions_of(client, signed_in)).status_code == 401
    assert (await client.post("/v1/auth/sign-out", headers=signed_in)).status_code == 401
    assert (await sessions_of(client, other)).status_code == 200


async def test_another_device_can_be_signed_out(
    client: httpx.AsyncClient, signed_in: Mapping[str, str]
) -> None:
    lost_device = browser_of(await sign_in(client))
    shown = (await sessions_of(client, signed_in)).json()["data"]
    assert [session["is_current"] for session in shown] == [False, True]
    path = f"/v1/auth/sessions/{shown[0]['id']}"
    assert (await client.delete(path, headers=signed_in)).status_code == 204
    assert (await sessions_of(client, lost_device)).status_code == 401
    assert (await client.delete(path, headers=signed_in)).status_code == 204
    assert len((await sessions_of(client, signed_in)).json()["data"]) == 1


async def test_other_peoples_sessions_cannot_be_seen_or_ended(
    client: httpx.AsyncClient, engine: AsyncEngine, clock: MovableClock, signed_in: Mapping[str, str]
) -> None:
    await events(engine)
    registered = await register(client, email="eve@example.com", key="key-2")
    await verify(client, registered, await sent_code(engine, clock), email="eve@example.com")
    eve = browser_of(await sign_in(client, email="eve@example.com"))
    (adas,) = (await sessions_of(client, signed_in)).json()["data"]
    (eves,) = (await sessions_of(client, eve)).json()["data"]
    assert adas["id"] != eves["id"]
    refused = await client.delete(f"/v1/auth/sessions/{adas['id']}", headers=eve)
    unknown = await client.delete(f"/v1/auth/sessions/{adas['id'][:-4]}0000", headers=eve)
    assert refused.status_code == unknown.status_code == 404
    assert without_request_id(refused) == without_request_id(unknown)
    assert (await sessions_of(client, signed_in)).status_code == 200


async def test_sessions_are_listed_in_pages(client: httpx.AsyncClient, signed_in: Mapping[str, str]) -> None:
    for _ in range(4):
        await sign_in(client)
    seen, cursor = [], None
    for _ in range(3):
        params = {"limit": "2"} if cursor is None else {"limit": "2", "cursor": cursor}
        page = (await client.get("/v1/auth/sessions", params=params, headers=signed_in)).json()
        seen += [session["id"] for session in page["data"]]
        cursor = page["next_cursor"]
    assert cursor is None
    assert seen == sorted(seen, reverse=True)
    assert len(seen) == 5


@pytest.mark.parametrize("cookie", ["", "x", '""', "a" * 5000, "\u00e9", "a; __Host-cardwright=b"])
async def test_a_cookie_that_we_did_not_make_is_refused(client: httpx.AsyncClient, cookie: str) -> None:
    sent = f"__Host-cardwright={cookie}".encode()
    response = await client.get("/v1/auth/sessions", headers={b"Cookie": sent})
    assert (response.status_code, response.json()["code"]) == (401, "session_ended")


async def test_a_cookie_does_not_help_where_another_credential_fails(
    client: httpx.AsyncClient, signed_in: Mapping[str, str]
) -> None:
    response = await sessions_of(client, {**signed_in, "Authorization": "Bearer x.y.z"})
    assert (response.status_code, response.json()["code"]) == (401, "token_invalid")


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer ", "Bearer x.y.z", "Basic YWRhOng=", "bearer  ", "Bearer é"]
)
async def test_a_request_with_a_token_of_nobody_is_refused(
    client: httpx.AsyncClient, header: str | None
) -> None:
    headers = {} if header is None else {b"Authorization": header.encode()}
    response = await client.get("/v1/auth/sessions", headers=headers)
    assert response.status_code == 401
    assert response.json()["code"] in {"token_missing", "token_invalid"}


@pytest.mark.parametrize(
    ("path", "body", "budget"),
    [
        ("register", {"email": EMAIL, "password": PASSWORD}, limits.REGISTER),
        ("verify-email", {**UNKNOWN, "email": EMAIL, "code": "123456"}, limits.VERIFY_EMAIL),
        ("resend-code", {**UNKNOWN, "email": EMAIL}, limits.RESEND_CODE),
        ("forgot-password", {"email": EMAIL}, limits.FORGOT_PASSWORD),
        ("sign-in", {"email": EMAIL, "password": PASSWORD}, limits.SIGN_IN),
    ],
)
async def test_asking_too_often_is_refused_with_the_time_to_wait(
    client: httpx.AsyncClient, path: str, body: dict[str, str], budget: limits.Budget | limits.SignInBudget
) -> None:
    per_address = budget.per_pair if isinstance(budget, limits.SignInBudget) else budget.per_address
    allowed = int(per_address.partition("/")[0])
    answers = [
        await client.post(f"/v1/auth/{path}", json=body, headers={"Idempotency-Key": f"key-{number}"})
        for number in range(allowed + 1)
    ]
    assert [answer.status_code == 429 for answer in answers] == [False] * allowed + [True]
    assert answers[-1].json()["code"] == "rate_limited"
    assert int(answers[-1].headers["Retry-After"]) > 0


async def test_guesses_at_one_address_are_stopped_before_the_password_is_checked(
    client: httpx.AsyncClient, signed_in: Mapping[str, str]
) -> None:
    answers = [await sign_in(client, password=f"guess number {number} of many") for number in range(25)]
    # Six in fifteen minutes from one client, the first of which signed in rightly.
    assert [answer.status_code for answer in answers] == [401] * 5 + [429] * 20
    assert (await sessions_of(client, signed_in)).status_code == 200
