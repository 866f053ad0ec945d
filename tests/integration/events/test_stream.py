"""The stream of events: nothing missing, nothing twice, in the order of commits, whoever meets."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright import events
from cardwright.core.clock import MovableClock
from cardwright.core.errors import Gone, Invalid, NotFound
from cardwright.db import outbox
from cardwright.db.jobs import Work
from cardwright.db.outbox import Event
from cardwright.db.session import transaction
from cardwright.events import RecordedEvent, Retention
from cardwright.events.reading import read_events
from cardwright.events.store import Wanted
from cardwright.worker import Worker

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
ANYTHING = Wanted(is_for_staff=True)


def relay_of(engine: AsyncEngine, clock: MovableClock, url: str) -> Worker:
    return Worker(Work(engine, clock, {}), url, ())


def changed(number: int, program_id: str = "prog_1", **payload: object) -> Event:
    return Event("users.name_changed", program_id, f"user_{number}", AT, payload)


async def write(engine: AsyncEngine, *written: Event) -> None:
    async with transaction(engine) as session:
        await outbox.append(session, *written)


async def stream(engine: AsyncEngine, program_id: str = "prog_1") -> list[RecordedEvent]:
    """Read a program's whole stream, as somebody does who follows it."""
    found: list[RecordedEvent] = []
    cursor = None
    while True:
        async with transaction(engine) as session:
            page = await read_events(session, program_id, ANYTHING, cursor=cursor, limit=97)
        found += page.events
        cursor = page.cursor
        if not page.has_more:
            return found


async def test_each_event_has_the_next_place_of_its_program(
    engine: AsyncEngine, clock: MovableClock, database_url: str
) -> None:
    written = [changed(number, f"prog_{number % 3}") for number in range(30)]
    await write(engine, *written)
    await relay_of(engine, clock, database_url).relay()
    await write(engine, changed(30, "prog_0"))
    await relay_of(engine, clock, database_url).relay()
    for program in range(3):
        found = await stream(engine, f"prog_{program}")
        assert [it.position for it in found] == [*range(1, 12 if program == 0 else 11)]
        assert [it.id for it in found][:10] == [it.id for it in written if it.program_id == f"prog_{program}"]


async def test_relays_beside_each_other_leave_no_gap_and_record_nothing_twice(
    engine: AsyncEngine, clock: MovableClock, database_url: str
) -> None:
    written = [changed(number) for number in range(1_500)]

    async def write_some(part: Sequence[Event]) -> None:
        for event in part:
            await write(engine, event)

    async def relay() -> None:
        worker = relay_of(engine, clock, database_url)
        while not is_written.is_set() or await worker.relay():
            await worker.relay()

    is_written = asyncio.Event()
    relays = [asyncio.create_task(relay()) for _ in range(3)]
    await asyncio.gather(*(write_some(written[start::6]) for start in range(6)))
    is_written.set()
    await asyncio.gather(*relays)
    found = await stream(engine)
    assert [it.position for it in found] == [*range(1, len(written) + 1)]
    assert {it.id for it in found} == {it.id for it in written}


async def test_the_events_of_an_object_stand_in_the_order_of_its_commits(
    engine: AsyncEngine, clock: MovableClock, database_url: str
) -> None:
    async with transaction(engine) as session:
        await session.execute(text("CREATE TABLE counters (id int PRIMARY KEY, version int NOT NULL)"))
        await session.execute(text("INSERT INTO counters SELECT it, 0 FROM generate_series(0, 4) AS it"))

    async def change(number: int) -> None:
        # As every use case does: lock, change, write the event; some are slow to commit.
        async with transaction(engine) as session:
            bumped = text("UPDATE counters SET version = version + 1 WHERE id = :id RETURNING version")
            version = (await session.execute(bumped, {"id": number % 5})).scalar_one()
            told = {"user_id": "user_1", "card_id": str(version), "state": "frozen"}
            await outbox.append(session, Event("cards.card_frozen", "prog_1", f"card_{number % 5}", AT, told))
            await asyncio.sleep(0.002 * (number % 3))

    async def relay() -> None:
        worker = relay_of(engine, clock, database_url)
        while not is_written.is_set() or await worker.relay():
            await worker.relay()

    is_written = asyncio.Event()
    relays = [asyncio.create_task(relay()) for _ in range(2)]
    for start in range(0, 300, 10):
        await asyncio.gather(*(change(number) for number in range(start, start + 10)))
    is_written.set()
    await asyncio.gather(*relays)
    versions = defaultdict(list)
    for event in await stream(engine):
        versions[event.subject_id].append(int(event.data["card_id"]))
    assert versions == {f"card_{it}": [*range(1, 61)] for it in range(5)}


