"""Choosing what one is told, links of e-mails, and what became of messages, over HTTP."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncEngine
from structlog.testing import capture_logs

from api.test_notifications_api import sign_in as sign_in_person
from browsers import sign_in
from builders import provided_for_tests
from cardwright.access import Role
from cardwright.authentication import EmailCodes
from cardwright.core.clock import MovableClock
from cardwright.core.ids import new_id
from cardwright.db.jobs import Work
from cardwright.db.session import transaction
from cardwright.notifications import store
from cardwright.notifications.catalogue import CATALOGUE
from cardwright.notifications.domain import Notification
from cardwright.notifications.suppressing import digest_address
from cardwright.notifications.suppression_store import Suppression, add_suppression
from cardwright.notifications.unsubscribing import Permit, issue, link
from cardwright.programs import Program
from staff import grant_role

MINE = "/v1/me/notification-preferences"


@dataclass
class Desk:
    """The application, Ada who is signed in, and support."""

    client: httpx.AsyncClient
    work: Work
    user_id: str
    own: Mapping[str, str]
    support: Mapping[str, str]

    async def choose(self, **body: Any) -> httpx.Response:
        return await self.client.put(MINE, headers=self.own, json={"choices": [], **body})

    async def shown(self) -> Any:
        answer = await self.client.get(MINE, headers=self.own)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def settings(self) -> dict[tuple[str, str], str]:
        return {
            (topic["event_type"], channel["channel"]): channel["setting"]
            for group in (await self.shown())["groups"]
            for topic in group["event_types"]
            for channel in topic["channels"]
        }

    async def message(self, state: str = "undeliverable", **fields: Any) -> str:
        given: dict[str, Any] = {"event_type": "cards.card_frozen", "facts": {"card_id": "card_1"}, **fields}
        notification = Notification(
            new_id("ntf"), self.work.get(Program).id, self.user_id, new_id("evt"), given.pop("event_type"),
            given.pop("channel", "email"), state, given.pop("facts"),
            created_at=given.pop("created_at", self.work.clock.now()),
            **given,
        )  # type: ignore[arg-type]  # fmt: skip
        async with self.work.transaction() as session:
            await store.add_notification(session, notification)
        return notification.id

    def unsubscribe_path(self, event_type: str = "cards.card_frozen") -> str:
        url = link(self.work, self.user_id, CATALOGUE[event_type], self.work.clock.now())
        return "/v1" + url.partition("/v1")[2]

    async def resend(self, notification_id: str, key: str = "k") -> httpx.Response:
        headers = {**self.support, "Idempotency-Key": key}
        return await self.client.post(f"/v1/notifications/{notification_id}/resend", headers=headers)


@pytest.fixture
async def desk(client: httpx.AsyncClient, engine: AsyncEngine, clock: MovableClock) -> Desk:
    user_id, own = await sign_in_person(client, engine, clock, "ada@example.com")
    staff_id, _ = await sign_in_person(client, engine, clock, "sam@example.com")
    async with transaction(engine) as session:
        await grant_role(session, staff_id, Role.SUPPORT, "system", clock.now())
    support = await sign_in(engine, clock, staff_id, has_used_factor=True)
    work = Work(engine, clock, await provided_for_tests(engine, clock))
    return Desk(client, work, user_id, own, support)


async def test_in_the_beginning_everything_is_as_the_catalogue_says(desk: Desk) -> None:
    shown = await desk.shown()
    assert [group["group"] for group in shown["groups"]][:3] == ["cards", "payments", "money"]
    assert (shown["choices"], shown["quiet_hours"], shown["digest"], shown["obstacles"]) == (
        [],
        None,
        None,
        [],
    )
    assert shown["time_zone"] == "UTC"
    assert (await desk.settings())["funding.top_up_succeeded", "push"] == "off"
    assert (await desk.settings())["funding.top_up_succeeded", "email"] == "on"
    assert "notifications.bundled" not in str(shown)


async def test_what_is_chosen_is_shown_and_can_be_sent_back(desk: Desk) -> None:
    chosen = {
        "choices": [
            {"topic": "money", "channel": "email", "setting": "digest"},
            {"topic": "cards.card_frozen", "channel": "push", "setting": "off"},
        ],
        "quiet_hours": {"start": "22:30", "end": "07:00"},
        "digest": {"cadence": "weekly", "hour": 9, "weekday": 4},
    }
    assert (await desk.choose(**chosen)).status_code == 200
    shown = await desk.shown()
    assert (await desk.settings())["funding.top_up_succeeded", "email"] == "digest"
    assert (await desk.settings())["cards.card_frozen", "push"] == "off"
    again = await desk.choose(**{name: shown[name] for name in ("choices", "quiet_hours", "digest")})
    assert again.json() == shown


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"choices": [{"topic": "security", "channel": "email", "setting": "off"}]}, "essential"),
        (
            {"choices": [{"topic": "users.phone_verified", "channel": "in_app", "setting": "off"}]},
            "essential",
        ),
        ({"choices": [{"topic": "weather", "channel": "email", "setting": "off"}]}, "topic_unknown"),
        ({"choices": [{"topic": "money", "channel": "sms", "setting": "on"}]}, "channel_unoffered"),
        ({"choices": [{"topic": "money", "channel": "email", "setting": "digest"}]}, "digest_not_set"),
        ({"choices": [{"topic": "money", "channel": "email", "setting": "off"}] * 2}, "choice_repeated"),
        ({"quiet_hours": {"start": "07:00", "end": "07:00"}}, "quiet_hours_empty"),
        ({"quiet_hours": {"start": "24:00", "end": "07:00"}}, "validation_failed"),
        ({"digest": {"cadence": "hourly", "hour": 9}}, "validation_failed"),
        ({"digest": {"cadence": "daily", "hour": 24}}, "validation_failed"),
    ],
)
async def test_what_cannot_be_kept_is_refused_and_changes_nothing(
    desk: Desk, body: dict[str, Any], code: str
) -> None:
    kept = {"quiet_hours": {"start": "22:00", "end": "07:00"}}
    before = (await desk.choose(**kept)).json()
    refused = await desk.choose(**body)
    assert (refused.status_code, refused.json()["code"]) == (422, code)
    assert await desk.shown() == before


async def test_a_link_ends_one_group_with_one_click_and_opening_it_changes_nothing(desk: Desk) -> None:
    path = desk.unsubscribe_path()
    page = await desk.client.get(path)
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "<form method" in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert (await desk.settings())["cards.card_frozen", "email"] == "on"
    # As a mail program does (RFC 8058): another site, no cookies, a form of one field.
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Origin": "https://mail.example"}
    for _ in range(2):
        ended = await desk.client.post(path, content="List-Unsubscribe=One-Click", headers=headers)
        assert ended.status_code == 200
    settings = await desk.settings()
    assert settings["cards.card_frozen", "email"] == "off"
    assert settings["cards.card_frozen", "push"] == "on"
    assert settings["cards.number_revealed", "email"] == "on"
    assert settings["funding.top_up_succeeded", "email"] == "on"


async def test_a_link_ends_what_was_chosen_for_single_types_of_its_group_too(desk: Desk) -> None:
    choices = [
        {"topic": "cards.card_frozen", "channel": "email", "setting": "on"},
        {"topic": "cards.card_expiring", "channel": "email", "setting": "digest"},
        {"topic": "cards.card_frozen", "channel": "push", "setting": "off"},
        {"topic": "funding.top_up_succeeded", "channel": "email", "setting": "on"},
    ]
    wanted = {"choices": choices, "digest": {"cadence": "daily", "hour": 8}}
    put = await desk.client.put("/v1/me/notification-preferences", json=wanted, headers=desk.own)
    assert put.status_code == 200
    ended = await desk.client.post(desk.unsubscribe_path())
    assert "no more e-mails about your cards" in ended.text
    settings = await desk.settings()
    assert settings["cards.card_frozen", "email"] == settings["cards.card_expiring", "email"] == "off"
    assert (await desk.shown())["choices"] == [
        {"topic": "cards", "channel": "email", "setting": "off"},
        {"topic": "cards.card_frozen", "channel": "push", "setting": "off"},
        {"topic": "funding.top_up_succeeded", "channel": "email", "setting": "on"},
    ]


async def test_the_link_of_a_bundle_ends_all_that_can_be_ended(desk: Desk) -> None:
    await desk.client.post(desk.unsubscribe_path("notifications.bundled"))
    settings = await desk.settings()
    assert {setting for (_, channel), setting in settings.items() if channel == "email"} == {"on", "off"}
    for (event_type, channel), setting in settings.items():
        if channel == "email":
            assert (setting == "on") is CATALOGUE[event_type].is_essential, event_type


async def test_a_link_is_for_one_person_one_purpose_and_a_time(desk: Desk, clock: MovableClock) -> None:
    path = desk.unsubscribe_path()
    body, _, proof = path.rpartition("/")[2].partition(".")
    codes = desk.work.get(EmailCodes)
    for_addresses = issue(
        codes, Permit("confirm_address", desk.user_id, "cards", clock.now() + timedelta(days=1))
    )
    for token in (f"{body}x.{proof}", f"{body}.{proof[:-2]}AA", body, "a.b", "é", for_addresses):
        for ask in (desk.client.get, desk.client.post):
            refused = await ask(f"/v1/unsubscribe/{token}")
            assert refused.status_code == 404
            # Whoever pressed a link reads words, not JSON.
            assert "This link does not work" in refused.text
            assert refused.headers["Cache-Control"] == "no-store"
            assert (await ask(f"/v1/address-confirmations/{body}.{proof}")).status_code == 404
    assert (await desk.settings())["cards.card_frozen", "email"] == "on"
    clock.advance(timedelta(days=90))
    for ask in (desk.client.get, desk.client.post):
        assert (await ask(path)).status_code == 404


async def test_no_log_holds_what_a_link_proves(desk: Desk) -> None:
    path = desk.unsubscribe_path()
    with capture_logs() as logs:
        await desk.client.get(path)
        await desk.client.post(path)
    assert len([it for it in logs if it.get("path") == "/v1/unsubscribe/..."]) == 2
    assert path.rpartition("/")[2] not in str(logs)


async def test_a_suppressed_address_is_shown_and_a_link_to_it_brings_it_back(
    desk: Desk, clock: MovableClock
) -> None:
    nothing = await desk.client.post("/v1/me/address-confirmations", headers=desk.own)
    assert (nothing.status_code, nothing.json()["code"]) == (409, "address_not_suppressed")
    codes = desk.work.get(EmailCodes)
    digest = digest_address(codes, "email", "Ada@example.com")
    program_id = desk.work.get(Program).id
    async with desk.work.transaction() as session:
        bounced = Suppression(desk.user_id, "email", digest, program_id, "hard_bounce", "5.1.1", clock.now())
        await add_suppression(session, bounced)
        await add_suppression(
            session, Suppression(desk.user_id, "email", "old", program_id, "complaint", None, clock.now())
        )
    [obstacle] = (await desk.shown())["obstacles"]
    assert (obstacle["channel"], obstacle["reason"]) == ("email", "hard_bounce")
    assert (await desk.client.post("/v1/me/address-confirmations", headers=desk.own)).status_code == 202
    token = issue(codes, Permit("confirm_address", desk.user_id, digest, clock.now() + timedelta(hours=1)))
    path = f"/v1/address-confirmations/{token}"
    assert (await desk.client.get(path)).status_code == 200
    assert len((await desk.shown())["obstacles"]) == 1
    assert (await desk.client.post(path)).status_code == 200
    assert (await desk.shown())["obstacles"] == []


async def test_links_to_an_address_are_few(desk: Desk) -> None:
    asked = [await desk.client.post("/v1/me/address-confirmations", headers=desk.own) for _ in range(4)]
    assert [it.status_code for it in asked] == [409, 409, 409, 429]


async def test_what_became_of_a_message_is_told_in_words(desk: Desk) -> None:
    mine = await desk.message("withheld", error_code="rate_capped")
    shown = await desk.client.get(f"/v1/notifications/{mine}", headers=desk.own)
    assert shown.status_code == 200
    [delivery] = shown.json()["deliveries"]
    assert (delivery["state"], delivery["error_code"]) == ("withheld", "rate_capped")
    assert "within an hour" in delivery["explanation"]
    missing = await desk.client.get(f"/v1/notifications/{mine}", headers=desk.support)
    assert (missing.status_code, missing.json()["code"]) == (404, "notification_unknown")


async def test_support_sees_every_channel_and_none_of_the_words_and_that_is_recorded(desk: Desk) -> None:
    await desk.message("sent", provider="smtp", provider_reference="<ntf@x>", attempts=2)
    await desk.message("undeliverable", channel="sms", error_code="21610")
    path = f"/v1/users/{desk.user_id}/notifications"
    page = (await desk.client.get(path, headers=desk.support, params={"limit": 1})).json()
    [newest] = page["data"]
    assert (newest["channel"], newest["error_code"]) == ("sms", "21610")
    assert "STOP" in newest["explanation"]
    rest = (await desk.client.get(path, headers=desk.support, params={"cursor": page["next_cursor"]})).json()
    assert [(it["provider"], it["attempts"]) for it in rest["data"]] == [("smtp", 2)]
    assert not {"title", "body", "facts"} & newest.keys()
    async with desk.work.transaction() as session:
        read = await session.execute(
            text("SELECT subject_id FROM audit_entries WHERE action = 'messages.read'")
        )
        assert read.scalars().all() == [desk.user_id] * 2
    assert (await desk.client.get(path, headers=desk.own)).status_code == 403


async def test_support_sends_a_message_again_once_and_that_is_recorded(desk: Desk) -> None:
    failed = await desk.message("failed", error_code="30007", channel="sms")
    first = await desk.resend(failed)
    assert (first.status_code, first.json()["state"]) == (201, "queued")
    assert (await desk.resend(failed)).json() == first.json()
    async with desk.work.transaction() as session:
        due = text("SELECT id FROM notifications WHERE state = 'queued' AND due_at <= :at")
        sendable = await session.execute(due, {"at": desk.work.clock.now()})
        assert sendable.scalars().all() == [first.json()["id"]]
        entry = await session.execute(
            text("SELECT details FROM audit_entries WHERE action = 'message.resent'")
        )
        assert entry.scalar_one()["owner_id"] == desk.user_id
    shown = await desk.client.get(f"/v1/notifications/{failed}", headers=desk.own)
    assert [it["state"] for it in shown.json()["deliveries"]] == ["failed", "queued"]


async def test_a_message_is_not_sent_again_while_it_is_on_its_way_nor_after_it_arrived(desk: Desk) -> None:
    failed = await desk.message("failed", error_code="30007", channel="sms")
    answers = await asyncio.gather(*(desk.resend(failed, f"k{number}") for number in range(4)))
    assert sorted(it.status_code for it in answers) == [201, 409, 409, 409]
    assert {it.json()["code"] for it in answers if it.status_code == 409} == {"not_resendable"}
    [again] = [it.json()["id"] for it in answers if it.status_code == 201]
    assert (await desk.resend(again)).json()["code"] == "not_resendable"

    async def becomes(state: str) -> None:
        async with desk.work.transaction() as session:
            changed = text("UPDATE notifications SET state = :state WHERE id = :id")
            await session.execute(changed, {"state": state, "id": again})

    await becomes("undeliverable")
    both = await asyncio.gather(desk.resend(failed, "first"), desk.resend(again, "second"))
    assert sorted(it.status_code for it in both) == [201, 409]
    await becomes("delivered")
    assert (await desk.resend(failed, "late")).json()["code"] == "not_resendable"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"state": "delivered"}, "not_resendable"),
        ({"state": "queued"}, "not_resendable"),
        ({"state": "unknown", "due_at": datetime(2026, 11, 23, 12, 5, tzinfo=UTC)}, "not_resendable"),
        (
            {"event_type": "authentication.password_reset_issued", "facts": {"reset_id": "r"}},
            "carries_secret",
        ),
    ],
)
async def test_what_arrived_or_tells_a_secret_is_not_sent_again(
    desk: Desk, fields: dict[str, Any], code: str
) -> None:
    refused = await desk.resend(await desk.message(**fields))
    assert (refused.status_code, refused.json()["code"]) == (409, code)


async def test_failures_are_counted_by_channel_and_reason(desk: Desk, clock: MovableClock) -> None:
    long_ago = clock.now() - timedelta(hours=30)
    await desk.message("failed", channel="sms", error_code="30007", created_at=long_ago)
    for _ in range(2):
        await desk.message("undeliverable", error_code="smtp_550")
    await desk.message("sent")
    counted = await desk.client.get("/v1/message-failures", headers=desk.support)
    assert counted.json()["data"] == [
        {"channel": "email", "state": "undeliverable", "error_code": "smtp_550", "number": 2}
    ]
    longer = await desk.client.get("/v1/message-failures", headers=desk.support, params={"hours": 48})
    assert len(longer.json()["data"]) == 2


async def test_choices_saved_at_the_same_time_are_kept_whole(desk: Desk) -> None:
    answers = await asyncio.gather(
        *(desk.choose(quiet_hours={"start": f"2{hour}:00", "end": f"0{hour}:00"}) for hour in range(4))
    )
    assert {answer.status_code for answer in answers} == {200}
    quiet = (await desk.shown())["quiet_hours"]
    assert quiet["start"][1] == quiet["end"][1]
    async with desk.work.transaction() as session:
        assert (
            len(
                (await session.execute(select(text("*")).select_from(text("notification_preferences")))).all()
            )
            == 1
        )
