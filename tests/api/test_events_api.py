"""The stream of events over HTTP: whose events one sees, and how to follow them."""

import asyncio
import time
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy.ext.asyncio import AsyncEngine

from api.test_users_api import ADA, Person, World
from cardwright import events
from cardwright.access import Role
from cardwright.core.clock import MovableClock
from cardwright.core.ids import new_id
from cardwright.db import outbox
from cardwright.db.outbox import Event
from cardwright.db.session import transaction
from cardwright.events import CATALOGUE, Audience, store
from cardwright.programs import ensure_program

EVENTS = "/v1/events"


@dataclass
class Feed:
    """A program in which things happen."""

    world: World
    engine: AsyncEngine
    clock: MovableClock
    program_id: str

    async def relay(self) -> None:
        async with transaction(self.engine) as session:
            await events.begin_recording(session)
            taken = await outbox.take(session, 1_000)
            await events.record(session, taken, at=self.clock.now())

    async def happens(self, type_: str, subject_id: str, **payload: Any) -> str:
        event = Event(type_, self.program_id, subject_id, self.clock.now(), payload)
        async with transaction(self.engine) as session:
            await outbox.append(session, event)
        await self.relay()
        return event.id

    async def card(self, owner: Person, what: str, card_id: str | None = None) -> str:
        told = {"card_id": card_id or new_id("card"), "last4": "4242", "state": "frozen"}
        return await self.happens(f"cards.{what}", told["card_id"], user_id=owner.user_id, **told)


@pytest.fixture
async def feed(client: httpx.AsyncClient, engine: AsyncEngine, clock: MovableClock) -> Feed:
    async with transaction(engine) as session:
        program = await ensure_program(session, slug="demo", name="Demo Program", currency="USD")
    made = Feed(World(client, engine, clock), engine, clock, program.id)
    # Something has happened already: a stream with nothing in it has no cursor yet.
    await made.happens("users.account_erased", new_id("user"))
    return made


