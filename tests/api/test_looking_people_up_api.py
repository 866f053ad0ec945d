"""Staff look people up and act for them: by id, address, name and card; sessions, cards, wallet."""

from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from browsers import browser_of
from builders import provided_for_tests
from cardwright import users
from cardwright.access import Role
from cardwright.core.clock import MovableClock
from cardwright.db.jobs import Work
from cardwright.db.session import transaction
from cardwright.programs import ensure_program
from proven_people import PASSWORD, a_proven_identity
from staff import grant_role

PROFILE = {"date_of_birth": "1985-12-10", "locale": "en-GB", "time_zone": "Europe/London"}


class Desk:
    """A program with a few people in it and somebody of its support."""

    def __init__(self, client: httpx.AsyncClient, engine: AsyncEngine, clock: MovableClock) -> None:
        self.client, self.engine, self.clock = client, engine, clock
        self.staff: Mapping[str, str] = {}

    async def person(self, email: str, name: str | None, *roles: Role) -> tuple[str, Mapping[str, str]]:
        async with transaction(self.engine) as session:
            program = await ensure_program(session, slug="demo", name="Demo Program", currency="USD")
            user_id = await a_proven_identity(session, email, program.id, self.clock.now())
            for role in roles:
                await grant_role(session, user_id, role, "system", self.clock.now())
        signed_in = await self.client.post("/v1/auth/sign-in", json={"email": email, "password": PASSWORD})
        headers = browser_of(signed_in)
        if name is not None:
            await self.called(user_id, headers, name)
        return user_id, headers

    async def called(self, user_id: str, headers: Mapping[str, str], name: str) -> None:
        answer = await self.client.put("/v1/me/profile", headers=headers, json={**PROFILE, "full_name": name})
        assert answer.status_code == 200, user_id

    async def find(self, text: str, **more: Any) -> list[str]:
        answer = await self.client.get("/v1/users", headers=self.staff, params={"text": text, **more})
        assert answer.status_code == 200, answer.text
        return [person["id"] for person in answer.json()["data"]]


@pytest.fixture
async def desk(client: httpx.AsyncClient, engine: AsyncEngine, clock: MovableClock) -> Desk:
    desk = Desk(client, engine, clock)
    _, desk.staff = await desk.person("support@example.com", None, Role.SUPPORT)
    return desk


async def test_somebody_is_found_by_id_address_and_words_of_the_name(desk: Desk) -> None:
    zoe, _ = await desk.person("zoe@example.com", "Zoë O'Neill-Straße")
    ada, _ = await desk.person("ada@example.com", "Ada Byron")
    assert await desk.find(zoe) == [zoe]
    assert await desk.find("ZOE@example.com") == [zoe]
    for words in ("zoe", "NEILL zoë", "strasse"):
        assert await desk.find(words) == [zoe]
    assert await desk.find("byron ada") == [ada]
    for nobody in ("zoe byron", "by", "no@example.com", "user_01kb3x9p4fe8s8b9xkq5n2r7vt", "..", "4242"):
        assert await desk.find(nobody) == []


async def test_namesakes_come_in_pages_and_another_name_finds_nobody_any_more(desk: Desk) -> None:
    first, headers = await desk.person("ada1@example.com", "Ada Byron")
    second, _ = await desk.person("ada2@example.com", "Ada Lovelace")
    page = await desk.client.get("/v1/users", headers=desk.staff, params={"text": "ada", "limit": 1})
    assert [person["id"] for person in page.json()["data"]] == [second]
    assert await desk.find("ada", cursor=page.json()["next_cursor"]) == [first]
    await desk.called(first, headers, "Augusta King")
    assert (await desk.find("ada"), await desk.find("king")) == ([second], [first])


async def test_names_told_before_they_could_be_looked_for_are_found_after_the_job(desk: Desk) -> None:
    ada, _ = await desk.person("ada@example.com", "Ada Byron")
    async with transaction(desk.engine) as session:
        await session.execute(text("DELETE FROM name_words"))
    assert await desk.find("ada") == []
    provided = await provided_for_tests(desk.engine, desk.clock)
    await users.index_names(Work(desk.engine, desk.clock, provided))
    assert await desk.find("ada") == [ada]


async def test_the_trail_keeps_how_somebody_was_looked_for_but_not_what_was_typed(desk: Desk) -> None:
    await desk.person("ada@example.com", "Ada Byron")
    await desk.find("ada@example.com")
    async with transaction(desk.engine) as session:
        query = "SELECT details::text FROM audit_entries WHERE action = 'users.read'"
        told = [row.details for row in await session.execute(text(query))]
    assert len(told) == 1
    assert "email" in told[0]
    assert "ada" not in told[0]


async def test_support_signs_somebody_out_everywhere_and_the_trail_says_why(desk: Desk) -> None:
    ada, headers = await desk.person("ada@example.com", "Ada Byron")
    sessions = await desk.client.get(f"/v1/users/{ada}/sessions", headers=desk.staff)
    assert len(sessions.json()["data"]) == 1
    path = f"/v1/users/{ada}/sign-out"
    assert (await desk.client.post(path, headers=desk.staff, json={})).status_code == 422
    assert (await desk.client.get("/v1/me", headers=headers)).status_code == 200
    done = await desk.client.post(path, headers=desk.staff, json={"reason": "The phone was stolen."})
    assert done.status_code == 204
    assert (await desk.client.get("/v1/me", headers=headers)).status_code == 401
    async with transaction(desk.engine) as session:
        query = "SELECT details ->> 'reason' AS why FROM audit_entries WHERE action = 'sessions.ended'"
        assert [row.why for row in await session.execute(text(query))] == ["The phone was stolen."]


async def test_a_balance_and_cards_are_those_of_whom_staff_ask_for(desk: Desk) -> None:
    ada, _ = await desk.person("ada@example.com", "Ada Byron")
    wallet = await desk.client.get(f"/v1/users/{ada}/wallet", headers=desk.staff)
    assert wallet.json()["available_balance"] == 0
    cards = await desk.client.get(f"/v1/users/{ada}/cards", headers=desk.staff)
    assert cards.json() == {"data": [], "next_cursor": None}
