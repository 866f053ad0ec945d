"""Screening as reviewers meet it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from browsers import sign_in
from cardwright import kyc
from cardwright.access import Role
from cardwright.authentication import create_verified_identity
from cardwright.core.clock import MovableClock
from cardwright.db.jobs import Work
from cardwright.db.session import transaction
from cardwright.programs import Program
from cardwright.users import ProfileDetails, save_profile
from integration.kyc.people import a_person, the_program
from staff import grant_role

HITS = "/v1/screening-hits"
LIST = (
    "id,schema,name,aliases,birth_date,countries\n"
    "n-1,Person,Nestor Nevidimkin,Нестор Невидимкин,1961-04-12,zz\n"
    "n-2,Person,Nestor Ivanovich Nevidimkin,,1931,zz\n"
)  # fmt: skip


@dataclass
class Desk:
    """The application, somebody who is a hit twice, a reviewer and an administrator."""

    client: httpx.AsyncClient
    user_id: str
    reviewer: Mapping[str, str]
    administrator: Mapping[str, str]
    holder: Mapping[str, str]
    keys: int = 0

    async def queue(self, **wanted: Any) -> list[dict[str, Any]]:
        answer = await self.client.get(HITS, params=wanted, headers=self.reviewer)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["data"]
        return found

    async def decide(
        self, hit: Mapping[str, Any], how: str, by: Mapping[str, str], **changed: Any
    ) -> httpx.Response:
        self.keys += 1
        body = {"reason": "Another person.", "version": hit["version"], **changed}
        headers = {**by, "Idempotency-Key": str(self.keys)}
        return await self.client.post(f"{HITS}/{hit['id']}/{how}", json=body, headers=headers)


@pytest.fixture
async def desk(client: httpx.AsyncClient, engine: AsyncEngine, clock: MovableClock) -> Desk:
    now = clock.now()
    async with transaction(engine) as session:
        program = await the_program(session)
        user_id = await create_verified_identity(
            session, "n@example.com", "correct horse battery staple", program.id, now
        )
        details = ProfileDetails("Нестор Невидимкин", date(1961, 4, 12), "ru", "UTC")
        await save_profile(session, user_id, details, now, ensure_may_move=lambda: None)
    staff = {
        role: await a_person(engine, clock, f"{role}@example.com")
        for role in (Role.KYC_REVIEWER, Role.ADMINISTRATOR)
    }
    async with transaction(engine) as session:
        for role, staff_id in staff.items():
            await grant_role(session, staff_id, role, "system", now)
        await kyc.import_list(
            session, program.id, "made-up", kyc.read_list(LIST.encode()), by="operator", at=now
        )
    work = Work(engine, clock, {Program: program, kyc.ScreeningRules: kyc.ScreeningRules()})
    while await kyc.advance_screening(work) is not None:
        pass
    headers = [await sign_in(engine, clock, it) for it in (*staff.values(), user_id)]
    return Desk(client, user_id, *headers)


async def test_a_hit_shows_both_names_and_dates_beside_each_other(desk: Desk) -> None:
    hit = next(it for it in await desk.queue() if it["reference"] == "n-1")
    assert "name" not in hit
    shown = (await desk.client.get(f"{HITS}/{hit['id']}", headers=desk.reviewer)).json()
    assert shown["person"] == {
        "name": "Нестор Невидимкин", "compared_as": "nestor nevidimkin", "date_of_birth": "1961-04-12",
    }  # fmt: skip
    assert shown["listed"]["all_names"] == ["Nestor Nevidimkin", "Нестор Невидимкин"]
    assert shown["listed"]["dates_of_birth"] == ["1961-04-12"]
    assert (shown["score"], shown["dates_of_birth_agree"], shown["needs_administrator"]) == (
        100,
        "same_day",
        True,
    )


async def test_the_queue_is_filtered(desk: Desk) -> None:
    assert len(await desk.queue(min_score=96)) == 1
    assert len(await desk.queue(user_id=desk.user_id, list="made-up")) == len(await desk.queue())
    assert await desk.queue(state="dismissed") == await desk.queue(list="other") == []
    first = (await desk.client.get(HITS, params={"limit": 1}, headers=desk.reviewer)).json()
    assert first["next_cursor"] is None or len(await desk.queue(cursor=first["next_cursor"])) == 1


async def test_a_hit_of_95_or_more_is_dismissed_by_an_administrator_alone(
    desk: Desk, engine: AsyncEngine
) -> None:
    (hit,) = await desk.queue(min_score=95)
    refused = await desk.decide(hit, "dismiss", desk.reviewer)
    assert (refused.status_code, refused.json()["code"]) == (409, "second_look_required")
    dismissed = await desk.decide(hit, "dismiss", desk.administrator)
    assert dismissed.status_code == 200
    assert [(it["before"], it["after"], it["reason"]) for it in dismissed.json()["decisions"]] == [
        ("open", "dismissed", "Another person.")
    ]
    async with transaction(engine) as session:
        reasons = (await session.execute(text("SELECT reason FROM screening_decisions"))).scalar_one()
        trail = await session.execute(text("SELECT action FROM audit_entries WHERE action LIKE 'screening%'"))
    assert "Another" not in reasons
    assert {"screening_list.imported", "screening_hit.opened", "screening_hit.dismissed"} <= set(
        trail.scalars()
    )


async def test_a_decision_needs_the_version_that_was_read_and_is_made_once(desk: Desk) -> None:
    (hit,) = await desk.queue(min_score=95)
    assert (await desk.decide(hit, "confirm", desk.reviewer, version=7)).json()["code"] == "hit_changed"
    confirmed = await desk.decide(hit, "confirm", desk.reviewer)
    assert (confirmed.status_code, confirmed.json()["state"]) == (200, "confirmed")
    again = await desk.decide(confirmed.json(), "dismiss", desk.reviewer)
    assert (again.status_code, again.json()["code"]) == (409, "hit_decided")
    undone = await desk.decide(confirmed.json(), "dismiss", desk.administrator)
    assert undone.json()["state"] == "dismissed"


async def test_a_persons_screenings_and_the_lists_are_listed(desk: Desk) -> None:
    told = await desk.client.get(f"/v1/users/{desk.user_id}/screenings", headers=desk.reviewer)
    (screening,) = told.json()["data"]
    assert (screening["outcome"], screening["occasion"], screening["times"]) == ("hits", "import", 1)
    lists = (await desk.client.get("/v1/screening-lists", headers=desk.reviewer)).json()["data"]
    assert [(it["name"], it["entries"], it["is_active"]) for it in lists] == [("made-up", 2, True)]


async def test_holders_learn_nothing_of_it(desk: Desk) -> None:
    (hit,) = await desk.queue(min_score=95)
    for path in (HITS, f"{HITS}/{hit['id']}", f"/v1/users/{desk.user_id}/screenings", "/v1/screening-lists"):
        assert (await desk.client.get(path, headers=desk.holder)).status_code == 403
