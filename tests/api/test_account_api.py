"""Proving phone numbers and closing accounts, over HTTP."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

import browsers
from background import settled
from builders import provided_for_tests
from cardwright import users
from cardwright.access import Role
from cardwright.authentication import EmailCodes, Letter, create_verified_identity
from cardwright.cards import CardState
from cardwright.core.clock import MovableClock
from cardwright.db.jobs import Work
from cardwright.programs import Program
from cardwright.users import find_phone_letter
from integration.payments import holders
from staff import grant_role

EMAIL, PASSWORD = "ada@example.com", "correct horse battery staple"
PHONE, OTHER_PHONE = "+16175551234", "+447400123456"
PROFILE: dict[str, Any] = {
    "full_name": "Ada Lovelace",
    "date_of_birth": "1985-12-10",
    "locale": "en-GB",
    "time_zone": "Europe/London",
    "phone": PHONE,
}


class Ada:
    """Somebody signed in with a profile, who reads their text messages."""

    def __init__(
        self, client: httpx.AsyncClient, work: Work, user_id: str, headers: Mapping[str, str]
    ) -> None:
        self.client, self.work, self.user_id, self.headers = client, work, user_id, headers

    async def post(self, path: str, **body: str) -> httpx.Response:
        return await self.client.post(path, json=body, headers=self.headers)

    async def profile(self) -> Any:
        return (await self.client.get("/v1/me", headers=self.headers)).json()["profile"]

    async def put_profile(self, **change: Any) -> httpx.Response:
        return await self.client.put("/v1/me/profile", json={**PROFILE, **change}, headers=self.headers)

    async def events(self) -> list[Any]:
        clock: Any = self.work.clock
        return await settled(self.work.engine, clock)

    async def ask(self, phone: str = PHONE) -> httpx.Response:
        return await self.post("/v1/me/phone-verifications", phone=phone)

    async def letter(self, verification_id: str) -> Letter | None:
        async with self.work.transaction() as session:
            codes = self.work.get(EmailCodes)
            return await find_phone_letter(session, codes, "phone_code", verification_id)

    async def code(self, verification_id: str) -> str:
        letter = await self.letter(verification_id)
        assert letter is not None
        return letter.facts["code"]

    async def confirm(self, verification_id: str, code: str) -> httpx.Response:
        return await self.post(f"/v1/me/phone-verifications/{verification_id}/confirm", code=code)

    async def prove(self, phone: str = PHONE) -> None:
        verification_id = (await self.ask(phone)).json()["phone_verification_id"]
        assert (await self.confirm(verification_id, await self.code(verification_id))).status_code == 204


@pytest.fixture
async def work(engine: AsyncEngine, clock: MovableClock) -> Work:
    return Work(engine, clock, await provided_for_tests(engine, clock))


async def somebody(client: httpx.AsyncClient, work: Work, email: str = EMAIL) -> Ada:
    async with work.transaction() as session:
        program = work.get(Program)
        user_id = await create_verified_identity(session, email, PASSWORD, program.id, work.clock.now())
    return Ada(client, work, user_id, await browsers.sign_in(work.engine, work.clock, user_id))


@pytest.fixture
async def ada(client: httpx.AsyncClient, work: Work) -> Ada:
    made = await somebody(client, work)
    assert (await made.put_profile()).status_code == 200
    await made.events()
    return made


def told(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def test_a_phone_number_is_proven_with_the_code_it_was_sent(ada: Ada, clock: MovableClock) -> None:
    assert (await ada.profile())["phone_verified_at"] is None
    asked = await ada.ask()
    assert asked.status_code == 202
    verification_id = asked.json()["phone_verification_id"]
    letter = await ada.letter(verification_id)
    assert (letter and letter.address) == PHONE
    assert (await ada.confirm(verification_id, await ada.code(verification_id))).status_code == 204
    assert (await ada.profile())["phone_verified_at"] == clock.now().isoformat().replace("+00:00", "Z")
    assert [event.type for event in await ada.events()] == [
        "users.phone_code_requested",
        "users.phone_verified",
    ]
    assert await ada.letter(verification_id) is None


async def test_a_code_for_a_phone_is_good_once_for_five_tries_for_ten_minutes_and_for_its_owner(
    ada: Ada, clock: MovableClock, client: httpx.AsyncClient
) -> None:
    first = (await ada.ask()).json()["phone_verification_id"]
    code = await ada.code(first)
    wrong = str((int(code) + 1) % 10**6).zfill(6)
    eve = await somebody(client, ada.work, "eve@example.com")
    assert told(await eve.confirm(first, code)) == (404, "phone_verification_not_found")
    for tried in (*[wrong] * 5, code):
        assert told(await ada.confirm(first, tried)) == (422, "code_invalid")
    second = (await ada.ask()).json()["phone_verification_id"]
    fresh = await ada.code(second)
    assert told(await ada.confirm(first, fresh)) == (422, "code_invalid")
    assert (await ada.confirm(second, fresh)).status_code == 204
    assert told(await ada.confirm(second, fresh)) == (422, "code_invalid")
    third = (await ada.ask(OTHER_PHONE)).json()["phone_verification_id"]
    late = await ada.code(third)
    clock.advance(timedelta(minutes=10))
    assert told(await ada.confirm(third, late)) == (422, "code_invalid")


async def test_a_proven_number_is_replaced_only_by_a_proven_one_and_is_told_of_it(ada: Ada) -> None:
    await ada.prove()
    refused = await ada.put_profile(phone=OTHER_PHONE)
    assert told(refused) == (409, "phone_change_needs_code")
    assert (await ada.put_profile(full_name="Ada King")).json()["phone_verified_at"] is not None
    await ada.events()
    await ada.prove(OTHER_PHONE)
    replaced = [event for event in await ada.events() if event.type == "users.phone_replaced"]
    async with ada.work.transaction() as session:
        verification_id = str(replaced[0].payload["phone_verification_id"])
        letter = await find_phone_letter(session, ada.work.get(EmailCodes), "old_phone", verification_id)
    assert (letter and letter.address) == PHONE
    assert (await ada.profile())["phone"] == OTHER_PHONE


async def test_a_proven_number_that_is_taken_back_has_its_owner_told(ada: Ada) -> None:
    await ada.prove()
    await ada.events()
    removed = await ada.put_profile(phone=None)
    assert (removed.json()["phone"], removed.json()["phone_verified_at"]) == (None, None)
    assert [event.type for event in await ada.events()] == ["users.phone_removed"]


@pytest.mark.parametrize(
    ("phone", "code"),
    [
        ("+15551234567", "phone_invalid"),
        ("+442079460958", "phone_invalid"),
        ("+19005551234", "phone_invalid"),
        ("+18765551234", "phone_country_refused"),
        ("+22890112345", "phone_country_refused"),
    ],
)
async def test_no_code_is_sent_where_it_does_not_arrive_or_somebody_earns_by_it(
    ada: Ada, phone: str, code: str
) -> None:
    assert told(await ada.ask(phone)) == (422, code)
    assert await ada.events() == []


async def test_nobody_is_sent_more_than_five_codes_an_hour(ada: Ada, client: httpx.AsyncClient) -> None:
    answers = [await ada.ask() for _ in range(7)]
    assert [answer.status_code for answer in answers] == [202] * 5 + [429] * 2
    eve = await somebody(client, ada.work, "eve@example.com")
    await eve.put_profile()
    assert told(await eve.ask()) == (429, "rate_limited")
    sent = [event for event in await ada.events() if event.type == "users.phone_code_requested"]
    assert len(sent) == 5


async def test_an_empty_account_is_closed_for_good_and_forgotten_soon(
    ada: Ada, clock: MovableClock, client: httpx.AsyncClient
) -> None:
    await ada.prove()
    await ada.post("/v1/auth/email-changes", password=PASSWORD, new_email="ada@new.example")
    await ada.events()
    assert (await ada.post("/v1/me/close", password=PASSWORD)).status_code == 204
    assert (await client.get("/v1/me", headers=ada.headers)).status_code == 401
    credentials = {"email": EMAIL, "password": PASSWORD}
    assert (await client.post("/v1/auth/sign-in", json=credentials)).status_code == 401
    assert [event.type for event in await ada.events()] == ["users.account_closed"]
    await users.erase_closed_accounts(ada.work)
    assert await ada.events() == []
    clock.advance(timedelta(hours=1, seconds=1))
    await users.erase_closed_accounts(ada.work)
    assert [event.type for event in await ada.events()] == [users.ERASED]
    async with ada.work.transaction() as session:
        left = {
            table: (await session.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one()  # noqa: S608
            for table in ("profiles", "phone_verifications", "email_changes")
        }
        acts = (await session.execute(text("SELECT action FROM audit_entries ORDER BY id"))).scalars().all()
    assert set(left.values()) == {0}
    assert [act for act in acts if act.startswith("account.")] == ["account.closed", "account.erased"]
    fresh = await somebody(client, ada.work)
    assert fresh.user_id != ada.user_id


async def test_a_closed_account_gets_no_reset(ada: Ada, client: httpx.AsyncClient) -> None:
    await ada.post("/v1/me/close", password=PASSWORD)
    await ada.events()
    await client.post("/v1/auth/forgot-password", json={"email": EMAIL})
    assert await ada.events() == []


async def test_closing_needs_the_password(ada: Ada) -> None:
    assert told(await ada.post("/v1/me/close", password="not my password at all")) == (422, "password_wrong")
    assert await ada.profile() is not None


async def test_an_account_with_money_cards_or_a_role_is_not_closed_and_says_why(
    engine: AsyncEngine, clock: MovableClock, work: Work, client: httpx.AsyncClient
) -> None:
    holding = await holders.a_holding(engine, clock, [], balance=40_00, email="max@example.com")
    max_ = Ada(client, work, holding.user_id, await browsers.sign_in(engine, clock, holding.user_id))
    held = await max_.post("/v1/me/close", password=PASSWORD)
    assert told(held) == (409, "account_held")
    assert {found["code"] for found in held.json()["obstacles"]} == {"money_left", "cards_open"}
    assert (await client.get("/v1/me", headers=max_.headers)).status_code == 200
    async with work.transaction() as session:
        await session.execute(text("UPDATE cards SET state = :state"), {"state": CardState.CANCELED})
        await session.execute(text("UPDATE ledger_accounts SET posted_balance = 0"))
        await grant_role(session, holding.user_id, Role.SUPPORT, "system", clock.now())
    staff = await max_.post("/v1/me/close", password=PASSWORD)
    assert [found["code"] for found in staff.json()["obstacles"]] == ["staff_role_held"]
