"""Every event becomes one job per subscription, however many relays share the work."""

import asyncio
import json
from collections import Counter
from datetime import UTC, datetime

import asyncpg
import pytest
from pgqueuer import Queries
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright.core.clock import MovableClock
from cardwright.db import outbox
from cardwright.db.jobs import Subscription, Work
from cardwright.db.outbox import Event
from cardwright.db.session import transaction
from cardwright.worker import Worker

AT = datetime(2026, 11, 23, 12, 0, 0, 123_456, tzinfo=UTC)


async def ignore(work: Work, event: Event) -> None:
    """Do nothing: these jobs are only counted."""


SUBSCRIPTIONS = (
    Subscription("one.hears", "thing.happened", ignore),
    Subscription("two.hears", "thing.happened", ignore),
    Subscription("other.hears", "thing.ended", ignore),
)


def relay_of(engine: AsyncEngine, clock: MovableClock, database_url: str) -> Worker:
    return Worker(Work(engine, clock, {}), database_url, SUBSCRIPTIONS)


async def write(engine: AsyncEngine, *events: Event) -> None:
    async with transaction(engine) as session:
        await outbox.append(session, *events)


async def jobs(database_url: str) -> list[tuple[str, str]]:
    """Return (subscription, event id) of every waiting job."""
    connection = await asyncpg.connect(database_url)
    try:
        packed = [
            json.loads(row["payload"]) for row in await connection.fetch("SELECT payload FROM pgqueuer")
        ]
    finally:
        await connection.close()
    return [(job["subscription"], job["event"]["id"]) for job in packed]


async def test_several_relays_at_once_make_each_job_exactly_once(
    engine: AsyncEngine, clock: MovableClock, database_url: str
) -> None:
    events = [Event("thing.happened", "prog_1", f"thing_{number}", AT) for number in range(900)]
    await write(engine, *events)

    async def relay() -> int:
        worker = relay_of(engine, clock, database_url)
        return sum([await worker.relay() for _ in range(4)])

    relayed = sum(await asyncio.gather(*(relay() for _ in range(5))))
    counted = Counter(await jobs(database_url))
    assert counted == {(name, event.id): 1 for event in events for name in ("one.hears", "two.hears")}
    assert relayed == 900


async def test_an_event_goes_to_those_who_asked_for_its_type_and_to_nobody_else(
    engine: AsyncEngine, clock: MovableClock, database_url: str
) -> None:
    ended, unheard = (
        Event("thing.ended", "prog_1", "thing_1", AT),
        Event("thing.unheard", "prog_1", "thing_1", AT),
    )
    await write(engine, ended, unheard)
    assert await relay_of(engine, clock, database_url).relay() == 2
    assert await jobs(database_url) == [("other.hears", ended.id)]
    assert await relay_of(engine, clock, database_url).relay() == 0


async def test_events_are_taken_in_order_and_no_more_than_asked_for(engine: AsyncEngine) -> None:
    events = [Event("thing.happened", "prog_1", f"thing_{number}", AT) for number in range(300)]
    await write(engine, *events)
    async with transaction(engine) as session:
        await session.execute(text("ANALYZE outbox"))
        assert await outbox.take(session, 120) == events[:120]
        assert await outbox.take(session, 500) == events[120:]


async def test_a_relay_that_fails_leaves_the_events_where_they_were(
    engine: AsyncEngine, clock: MovableClock, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = Event("thing.happened", "prog_1", "thing_1", AT)
    await write(engine, event)

    async def fail(*_args: object, **_more: object) -> None:
        raise ConnectionError

    with monkeypatch.context() as broken:
        broken.setattr(Queries, "enqueue", fail)
        with pytest.raises(ConnectionError):
            await relay_of(engine, clock, database_url).relay()
    assert await jobs(database_url) == []
    await relay_of(engine, clock, database_url).relay()
    assert sorted(await jobs(database_url)) == [("one.hears", event.id), ("two.hears", event.id)]


async def test_a_relay_skips_the_events_that_another_one_is_taking(engine: AsyncEngine) -> None:
    first, second = (Event("thing.happened", "prog_1", f"thing_{number}", AT) for number in range(2))
    await write(engine, first, second)
    async with transaction(engine) as session, transaction(engine) as other:
        assert await outbox.take(session, 1) == [first]
        assert await outbox.take(other, 10) == [second]