async def read(reader: Person, **query: Any) -> Any:
    answer = await reader.get(EVENTS, **query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def ids(page: Any) -> list[str]:
    return [it["id"] for it in page["data"]]


async def test_holders_follow_what_is_about_them_and_developers_the_program(feed: Feed) -> None:
    ada, eve = await feed.world.person("ada@example.com"), await feed.world.person("eve@example.com")
    dev = await feed.world.person("dev@example.com", Role.DEVELOPER)
    boss = await feed.world.person("boss@example.com", Role.ADMINISTRATOR)
    await feed.relay()
    start = {it.user_id: (await read(it, limit=100))["cursor"] for it in (ada, eve, dev, boss)}
    hers, others = await feed.card(ada, "card_frozen"), await feed.card(eve, "card_frozen")
    secure = await feed.happens("authentication.password_changed", ada.user_id)
    flagged = await feed.happens(
        "payments.payment_flagged", "pay_1", payment_id="pay_1", decision_id="dec_1", rules=["big"]
    )
    hit = await feed.happens("kyc.screening_hit", "hit_1", user_id=ada.user_id, list="ofac", score=93)
    seen = {it: ids(await read(it, after=start[it.user_id])) for it in (ada, eve, dev, boss)}
    assert seen == {
        ada: [hers, secure],
        eve: [others],
        dev: [hers, others, flagged],
        boss: [hers, others, secure, flagged, hit],
    }
    for reader, found in seen.items():
        for event_id in (hers, others, secure, flagged, hit):
            answer = await reader.get(f"{EVENTS}/{event_id}")
            assert (answer.status_code == 200) is (event_id in found)
            if event_id not in found:
                assert (answer.status_code, answer.json()["code"]) == (404, "event_unknown")


async def test_an_event_is_shown_as_the_catalogue_says_and_its_place_to_staff_alone(feed: Feed) -> None:
    ada = await feed.world.person("ada@example.com")
    dev = await feed.world.person("dev@example.com", Role.DEVELOPER)
    event_id = await feed.card(ada, "card_issued", "card_1")
    shown = (await dev.get(f"{EVENTS}/{event_id}")).json()
    assert shown.keys() == CATALOGUE["cards.card_issued"].example.keys()
    assert isinstance(shown["position"], int)
    assert shown["data"] == {"user_id": ada.user_id, "card_id": "card_1", "last4": "4242", "state": "frozen"}
    assert (await ada.get(f"{EVENTS}/{event_id}")).json() == {**shown, "position": None}


async def test_following_by_cursor_misses_nothing_and_repeats_nothing(feed: Feed) -> None:
    ada = await feed.world.person("ada@example.com")
    await feed.relay()
    cursor = (await read(ada, limit=100))["cursor"]
    written = [await feed.card(ada, "card_frozen") for _ in range(7)]
    followed: list[str] = []
    for _ in range(5):
        page = await read(ada, after=cursor, limit=3)
        followed, cursor = followed + ids(page), page["cursor"]
        assert page["has_more"] is (len(followed) < 7)
    assert followed == written
    later = await feed.card(ada, "card_unfrozen")
    assert ids(await read(ada, after=cursor)) == [later]


async def test_what_is_looked_for_can_be_narrowed(feed: Feed) -> None:
    ada = await feed.world.person("ada@example.com")
    await feed.relay()
    cursor = (await read(ada, limit=100))["cursor"]
    frozen = await feed.card(ada, "card_frozen", new_id("card"))
    closed = await feed.happens("users.account_closed", ada.user_id)
    issued = await feed.card(ada, "card_issued", card_id := new_id("card"))
    assert ids(await read(ada, after=cursor, types="cards.*")) == [frozen, issued]
    assert ids(await read(ada, after=cursor, types=["users.account_closed", "cards.card_issued"])) == [
        closed,
        issued,
    ]
    assert ids(await read(ada, after=cursor, subject_id=card_id)) == [issued]
    at = feed.clock.now().isoformat()
    assert ids(await read(ada, after=cursor, since=at)) == [frozen, closed, issued]
    nothing = await read(ada, after=cursor, before=at)
    assert ids(nothing) == []
    # An empty page goes on from the end: what was left out is not looked through again.
    assert nothing["cursor"] == (await read(ada, limit=100))["cursor"]
    for wrong in ("cards.nothing", "nobody.*"):
        refused = await ada.get(EVENTS, types=wrong)
        assert (refused.status_code, refused.json()["code"]) == (422, "event_type_unknown")
    refused = await ada.get(EVENTS, after="evc_0000000000000000")
    assert (refused.status_code, refused.json()["code"]) == (422, "cursor_invalid")


async def test_a_cursor_from_before_what_is_kept_is_gone(feed: Feed) -> None:
    ada = await feed.world.person("ada@example.com")
    for _ in range(2):
        await feed.card(ada, "card_frozen")
    early = (await read(ada, limit=1))["cursor"]
    async with transaction(feed.engine) as session:
        await store.remove_oldest(session, before=feed.clock.now().replace(year=2030), limit=100)
    refused = await ada.get(EVENTS, after=early)
    assert (refused.status_code, refused.json()["code"]) == (410, "cursor_expired")


async def test_an_answer_waits_for_an_event_and_holds_no_connection(feed: Feed) -> None:
    ada = await feed.world.person("ada@example.com")
    await feed.relay()
    cursor = (await read(ada, limit=100))["cursor"]
    began = time.monotonic()
    # More than there are connections.
    others = [await feed.world.person(f"{name}@example.com") for name in ("ben", "cem", "dan")]
    many = [asyncio.create_task(read(who, after=cursor, wait_seconds=20)) for who in others for _ in range(8)]
    waiting = [asyncio.create_task(read(ada, after=cursor, wait_seconds=20)) for _ in range(8)]
    await asyncio.sleep(0.5)
    event_id = await feed.card(ada, "card_frozen")
    assert [ids(page) for page in await asyncio.gather(*waiting)] == [[event_id]] * 8
    for each in others:
        await feed.card(each, "card_frozen")
    assert all(len(ids(page)) == 1 for page in await asyncio.gather(*many))
    assert time.monotonic() - began < 10
    assert ids(await read(ada, after=(await read(ada, limit=100))["cursor"], wait_seconds=1)) == []


async def test_few_requests_of_one_person_wait_and_look_no_more_while_nothing_happens(feed: Feed) -> None:
    ada, ben = [await feed.world.person(f"{name}@example.com") for name in ("ada", "ben")]
    await feed.relay()
    cursor = (await read(ada, limit=100))["cursor"]
    looks: list[str] = []

    def count(_on: Any, _cursor: Any, statement: str, *_others: Any) -> None:
        if "FROM events" in statement:
            looks.append(statement)

    sqlalchemy_event.listen(feed.engine.sync_engine, "before_cursor_execute", count)
    waiting = [asyncio.create_task(read(ada, after=cursor, wait_seconds=2)) for _ in range(8)]
    await asyncio.sleep(0.5)
    refused = await ada.get(EVENTS, after=cursor, wait_seconds=2)
    assert (refused.status_code, refused.json()["code"]) == (429, "waits_limit_reached")
    assert refused.headers["Retry-After"] == "5"
    # Whoever does not wait is answered, and so is somebody else.
    assert ids(await read(ada, after=cursor)) == ids(await read(ben, after=cursor, wait_seconds=1)) == []
    assert [ids(page) for page in await asyncio.gather(*waiting)] == [[]] * 8
    # Nothing happened: each looked for events once, in the beginning.
    assert len(looks) == 8 + 3, looks[0]
    assert ids(await read(ada, after=cursor, wait_seconds=1)) == []


async def test_everybody_reads_about_the_types_that_they_may_see(feed: Feed) -> None:
    roles = {Audience.HOLDER: (), Audience.DEVELOPER: (Role.DEVELOPER,)}
    for audience, granted in roles.items():
        reader = await feed.world.person(f"{audience}@example.com", *granted)
        shown = (await reader.get("/v1/event-types")).json()["data"]
        assert [it["name"] for it in shown] == [n for n, it in CATALOGUE.items() if audience in it.audience]
        assert all(it["schema"]["type"] == "object" and it["example"]["type"] == it["name"] for it in shown)
    support = await feed.world.person("support@example.com", Role.SUPPORT)
    assert (await support.get("/v1/event-types")).status_code == 403


async def test_what_people_really_do_is_in_their_stream(feed: Feed) -> None:
    ada = await feed.world.person("ada@example.com")
    assert (await ada.put("/v1/me/profile", ADA)).status_code == 200
    await feed.relay()
    assert [it["type"] for it in (await read(ada))["data"]] == ["users.name_changed"]


async def test_before_the_first_event_there_is_nothing_to_go_on_from(
    client: httpx.AsyncClient, engine: AsyncEngine, clock: MovableClock
) -> None:
    ada = await World(client, engine, clock).person("ada@example.com")
    assert await read(ada) == {"data": [], "has_more": False, "cursor": None}
