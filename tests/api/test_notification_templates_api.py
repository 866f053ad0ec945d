"""Every message as staff look at it, and one sent to oneself."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from browsers import sign_in
from cardwright.access import Role
from cardwright.core.clock import MovableClock
from cardwright.db import outbox
from cardwright.db.outbox import Event
from cardwright.db.session import transaction
from cardwright.notifications.catalogue import CATALOGUE
from cardwright.notifications.previewing import TEST_REQUESTED
from integration.kyc.people import a_person
from staff import grant_role

TEMPLATES = "/v1/notification-templates"
DECLINED = f"{TEMPLATES}/payments.authorization_declined"


@dataclass
class Desk:
    """The application and somebody of support."""

    client: httpx.AsyncClient
    engine: AsyncEngine
    user_id: str
    support: Mapping[str, str]

    async def previewed(self, path: str = DECLINED, **query: str) -> dict[str, Any]:
        answer = await self.client.get(f"{path}/preview", headers=self.support, params=query)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def test(self, key: str, language: str = "de-AT", path: str = DECLINED) -> httpx.Response:
        headers = {**self.support, "Idempotency-Key": key}
        return await self.client.post(f"{path}/test", headers=headers, json={"language": language})

    async def asked(self) -> list[Event]:
        async with transaction(self.engine) as session:
            return [event for event in await outbox.take(session, 100) if event.type == TEST_REQUESTED]


@pytest.fixture
async def desk(client: httpx.AsyncClient, engine: AsyncEngine, clock: MovableClock) -> Desk:
    user_id = await a_person(engine, clock, "support@example.com")
    async with transaction(engine) as session:
        await grant_role(session, user_id, Role.SUPPORT, "system", clock.now())
    return Desk(client, engine, user_id, await sign_in(engine, clock, user_id))


async def test_everything_that_people_are_told_is_listed(desk: Desk) -> None:
    listed = (await desk.client.get(TEMPLATES, headers=desk.support)).json()["data"]
    assert [it["event_type"] for it in listed] == list(CATALOGUE)
    assert all(it["languages"] == ["en", "de", "fr", "es", "ar"] for it in listed)
    [declined] = [it for it in listed if it["event_type"] == "payments.authorization_declined"]
    assert declined["channels"] == ["sms", "push"]
    assert "merchant_name" in declined["facts"]


async def test_an_e_mail_is_shown_in_all_its_forms(desk: Desk) -> None:
    shown = await desk.previewed(channel="email", language="ar-EG")
    assert (shown["language"], shown["segments"]) == ("ar", None)
    assert 'dir="rtl"' in shown["html"]
    assert "Blue Bottle Coffee" in shown["text"]
    assert "رُفضت" in shown["subject"]


async def test_a_text_message_is_shown_with_what_it_costs(desk: Desk) -> None:
    shown = await desk.previewed(channel="sms", language="fr")
    assert (shown["subject"], shown["html"], shown["segments"]) == (None, None, 1)
    assert "refusé" in shown["text"]


@pytest.mark.parametrize("channel", ["push", "in_app"])
async def test_a_push_and_the_list_show_a_title_and_a_body(desk: Desk, channel: str) -> None:
    shown = await desk.previewed(channel=channel, language="pt-BR")
    assert (shown["language"], shown["html"]) == ("en", None)
    assert shown["subject"] == "Declined: €42.90 at Blue Bottle Coffee"


@pytest.mark.parametrize(
    ("path", "query", "code"),
    [
        (f"{TEMPLATES}/payments.unheard_of", {}, "notification_template_not_found"),
        (DECLINED, {"channel": "fax"}, "validation_failed"),
        (DECLINED, {"language": "<script>"}, "validation_failed"),
        (f"{TEMPLATES}/Nothing", {}, "validation_failed"),
    ],
)
async def test_what_there_is_no_message_for_is_refused(
    desk: Desk, path: str, query: dict[str, str], code: str
) -> None:
    refused = await desk.client.get(f"{path}/preview", headers=desk.support, params=query)
    assert refused.json()["code"] == code


async def test_a_test_goes_to_the_one_who_asks_once_and_into_the_trail(desk: Desk) -> None:
    first, again = await desk.test("k"), await desk.test("k")
    assert (first.status_code, first.json()["language"]) == (202, "de")
    assert again.json() == first.json()
    [event] = await desk.asked()
    assert event.payload == {
        "user_id": desk.user_id, "event_type": "payments.authorization_declined", "language": "de-AT",
    }  # fmt: skip
    async with transaction(desk.engine) as session:
        told = text("SELECT actor_id FROM audit_entries WHERE action = 'notification_template.tested'")
        assert (await session.execute(told)).scalars().all() == [desk.user_id]


async def test_nobody_has_it_sent_to_another_address(desk: Desk) -> None:
    headers = {**desk.support, "Idempotency-Key": "k"}
    body = {"language": "de", "to": "somebody@example.com"}
    refused = await desk.client.post(f"{DECLINED}/test", headers=headers, json=body)
    assert (refused.status_code, refused.json()["code"]) == (422, "validation_failed")
    assert await desk.asked() == []


async def test_tests_are_few_per_minute(desk: Desk) -> None:
    sent = [(await desk.test(f"k{number}")).status_code for number in range(6)]
    assert sent == [202] * 5 + [429]
    assert len(await desk.asked()) == 5


async def test_the_list_is_told_in_the_language_of_its_reader(
    desk: Desk, engine: AsyncEngine, clock: MovableClock
) -> None:
    from datetime import date

    from cardwright.db.jobs import Work
    from cardwright.notifications.planning import plan
    from cardwright.users import ProfileDetails, save_profile

    details = ProfileDetails("Grace Hopper", date(1986, 12, 9), "es-MX", "America/Mexico_City")
    async with transaction(engine) as session:
        await save_profile(session, desk.user_id, details, clock.now(), ensure_may_move=lambda: None)
    told = {"user_id": desk.user_id, "card_id": "card_1", "last4": "4242"}
    await plan(Work(engine, clock, {}), Event("cards.card_frozen", "prog_1", "card_1", clock.now(), told))
    [listed] = (await desk.client.get("/v1/notifications", headers=desk.support)).json()["data"]
    assert listed["title"] == "Su tarjeta terminada en 4242 está bloqueada"
