"""Streams over real sockets: order, reconnects, who sees what, how they end, slow clients, limits."""

import asyncio
import socket
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from sqlalchemy import text

from cardwright import events
from cardwright.authentication.sessions import revoke_all_sessions
from cardwright.core.ids import new_id
from cardwright.db.outbox import Event
from cardwright.db.session import transaction
from cardwright.notifications import Hint
from depth import IS_THOROUGH
from integration.live.conftest import House, Station, Told

MANY = 500 if IS_THOROUGH else 60
"""All five hundred take as long as everything else here."""


async def record(house: House, event_type: str, subject_id: str, **told: object) -> None:
    """Let the relay record an event."""
    happened = Event(event_type, house.program_id, subject_id, house.clock.now(), told)
    async with transaction(house.engine) as session:
        await events.begin_recording(session)
        await events.record(session, [happened], at=house.clock.now())


def ids(read: list[Told]) -> list[str | None]:
    return [it.id for it in read if it.name == "notification"]


async def test_what_comes_is_told_in_order_with_the_count_of_what_is_unread(house: House) -> None:
    user_id, own = await house.person("ada")
    station = await house.open()
    async with station.stream(own) as stream:
        [first] = await stream.until("unread")
        assert (first.data, first.id) == ({"unread": 0}, "0")
        for number in range(3):
            await house.tell(user_id, number)
        read = await stream.until("notification", 3)
        assert ids(read) == ["1", "2", "3"]
        assert read[-1].data["event_type"] == "kyc.submitted"
        assert stream.retries
    listed = await station.client.get(f"{station.address}/v1/notifications", headers=own)
    newest = [it for it in listed.json()["data"] if it["id"] == read[-1].data["id"]]
    assert newest[0] == read[-1].data


async def test_who_connects_anew_misses_nothing_and_hears_nothing_twice(house: House) -> None:
    user_id, own = await house.person("ada")
    station, other = await house.open(), await house.open()
    async with station.stream(own) as stream:
        await stream.until("unread")
        await house.tell(user_id)
        await stream.until("notification")
        seen = stream.last_id
    for number in range(120):
        await house.tell(user_id, number)
    async with other.stream(own, last_id=seen) as stream:
        read = await stream.until("notification", 120)
    assert ids(read) == [str(number) for number in range(2, 122)]


async def test_many_workers_at_once_and_clients_that_leave_and_come_see_each_once(house: House) -> None:
    user_id, own = await house.person("ada")
    stations = [await house.open(), await house.open()]
    told = asyncio.gather(*(house.tell(user_id, number) for number in range(40)))
    seen: list[str | None] = []
    last: str | None = "0"
    turn = 0
    while len(seen) < 40:
        async with stations[turn % 2].stream(own, last_id=last) as stream:
            read = await stream.until("notification", min(7, 40 - len(seen)))
            seen += ids(read)
            last = seen[-1] if seen else last
        turn += 1
    await told
    assert seen == [str(number) for number in range(1, 41)]


async def test_an_id_that_never_was_silences_nothing_and_nonsense_is_refused(house: House) -> None:
    user_id, own = await house.person("ada")
    station = await house.open()
    await house.tell(user_id)
    async with station.stream(own, last_id="999999") as stream:
        await stream.until("unread")
        await house.tell(user_id)
        assert ids(await stream.until("notification")) == ["2"]
    for wrong in ("-1", "x", "1" * 19, "01"):
        answer = await station.client.get(
            f"{station.address}/v1/me/stream", headers={**own, "Last-Event-ID": wrong}
        )
        assert answer.status_code == 422
    assert station.hub.count == 0


async def test_nobody_hears_of_somebody_elses_things(house: House) -> None:
    (ada, own), (grace, other) = await house.person("ada"), await house.person("grace")
    station = await house.open()
    async with station.stream(own) as stream, station.stream(other) as foreign:
        await stream.until("unread")
        await foreign.until("unread")
        await house.tell(ada)
        card_id = new_id("card")
        await record(house, "cards.card_frozen", card_id, user_id=ada, card_id=card_id, last4="4242")
        heard = await stream.until("card.changed")
        assert heard[-1].data == {"id": card_id}
        await house.tell(grace)
        read = await foreign.until("notification")
        assert [it.name for it in read] == ["notification"]
        assert ids(read) == ["1"]


async def test_what_is_read_in_one_window_is_read_in_all(house: House) -> None:
    user_id, own = await house.person("ada")
    station, other = await house.open(), await house.open()
    for number in range(3):
        await house.tell(user_id, number)
    listed = (await station.client.get(f"{station.address}/v1/notifications", headers=own)).json()["data"]
    async with other.stream(own) as stream:
        assert (await stream.until("unread"))[-1].data == {"unread": 3}
        await station.client.post(f"{station.address}/v1/notifications/{listed[0]['id']}/read", headers=own)
        assert (await stream.until("unread"))[-1].data == {"unread": 2}
        await station.client.post(
            f"{station.address}/v1/notifications/read", headers=own, json={"up_to": listed[1]["id"]}
        )
        assert (await stream.until("unread"))[-1].data == {"unread": 0}