async def test_what_a_relay_took_and_did_not_commit_is_recorded_once_by_the_next(
    engine: AsyncEngine, clock: MovableClock, database_url: str
) -> None:
    await write(engine, changed(1), changed(2))

    async def relay_and_fail() -> None:
        async with transaction(engine) as session:
            await events.begin_recording(session)
            taken = await outbox.take(session, 100)
            assert len(await events.record(session, taken, at=AT)) == 2
            raise LookupError

    with pytest.raises(LookupError):
        await relay_and_fail()
    assert await stream(engine) == []
    await relay_of(engine, clock, database_url).relay()
    assert [it.position for it in await stream(engine)] == [1, 2]


async def test_an_event_that_comes_again_keeps_its_one_place(
    engine: AsyncEngine, clock: MovableClock, database_url: str
) -> None:
    first, second = changed(1), changed(2)
    await write(engine, first)
    await relay_of(engine, clock, database_url).relay()
    await write(engine, first, second, first)
    await relay_of(engine, clock, database_url).relay()
    assert [(it.id, it.position) for it in await stream(engine)] == [(first.id, 1), (second.id, 2)]


async def test_only_what_is_declared_is_kept_and_what_is_ours_alone_is_not(
    engine: AsyncEngine, clock: MovableClock, database_url: str
) -> None:
    told = {"user_id": "user_7", "proof": "secret", "card_id": "card_1", "last4": None, "state": "frozen"}
    await write(
        engine,
        Event("cards.card_frozen", "prog_1", "card_1", AT, told),
        Event("inbox.received", "prog_1", "inb_1", AT, {"source": "stripe"}),
        Event("thing.happened", "prog_1", "thing_1", AT),
    )
    await relay_of(engine, clock, database_url).relay()
    (kept,) = await stream(engine)
    assert (kept.user_id, kept.data) == (
        "user_7", {"user_id": "user_7", "card_id": "card_1", "state": "frozen"}
    )  # fmt: skip


async def test_readers_see_no_place_before_those_that_come_earlier(
    engine: AsyncEngine, clock: MovableClock, database_url: str
) -> None:
    is_over = asyncio.Event()

    async def follow() -> list[int]:
        seen: list[int] = []
        cursor = None
        while not is_over.is_set() or len(seen) < 400:
            async with transaction(engine) as session:
                page = await read_events(session, "prog_1", ANYTHING, cursor=cursor, limit=7)
            seen += [it.position for it in page.events]
            cursor = page.cursor
        return seen

    following = [asyncio.create_task(follow()) for _ in range(2)]
    worker = relay_of(engine, clock, database_url)
    for start in range(0, 400, 8):
        await write(engine, *(changed(number) for number in range(start, start + 8)))
        await worker.relay()
    is_over.set()
    assert await asyncio.gather(*following) == [[*range(1, 401)]] * 2


async def test_old_events_go_and_a_cursor_before_them_says_so(
    engine: AsyncEngine, clock: MovableClock, database_url: str
) -> None:
    worker = relay_of(engine, clock, database_url)
    await write(engine, *(changed(number) for number in range(10)))
    await worker.relay()
    async with transaction(engine) as session:
        early = (await read_events(session, "prog_1", ANYTHING, cursor=None, limit=4)).cursor
        late = (await read_events(session, "prog_1", ANYTHING, cursor=None, limit=100)).cursor
    clock.advance(timedelta(days=60))
    await write(engine, changed(10))
    await worker.relay()
    clock.advance(timedelta(days=31))
    work = Work(engine, clock, {Retention: Retention()})
    assert await events.sweep_events(work) == 10
    assert await events.sweep_events(work) == 0
    async with transaction(engine) as session:
        with pytest.raises(Gone, match="kept no more") as refused:
            await read_events(session, "prog_1", ANYTHING, cursor=early, limit=4)
        assert refused.value.code == "cursor_expired"
        # Whoever was up to date missed nothing.
        page = await read_events(session, "prog_1", ANYTHING, cursor=late, limit=4)
        assert [it.position for it in page.events] == [11]
        afresh = await read_events(session, "prog_1", ANYTHING, cursor=None, limit=4)
        assert [it.position for it in afresh.events] == [11]
        with pytest.raises(Gone):
            await events.list_events(session, "prog_1", after=3, limit=4)
    clock.advance(timedelta(days=91))
    assert await events.sweep_events(work) == 1
    await write(engine, changed(11))
    await worker.relay()
    # Places are not used again when nothing is left of the stream.
    assert [it.position for it in await stream(engine)] == [12]


async def test_a_cursor_of_another_stream_or_made_up_is_refused(
    engine: AsyncEngine, clock: MovableClock, database_url: str
) -> None:
    await write(engine, changed(1, "prog_1"), changed(2, "prog_2"))
    await relay_of(engine, clock, database_url).relay()
    async with transaction(engine) as session:
        other = (await read_events(session, "prog_2", ANYTHING, cursor=None, limit=4)).cursor
        for cursor in (other, "evc_0000000000000001"):
            with pytest.raises(Invalid, match="no cursor"):
                await read_events(session, "prog_1", ANYTHING, cursor=cursor, limit=4)
        with pytest.raises(NotFound):
            await events.get_event(session, "prog_1", "evt_unknown")
