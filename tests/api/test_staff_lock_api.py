"""Staff accounts lock after ten wrong passwords, cardholders' never do, and nobody can tell the two apart."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

import browsers
from background import settled
from builders import provided_for_tests
from cardwright.access import Role
from cardwright.authentication import AuthLimits, create_verified_identity
from cardwright.core.clock import MovableClock
from cardwright.db.session import transaction
from cardwright.main import build_app
from cardwright.programs import Program
from staff import grant_role

PASSWORD = "correct horse battery staple"
WRONG = "a wrong but long password"
STAFF, HOLDER, NOBODY = "finance@example.com", "ada@example.com", "nobody@example.com"


class Door:
    """The product with budgets so large that only the lock refuses, and a few people."""

    def __init__(self, client: httpx.AsyncClient, engine: AsyncEngine, clock: MovableClock) -> None:
        self.client, self.engine, self.clock = client, engine, clock
        self.ids: dict[str, str] = {}

    async def sign_in(self, email: str, password: str = PASSWORD) -> httpx.Response:
        return await self.client.post("/v1/auth/sign-in", json={"email": email, "password": password})

    async def fail(self, email: str, times: int) -> list[int]:
        return [(await self.sign_in(email, WRONG)).status_code for _ in range(times)]

    async def unlock(self, email: str, by: str) -> httpx.Response:
        headers: Mapping[str, str] = await browsers.sign_in(self.engine, self.clock, self.ids[by])
        return await self.client.post(f"/v1/users/{self.ids[email]}/unlock", headers=headers)

    async def trail(self) -> list[tuple[str, str]]:
        async with transaction(self.engine) as session:
            query = "SELECT actor_id, action FROM audit_entries WHERE action LIKE 'account.%' ORDER BY id"
            return [(row.actor_id, row.action) for row in await session.execute(text(query))]


@pytest.fixture
async def door(engine: AsyncEngine, clock: MovableClock) -> Any:
    provided = {
        **await provided_for_tests(engine, clock),
        AuthLimits: AuthLimits.relaxed("100000/minute"),
    }
    transport = httpx.ASGITransport(build_app(engine, provided), raise_app_exceptions=False)
    async with httpx.AsyncClient(
        transport=transport, base_url="https://cardwright.test", cookies=browsers.forgetful_jar()
    ) as client:
        made = Door(client, engine, clock)
        roles = {STAFF: Role.FINANCE, "admin@example.com": Role.ADMINISTRATOR, HOLDER: None}
        for email, role in roles.items():
            async with transaction(engine) as session:
                at, program = clock.now(), provided[Program]
                made.ids[email] = await create_verified_identity(session, email, PASSWORD, program.id, at)
                if role is not None:
                    await grant_role(session, made.ids[email], role, "system", at)
        yield made


async def test_the_tenth_wrong_password_locks_a_staff_account_for_half_an_hour(
    door: Door, clock: MovableClock
) -> None:
    assert await door.fail(STAFF, 9) == [401] * 9
    assert (await door.sign_in(STAFF)).status_code == 200
    assert await door.fail(STAFF, 10) == [401] * 10
    assert (await door.sign_in(STAFF)).status_code == 401
    clock.advance(timedelta(minutes=30, seconds=-1))
    assert (await door.sign_in(STAFF)).status_code == 401
    clock.advance(timedelta(seconds=1))
    assert (await door.sign_in(STAFF)).status_code == 200


async def test_the_tenth_try_may_still_be_right(door: Door) -> None:
    await door.fail(STAFF, 9)
    assert (await door.sign_in(STAFF)).status_code == 200
    assert await settled(door.engine, door.clock) == []


async def test_a_lock_is_recorded_once_and_its_owner_told(door: Door) -> None:
    await door.fail(STAFF, 15)
    (told,) = await settled(door.engine, door.clock)
    assert (told.type, told.subject_id, told.payload) == (
        "authentication.account_locked",
        door.ids[STAFF],
        {"minutes": 30},
    )
    assert await door.trail() == [("system", "account.locked")]


async def test_a_lock_that_is_announced_twice_is_told_under_one_id(door: Door) -> None:
    from cardwright.authentication.locks import OFTEN_REFUSED, tell_of_lock
    from cardwright.db.jobs import Work
    from cardwright.db.outbox import Event

    provided = await provided_for_tests(door.engine, door.clock)
    event = Event(OFTEN_REFUSED, provided[Program].id, door.ids[STAFF], door.clock.now())
    for delivered in (event, replace(event)):
        await tell_of_lock(Work(door.engine, door.clock, provided), delivered)
    assert len({told.id for told in await settled(door.engine, door.clock)}) == 1


async def test_a_cardholder_is_never_locked_out_by_strangers(door: Door) -> None:
    assert await door.fail(HOLDER, 25) == [401] * 25
    assert (await door.sign_in(HOLDER)).status_code == 200
    assert await settled(door.engine, door.clock) == []


async def test_another_administrator_unlocks_and_nobody_unlocks_themselves(door: Door) -> None:
    await door.fail(STAFF, 10)
    refused = await door.unlock(STAFF, by=STAFF)
    assert (refused.status_code, refused.json()["code"]) == (403, "permission_missing")
    own = await door.unlock("admin@example.com", by="admin@example.com")
    assert (own.status_code, own.json()["code"]) == (409, "unlock_by_another")
    assert (await door.unlock(STAFF, by="admin@example.com")).status_code == 204
    assert (await door.sign_in(STAFF)).status_code == 200
    assert await door.trail() == [(door.ids["admin@example.com"], "account.unlocked")]


async def test_an_answer_tells_neither_staff_nor_a_lock(door: Door) -> None:
    answers = {
        email: [await door.sign_in(email, WRONG) for _ in range(12)] for email in (STAFF, HOLDER, NOBODY)
    }
    locked = await door.sign_in(STAFF)
    shapes = {
        (answer.status_code, answer.json()["code"], frozenset(answer.json()), frozenset(answer.headers))
        for answer in [*(it for found in answers.values() for it in found), locked]
    }
    assert len(shapes) == 1