async def test_a_stream_ends_with_its_session(house: House) -> None:
    user_id, own = await house.person("ada")
    station = await house.open()
    async with station.stream(own) as stream:
        await stream.until("unread")
        async with transaction(house.engine) as session:
            await revoke_all_sessions(session, user_id, at=house.clock.now())
        assert [(it.name, it.data) for it in await stream.rest()] == [("end", {"code": "session_ended"})]
    assert station.hub.count == 0


async def test_a_stream_ends_when_its_session_expires_which_it_does_not_keep_alive(house: House) -> None:
    _, own = await house.person("ada")
    station = await house.open()
    async with station.stream(own) as stream:
        await stream.until("unread")
        house.clock.advance(timedelta(minutes=20))
        await asyncio.sleep(0.3)
        house.clock.advance(timedelta(days=60))
        assert (await stream.rest())[-1].name == "end"
    async with transaction(house.engine) as session:
        seen = await session.execute(
            text("SELECT count(*) FROM auth_sessions WHERE last_seen_at > created_at")
        )
        assert seen.scalar_one() == 0


async def test_silence_is_filled_with_heartbeats_and_no_connection_is_held(house: House) -> None:
    _, own = await house.person("ada")
    station = await house.open(check_every=timedelta(hours=1), poll_every=timedelta(hours=1))
    async with station.stream(own) as stream:
        await stream.until("unread")
        async with asyncio.timeout(60):
            with pytest.raises(TimeoutError):
                await stream.until("notification", seconds=0.7)
        assert stream.comments >= 2
        assert house.engine.pool.checkedout() == 0  # type: ignore[attr-defined]


async def test_who_does_not_read_is_let_go_and_others_go_on(house: House) -> None:
    user_id, own = await house.person("ada")
    station = await house.open(send_within=timedelta(seconds=0.3))
    where = urlsplit(station.address)
    with socket.create_connection((where.hostname, where.port)) as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        lines = [
            "GET /v1/me/stream HTTP/1.1",
            "Host: x",
            *(f"{name}: {value}" for name, value in own.items()),
        ]
        deaf.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        await until_open(station, 1)
        [slow] = station.hub._by_user[user_id]
        async with station.stream(own) as stream:
            await stream.until("unread")
            async with asyncio.timeout(20):
                while station.hub.count == 2:
                    for number in range(90):
                        slow.hear(_large(number))
                    await asyncio.sleep(0.02)
            await house.tell(user_id)
            await stream.until("notification")
            assert station.hub.count == 1


async def until_open(station: Station, count: int) -> None:
    async with asyncio.timeout(60):
        while station.hub.count != count:  # noqa: ASYNC110 - the hub tells nobody
            await asyncio.sleep(0.02)


def _large(number: int) -> Hint:
    return Hint("payment.changed", f"pay_{number}" + "x" * 2000)


async def test_there_is_a_limit_per_person_and_per_process_and_leaving_makes_room(house: House) -> None:
    (_, own), (_, other) = await house.person("ada"), await house.person("grace")
    station = await house.open(most_per_person=2, most_streams=3)
    async with AsyncExitStack() as stack:
        first, *_ = [await stack.enter_async_context(station.stream(own)) for _ in range(2)]
        refused = await station.client.get(f"{station.address}/v1/me/stream", headers=own)
        assert (refused.status_code, refused.json()["code"]) == (429, "streams_limit_reached")
        await stack.enter_async_context(station.stream(other))
        full = await station.client.get(f"{station.address}/v1/me/stream", headers=other)
        assert (full.status_code, full.json()["code"]) == (503, "streams_full")
        assert full.headers["Retry-After"]
        await first.answer.aclose()
        await until_open(station, 2)
        async with station.stream(own):
            assert station.hub.count == 3
    await until_open(station, 0)


async def test_at_the_end_of_the_process_clients_are_told_when_to_come_back(house: House) -> None:
    _, own = await house.person("ada")
    station = await house.open()
    async with station.stream(own) as stream:
        await stream.until("unread")
        station.hub.end()
        assert [it.name for it in await stream.rest()] == ["bye"]
        assert len(stream.retries) == 2
    assert (await station.client.get(f"{station.address}/v1/me/stream", headers=own)).status_code == 503


async def test_a_client_too_slow_for_its_hints_is_told_to_read_anew(house: House) -> None:
    _, own = await house.person("ada")
    station = await house.open()
    async with station.stream(own) as stream:
        await stream.until("unread")
        [subscriber] = next(iter(station.hub._by_user.values()))
        for number in range(500):
            subscriber.hear(_large(number))
        assert len(subscriber.hints) <= 100
        await stream.until("reload")


async def test_hundreds_of_streams_cost_little_and_all_hear(house: House) -> None:
    user_id, own = await house.person("ada")
    station = await house.open(
        most_per_person=600, check_every=timedelta(hours=1), poll_every=timedelta(seconds=0.5)
    )
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(station.stream(own))
        before = resident_bytes()
        opened = [await stack.enter_async_context(station.stream(own)) for _ in range(MANY - 1)]
        each = (resident_bytes() - before) // len(opened)
        print(f"resident bytes per stream, client and server: {each}")  # noqa: T201 - for the record
        assert station.hub.count == MANY
        assert each < 200_000
        await house.tell(user_id)
        heard = await asyncio.gather(*(stream.until("notification", seconds=300) for stream in opened))
        assert all(ids(read) == ["1"] for read in heard)


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096
