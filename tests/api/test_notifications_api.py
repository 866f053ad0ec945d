"""Devices and the list of notifications as their owner meets them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from browsers import browser_of
from cardwright.authentication import create_verified_identity
from cardwright.core.clock import MovableClock
from cardwright.core.ids import new_id
from cardwright.db.jobs import Work
from cardwright.db.outbox import Event
from cardwright.db.session import transaction
from cardwright.notifications.device_store import devices
from cardwright.notifications.planning import plan
from cardwright.notifications.service import MAX_DEVICES
from cardwright.programs import ensure_program

DEVICES = "/v1/devices"
NOTIFICATIONS = "/v1/notifications"
PASSWORD = "correct horse battery staple"
PHONE = {"platform": "android", "push_token": "fTk3:APA91bH-x_9"}
Person = tuple[str, Mapping[str, str]]


@dataclass
class Counter:
    """The application and two people who are signed in."""

    client: httpx.AsyncClient
    work: Work
    user_id: str
    own: Mapping[str, str]
    other: Mapping[str, str]

    async def register(
        self, key: str = "k", headers: Mapping[str, str] | None = None, **device: Any
    ) -> httpx.Response:
        sent = {**(self.own if headers is None else headers), "Idempotency-Key": key}
        return await self.client.post(DEVICES, headers=sent, json={**PHONE, **device})

    async def tell(self, event_type: str, **payload: Any) -> None:
        told = {"user_id": self.user_id, **payload}
        await plan(self.work, Event(event_type, "prog_1", new_id("obj"), self.work.clock.now(), told))

    async def listed(self, headers: Mapping[str, str] | None = None, **query: Any) -> Any:
        answer = await self.client.get(NOTIFICATIONS, headers=headers or self.own, params=query)
        assert answer.status_code == 200
        return answer.json()

    async def active_devices(self) -> list[tuple[str, str]]:
        async with transaction(self.work.engine) as session:
            found = await session.execute(
                select(devices.c.id, devices.c.user_id).where(devices.c.revoked_at.is_(None))
            )
            return [(row.id, row.user_id) for row in found]


async def sign_in(client: httpx.AsyncClient, engine: AsyncEngine, clock: MovableClock, email: str) -> Person:
    async with transaction(engine) as session:
        program = await ensure_program(session, slug="demo", name="Demo Program", currency="USD")
        user_id = await create_verified_identity(session, email, PASSWORD, program.id, clock.now())
    answer = await client.post("/v1/auth/sign-in", json={"email": email, "password": PASSWORD})
    return user_id, browser_of(answer)


@pytest.fixture
async def counter(client: httpx.AsyncClient, engine: AsyncEngine, clock: MovableClock) -> Counter:
    user_id, own = await sign_in(client, engine, clock, "ada@example.com")
    _, other = await sign_in(client, engine, clock, "grace@example.com")
    return Counter(client, Work(engine, clock, {}), user_id, own, other)


async def test_a_device_is_registered_and_its_token_is_never_shown(counter: Counter) -> None:
    made = await counter.register()
    assert made.status_code == 201
    assert made.json().keys() == {"id", "platform", "created_at"}
    assert made.json()["platform"] == "android"
    assert PHONE["push_token"] not in made.text
    assert await counter.active_devices() == [(made.json()["id"], counter.user_id)]


BROWSER = {
    "endpoint": "https://updates.push.example/wpush/v2/gAAAAABn",
    "expirationTime": None,
    "keys": {
        "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
        "auth": "BTBZMqHH6r4Tts7J_aSIgg",
    },
}


async def test_a_browser_is_registered_by_its_subscription_which_is_sealed(counter: Counter) -> None:
    made = await counter.client.post(
        DEVICES, headers={**counter.own, "Idempotency-Key": "b"},
        json={"platform": "web", "subscription": BROWSER},
    )  # fmt: skip
    assert (made.status_code, made.json()["platform"]) == (201, "web")
    async with transaction(counter.work.engine) as session:
        [kept] = (await session.execute(select(devices))).all()
    assert all(secret not in str(kept) for secret in ("push.example", *BROWSER["keys"].values()))  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("device", "status", "code"),
    [
        ({"platform": "web", "push_token": "fTk3:APA91bH-x_9"}, 422, "validation_failed"),
        ({"platform": "ios", "subscription": BROWSER}, 422, "validation_failed"),
        ({"platform": "web"}, 422, "validation_failed"),
        ({**PHONE, "platform": "web", "subscription": BROWSER}, 422, "validation_failed"),
        (
            {"platform": "web", "subscription": {**BROWSER, "endpoint": "https://10.0.0.1/x"}},
            422, "subscription_refused",
        ),
    ],
)  # fmt: skip
async def test_browsers_and_apps_each_register_their_own_kind_of_address(
    counter: Counter, device: Mapping[str, Any], status: int, code: str
) -> None:
    refused = await counter.client.post(DEVICES, headers={**counter.own, "Idempotency-Key": "b"}, json=device)
    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert await counter.active_devices() == []


async def test_pages_get_the_key_that_browsers_subscribe_with(counter: Counter) -> None:
    shown = await counter.client.get("/v1/push-key", headers=counter.own)
    assert (shown.status_code, len(shown.json()["public_key"])) == (200, 87)
    assert (await counter.client.get("/v1/push-key")).status_code == 401


async def test_the_same_device_again_is_the_same_device(counter: Counter) -> None:
    first = await counter.register("one")
    again = await counter.register("two")
    assert again.json() == first.json()
    assert len(await counter.active_devices()) == 1


async def test_a_repeated_request_is_answered_as_before(counter: Counter) -> None:
    first = await counter.register()
    again = await counter.register()
    assert again.json() == first.json()
    assert again.headers["Idempotent-Replayed"] == "true"


async def test_a_device_goes_over_to_whoever_signs_in_on_it(counter: Counter) -> None:
    await counter.register()
    taken = await counter.register(headers=counter.other)
    assert taken.status_code == 201
    [(device_id, user_id)] = await counter.active_devices()
    assert device_id == taken.json()["id"]
    assert user_id != counter.user_id


async def test_there_is_a_limit_to_the_devices_of_one_person(counter: Counter) -> None:
    for number in range(MAX_DEVICES):
        assert (await counter.register(f"k{number}", push_token=f"token-{number:04}")).status_code == 201
    refused = await counter.register("more", push_token="token-more")
    assert (refused.status_code, refused.json()["code"]) == (409, "device_limit_reached")
    assert len(await counter.active_devices()) == MAX_DEVICES


@pytest.mark.parametrize(
    "wrong",
    [
        {"platform": "windows"},
        {"push_token": "short"},
        {"push_token": "has a space in it"},
        {"push_token": "x" * 4097},
        {"push_token": 12345678},
        {"user_id": "user_1"},
    ],
)
async def test_a_device_that_makes_no_sense_is_refused(counter: Counter, wrong: dict[str, Any]) -> None:
    refused = await counter.register(**wrong)
    assert (refused.status_code, refused.json()["code"]) == (422, "validation_failed")
    assert await counter.active_devices() == []


async def test_a_device_needs_a_key_and_a_person(counter: Counter) -> None:
    keyless = await counter.client.post(DEVICES, headers=counter.own, json=PHONE)
    assert (keyless.status_code, keyless.json()["code"]) == (400, "idempotency_key_missing")
    assert (await counter.register(headers={})).status_code == 401
    assert await counter.active_devices() == []


async def test_a_device_is_removed_once_and_for_all(counter: Counter) -> None:
    path = f"{DEVICES}/{(await counter.register()).json()['id']}"
    assert (await counter.client.delete(path, headers=counter.own)).status_code == 204
    assert await counter.active_devices() == []
    assert (await counter.client.delete(path, headers=counter.own)).status_code == 204


async def test_a_device_of_somebody_else_cannot_be_found(counter: Counter) -> None:
    made = (await counter.register()).json()
    refused = await counter.client.delete(f"{DEVICES}/{made['id']}", headers=counter.other)
    assert (refused.status_code, refused.json()["code"]) == (404, "device_not_found")
    assert await counter.active_devices() == [(made["id"], counter.user_id)]


async def test_the_list_tells_what_happened_newest_first(counter: Counter, clock: MovableClock) -> None:
    await counter.tell("cards.card_issued", card_id="card_1", last4="4242")
    clock.advance(timedelta(seconds=1))
    await counter.tell("payments.refund_received", payment_id="pay_1", amount=1250, currency="USD")
    newest, oldest = (await counter.listed())["data"]
    assert newest["title"] == "$12.50 refunded"
    assert newest["event_type"] == "payments.refund_received"
    assert oldest["body"] == "The virtual card ending 4242 can be used now."
    assert oldest["created_at"] == "2026-11-23T12:00:00Z"


async def test_the_list_comes_in_pages(counter: Counter) -> None:
    for number in range(5):
        await counter.tell("cards.card_frozen", card_id="card_1", last4=f"000{number}")
    seen: list[str] = []
    page = await counter.listed(limit=2)
    while True:
        seen += [told["title"] for told in page["data"]]
        if page["next_cursor"] is None:
            break
        page = await counter.listed(limit=2, cursor=page["next_cursor"])
    assert seen == [f"Your card ending 000{number} is frozen" for number in (4, 3, 2, 1, 0)]


async def test_who_has_no_profile_reads_the_list_in_the_language_of_the_browser(counter: Counter) -> None:
    await counter.tell("cards.card_frozen", card_id="card_1", last4="4242")
    for header, title in (
        ("fr-CH, en;q=0.5", "Votre carte se terminant par 4242 est bloquée"),
        ("en;q=0.2, de;q=0.9", "Ihre Karte mit Endziffern 4242 ist gesperrt"),
        ("tlh, *", "Your card ending 4242 is frozen"),
        ("<script>" * 90, "Your card ending 4242 is frozen"),
    ):
        listed = await counter.listed({**counter.own, "Accept-Language": header})
        assert listed["data"][0]["title"] == title


async def test_nobody_sees_what_another_was_told(counter: Counter) -> None:
    await counter.tell("kyc.approved")
    assert len((await counter.listed())["data"]) == 1
    assert (await counter.listed(counter.other))["data"] == []
    assert (await counter.client.get(NOTIFICATIONS)).status_code == 401


@pytest.mark.parametrize("query", [{"cursor": "nonsense"}, {"limit": 0}, {"limit": 101}])
async def test_a_page_that_makes_no_sense_is_refused(counter: Counter, query: dict[str, Any]) -> None:
    refused = await counter.client.get(NOTIFICATIONS, headers=counter.own, params=query)
    assert (refused.status_code, refused.json()["code"]) == (422, "validation_failed")
