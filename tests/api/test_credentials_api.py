"""Forgotten and changed passwords, and changed e-mail addresses, over HTTP."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any

import httpx
import pyotp
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

import browsers
from background import settled
from builders import provided_for_tests
from cardwright.authentication import AccountLinks, EmailCodes, Letter, create_verified_identity, find_letter
from cardwright.authentication.factors.domain import Owner
from cardwright.authentication.factors.totp import begin_totp, confirm_totp
from cardwright.authentication.known_devices import COOKIE as DEVICE
from cardwright.core.clock import MovableClock
from cardwright.db.outbox import Event
from cardwright.db.session import transaction
from cardwright.programs import Program

EMAIL, NEW_EMAIL = "ada@example.com", "ada@new.example"
PASSWORD, NEW_PASSWORD = "correct horse battery staple", "seven lamps in the window"
SECRETS = {
    "authentication.password_reset_issued": "reset_link",
    "authentication.email_code_requested": "email_change_code",
    "authentication.email_change_requested": "email_change_veto",
    "authentication.email_changed": "email_change_veto",
}

Post = Callable[..., Awaitable[httpx.Response]]
NEW_DEVICE = "authentication.signed_in_from_new_device"


class Ada:
    """Somebody with an account, who reads what the product sends."""

    def __init__(self, client: httpx.AsyncClient, engine: AsyncEngine, clock: MovableClock) -> None:
        self.client, self.engine, self.clock = client, engine, clock
        self.user_id = ""
        self.headers: Mapping[str, str] = {}
        self.events: list[Event] = []

    async def post(self, path: str, **body: str) -> httpx.Response:
        return await self.client.post(f"/v1/auth/{path}", json=body, headers=self.headers)

    async def sign_in(self, password: str = PASSWORD, email: str = EMAIL) -> httpx.Response:
        body = {"email": email, "password": password}
        return await self.client.post("/v1/auth/sign-in", json=body)

    async def is_signed_in(self, headers: Mapping[str, str] | None = None) -> bool:
        found = await self.client.get("/v1/me", headers=headers or self.headers)
        return found.status_code == 200

    async def read(self) -> list[str]:
        """Let the background work; return the types of what happened since."""
        fresh = await settled(self.engine, self.clock)
        self.events += fresh
        return [event.type for event in fresh]

    async def letter(self, event_type: str) -> Letter | None:
        """Return what the newest message of a type would carry now."""
        event = [found for found in self.events if found.type == event_type][-1]
        provided = await provided_for_tests(self.engine, self.clock)
        secret: Any = SECRETS[event_type]
        async with transaction(self.engine) as session:
            codes, links = provided[EmailCodes], provided[AccountLinks]
            return await find_letter(session, codes, links, secret, event.payload)

    async def told(self, event_type: str, name: str) -> str:
        letter = await self.letter(event_type)
        assert letter is not None
        return letter.facts[name].rpartition("#")[2]


@pytest.fixture
async def ada(client: httpx.AsyncClient, engine: AsyncEngine, clock: MovableClock) -> Ada:
    made = Ada(client, engine, clock)
    program = (await provided_for_tests(engine, clock))[Program]
    async with transaction(engine) as session:
        made.user_id = await create_verified_identity(session, EMAIL, PASSWORD, program.id, clock.now())
    made.headers = await browsers.sign_in(engine, clock, made.user_id)
    return made


@pytest.fixture
def enrolled(engine: AsyncEngine, clock: MovableClock) -> Callable[[Ada], Awaitable[None]]:
    """Give somebody an authenticator app."""

    async def enroll(ada: Ada) -> None:
        program = (await provided_for_tests(engine, clock))[Program]
        owner, at = Owner(ada.user_id, program.id), clock.now()
        async with transaction(engine) as session:
            begun = await begin_totp(session, owner, account=EMAIL, issuer="tests", at=at)
            code = pyotp.parse_uri(begun.uri.reveal()).at(at)
            assert await confirm_totp(session, owner, code, at)
        await settled(engine, clock)

    return enroll


async def asked_for_reset(ada: Ada) -> str:
    assert (await ada.post("forgot-password", email=EMAIL)).status_code == 202
    assert await ada.read() == ["authentication.password_reset_issued"]
    return await ada.told("authentication.password_reset_issued", "link")


async def asked_for_change(ada: Ada, new_email: str = NEW_EMAIL) -> str:
    asked = await ada.post("email-changes", password=PASSWORD, new_email=new_email)
    assert asked.status_code == 202, asked.text
    await ada.read()
    return str(asked.json()["email_change_id"])


async def changed(ada: Ada) -> str:
    change_id = await asked_for_change(ada)
    code = await ada.told("authentication.email_code_requested", "code")
    done = await ada.post("email-changes/confirm", email_change_id=change_id, code=code)
    assert done.status_code == 204, done.text
    await ada.read()
    return change_id


async def test_a_forgotten_password_is_replaced_and_every_session_ends(ada: Ada) -> None:
    token = await asked_for_reset(ada)
    assert (await ada.post("reset-password", token=token, new_password=NEW_PASSWORD)).status_code == 204
    assert not await ada.is_signed_in()
    assert (await ada.sign_in(PASSWORD)).status_code == 401
    assert (await ada.sign_in(NEW_PASSWORD)).status_code == 200
    assert await ada.read() == ["authentication.password_changed", NEW_DEVICE]


async def test_a_reset_signs_nobody_in(ada: Ada) -> None:
    token = await asked_for_reset(ada)
    answer = await ada.client.post(
        "/v1/auth/reset-password", json={"token": token, "new_password": NEW_PASSWORD}
    )
    assert {cookie.partition("=")[0] for cookie in answer.headers.get_list("set-cookie")} == {DEVICE}


async def test_a_link_is_good_once(ada: Ada) -> None:
    token = await asked_for_reset(ada)
    assert (await ada.post("reset-password", token=token, new_password=NEW_PASSWORD)).status_code == 204
    again = await ada.post("reset-password", token=token, new_password="another long one than that")
    assert (again.status_code, again.json()["code"]) == (422, "link_invalid")
    assert (await ada.sign_in(NEW_PASSWORD)).status_code == 200
    assert await ada.letter("authentication.password_reset_issued") is None


async def test_a_link_ends_after_half_an_hour(ada: Ada) -> None:
    token = await asked_for_reset(ada)
    ada.clock.advance(timedelta(minutes=30))
    late = await ada.post("reset-password", token=token, new_password=NEW_PASSWORD)
    assert late.json()["code"] == "link_invalid"


async def test_a_used_link_ends_the_others(ada: Ada) -> None:
    first = await asked_for_reset(ada)
    second = await asked_for_reset(ada)
    assert (await ada.post("reset-password", token=second, new_password=NEW_PASSWORD)).status_code == 204
    assert (await ada.post("reset-password", token=first, new_password=PASSWORD)).status_code == 422


@pytest.mark.parametrize(
    "spoil", [lambda t: t[:-1], lambda t: "x" + t, lambda t: t.partition(".")[0], lambda _t: "a.b"]
)
async def test_a_link_that_was_made_up_opens_nothing(ada: Ada, spoil: Callable[[str], str]) -> None:
    token = spoil(await asked_for_reset(ada))
    answer = await ada.post("reset-password", token=token, new_password=NEW_PASSWORD)
    assert (answer.status_code, answer.json()["code"]) == (422, "link_invalid")


async def test_a_weak_new_password_leaves_the_link_as_it_is(ada: Ada) -> None:
    token = await asked_for_reset(ada)
    weak = await ada.post("reset-password", token=token, new_password="qwerty123456789")
    assert (weak.json()["code"], weak.json()["reason"]) == ("password_unacceptable", "common")
    assert (await ada.post("reset-password", token=token, new_password=NEW_PASSWORD)).status_code == 204


async def test_neither_token_nor_address_is_stored_in_the_clear(ada: Ada) -> None:
    token = await asked_for_reset(ada)
    await ada.post("forgot-password", email="nobody@example.com")
    async with transaction(ada.engine) as session:
        stored = (await session.execute(text("SELECT r::text FROM password_resets r"))).scalars().all()
        queued = (await session.execute(text("SELECT o::text FROM outbox o"))).scalars().all()
    kept = " ".join([*stored, *queued])
    assert token.partition(".")[2] not in kept
    assert "nobody@example.com" not in kept


async def test_forgetting_leaves_nothing_behind_for_an_address_that_nobody_has(ada: Ada) -> None:
    answer = await ada.post("forgot-password", email="nobody@example.com")
    assert (answer.status_code, answer.content) == (202, b"")
    assert await ada.read() == []
    async with transaction(ada.engine) as session:
        assert (await session.execute(text("SELECT count(*) FROM password_resets"))).scalar_one() == 0


async def test_an_unproven_address_is_sent_no_link(ada: Ada) -> None:
    body = {"email": "grace@example.com", "password": PASSWORD}
    await ada.client.post("/v1/auth/register", json=body, headers={"Idempotency-Key": "key-1"})
    assert (await ada.post("forgot-password", email="grace@example.com")).status_code == 202
    assert "authentication.password_reset_issued" not in await ada.read()


async def test_a_changed_password_ends_the_other_sessions_and_keeps_this_one(ada: Ada) -> None:
    other = await browsers.sign_in(ada.engine, ada.clock, ada.user_id)
    done = await ada.post("change-password", password=PASSWORD, new_password=NEW_PASSWORD)
    assert done.status_code == 204
    assert (await ada.is_signed_in(), await ada.is_signed_in(other)) == (True, False)
    assert (await ada.sign_in(PASSWORD)).status_code == 401
    assert (await ada.sign_in(NEW_PASSWORD)).status_code == 200
    assert await ada.read() == [NEW_DEVICE, "authentication.password_changed", NEW_DEVICE]


async def test_a_wrong_password_changes_nothing(ada: Ada) -> None:
    for path, body in (
        ("change-password", {"new_password": NEW_PASSWORD}),
        ("email-changes", {"new_email": NEW_EMAIL}),
    ):
        wrong = await ada.post(path, password="not my password at all", **body)
        assert (wrong.status_code, wrong.json()["code"]) == (422, "password_wrong")
    assert (await ada.sign_in(PASSWORD)).status_code == 200
    assert await ada.read() == [NEW_DEVICE]


async def test_somebody_who_stole_a_session_cannot_guess_the_password_for_long(ada: Ada) -> None:
    answers = [
        await ada.post("change-password", password=f"guess number {n}", new_password=NEW_PASSWORD)
        for n in range(12)
    ]
    assert [answer.status_code for answer in answers] == [422] * 10 + [429] * 2


async def test_an_address_is_changed_with_the_code_that_the_new_one_was_sent(ada: Ada) -> None:
    other = await browsers.sign_in(ada.engine, ada.clock, ada.user_id)
    await changed(ada)
    assert (await ada.is_signed_in(), await ada.is_signed_in(other)) == (True, False)
    assert (await ada.sign_in(email=EMAIL)).status_code == 401
    assert (await ada.sign_in(email=NEW_EMAIL)).status_code == 200
    letter = await ada.letter("authentication.email_changed")
    assert letter is not None
    assert letter.address == EMAIL


async def test_the_old_address_is_told_at_once_and_the_new_one_gets_the_code(ada: Ada) -> None:
    await asked_for_change(ada)
    code = await ada.letter("authentication.email_code_requested")
    veto = await ada.letter("authentication.email_change_requested")
    assert (code and code.address, veto and veto.address) == (NEW_EMAIL, EMAIL)


async def test_a_code_for_a_new_address_ends_after_five_tries(ada: Ada) -> None:
    change_id = await asked_for_change(ada)
    code = await ada.told("authentication.email_code_requested", "code")
    wrong = str((int(code) + 1) % 10**6).zfill(6)
    for tried in (*[wrong] * 5, code):
        answer = await ada.post("email-changes/confirm", email_change_id=change_id, code=tried)
        assert (answer.status_code, answer.json()["code"]) == (422, "code_invalid")
    assert (await ada.sign_in(email=EMAIL)).status_code == 200


async def test_a_code_for_a_new_address_is_bound_to_its_change_and_ends_after_ten_minutes(ada: Ada) -> None:
    first = await asked_for_change(ada)
    code = await ada.told("authentication.email_code_requested", "code")
    second = await asked_for_change(ada, "ada@other.example")
    for change_id in (first, second):
        assert (
            await ada.post("email-changes/confirm", email_change_id=change_id, code=code)
        ).status_code == 422
    fresh = await ada.told("authentication.email_code_requested", "code")
    ada.clock.advance(timedelta(minutes=10))
    assert (await ada.post("email-changes/confirm", email_change_id=second, code=fresh)).status_code == 422


async def test_an_address_that_somebody_has_gets_the_same_answer_and_no_code(ada: Ada) -> None:
    program = (await provided_for_tests(ada.engine, ada.clock))[Program]
    async with transaction(ada.engine) as session:
        await create_verified_identity(session, NEW_EMAIL, PASSWORD, program.id, ada.clock.now())
    await asked_for_change(ada)
    assert await ada.letter("authentication.email_code_requested") is None


async def test_a_proven_change_wins_over_an_unproven_registration(ada: Ada) -> None:
    body = {"email": NEW_EMAIL, "password": PASSWORD}
    await ada.client.post("/v1/auth/register", json=body, headers={"Idempotency-Key": "key-1"})
    await ada.read()
    await changed(ada)
    assert (await ada.sign_in(email=NEW_EMAIL)).status_code == 200


async def test_the_old_address_stops_a_change_before_it_happens(ada: Ada) -> None:
    change_id = await asked_for_change(ada)
    code = await ada.told("authentication.email_code_requested", "code")
    veto = await ada.told("authentication.email_change_requested", "link")
    assert (await ada.client.post("/v1/auth/email-changes/veto", json={"token": veto})).status_code == 204
    assert not await ada.is_signed_in()
    ada.headers = await browsers.sign_in(ada.engine, ada.clock, ada.user_id)
    assert (await ada.post("email-changes/confirm", email_change_id=change_id, code=code)).status_code == 422


async def test_the_old_address_takes_the_account_back_for_a_week(ada: Ada) -> None:
    await changed(ada)
    veto = await ada.told("authentication.email_changed", "link")
    ada.clock.advance(timedelta(days=6))
    assert (await ada.client.post("/v1/auth/email-changes/veto", json={"token": veto})).status_code == 204
    assert await ada.read() == ["authentication.password_reset_issued"]
    assert not await ada.is_signed_in()
    for email in (EMAIL, NEW_EMAIL):
        assert (await ada.sign_in(email=email)).status_code == 401
    letter = await ada.letter("authentication.password_reset_issued")
    assert letter is not None
    assert letter.address == EMAIL
    token = await ada.told("authentication.password_reset_issued", "link")
    assert (await ada.post("reset-password", token=token, new_password=NEW_PASSWORD)).status_code == 204
    assert (await ada.sign_in(NEW_PASSWORD)).status_code == 200
    again = await ada.client.post("/v1/auth/email-changes/veto", json={"token": veto})
    assert again.json()["code"] == "link_invalid"


async def test_after_a_week_a_change_stands(ada: Ada) -> None:
    await changed(ada)
    veto = await ada.told("authentication.email_changed", "link")
    ada.clock.advance(timedelta(days=7))
    assert (await ada.client.post("/v1/auth/email-changes/veto", json={"token": veto})).status_code == 422
    assert (await ada.sign_in(email=NEW_EMAIL)).status_code == 200


async def test_a_link_of_one_kind_is_good_for_nothing_else(ada: Ada) -> None:
    reset = await asked_for_reset(ada)
    await asked_for_change(ada)
    veto = await ada.told("authentication.email_change_requested", "link")
    assert (await ada.post("reset-password", token=veto, new_password=NEW_PASSWORD)).status_code == 422
    assert (await ada.post("email-changes/veto", token=reset)).status_code == 422


async def test_whoever_has_a_second_factor_uses_it_before_changing_credentials(
    ada: Ada, enrolled: Callable[[Ada], Awaitable[None]]
) -> None:
    await enrolled(ada)
    for path, body in (
        ("change-password", {"password": PASSWORD, "new_password": NEW_PASSWORD}),
        ("email-changes", {"password": PASSWORD, "new_email": NEW_EMAIL}),
    ):
        refused = await ada.post(path, **body)
        assert (refused.status_code, refused.json()["code"]) == (401, "step_up_required")
    async with transaction(ada.engine) as session:
        await session.execute(text("UPDATE auth_sessions SET factor_used_at = :at"), {"at": ada.clock.now()})
    done = await ada.post("change-password", password=PASSWORD, new_password="four lamps x")
    assert done.status_code == 204, done.text


async def test_a_reset_leaves_the_second_factor_to_be_asked_for(
    ada: Ada, enrolled: Callable[[Ada], Awaitable[None]]
) -> None:
    await enrolled(ada)
    token = await asked_for_reset(ada)
    assert (await ada.post("reset-password", token=token, new_password="four lamps x")).status_code == 204
    answer = await ada.sign_in("four lamps x")
    assert (answer.status_code, answer.json()["state"]) == (200, "factor_required")
