"""What was written in a transaction is done afterwards: once, again after trouble, never silently lost."""

import asyncio
import time
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from structlog.testing import capture_logs

from cardwright import worker as worker_module
from cardwright.core.errors import Unavailable
from cardwright.db import jobs
from cardwright.db.jobs import Subscription, Work
from cardwright.db.outbox import Event
from integration.worker.bench import Bench, an_event, eventually, heard_by


@pytest.fixture
def bench(engine: AsyncEngine, database_url: str) -> Bench:
    return Bench(engine, database_url)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Short pauses between attempts, and few of them."""
    monkeypatch.setattr(jobs, "FIRST_PAUSE_SECONDS", 0.05)
    monkeypatch.setattr(worker_module, "ATTEMPTS", 2)


class Handler:
    """Notes what it is given, and fails as often as it is told to."""

    def __init__(self, failures: int = 0, error: type[Exception] = RuntimeError) -> None:
        self.heard: list[Event] = []
        self.times: list[float] = []
        self.failures = failures
        self.error = error

    async def __call__(self, _work: Work, event: Event) -> None:
        self.heard.append(event)
        self.times.append(time.monotonic())
        if len(self.heard) <= self.failures:
            raise Unavailable("down", "down") if self.error is Unavailable else self.error

    async def was_called(self) -> bool:
        return bool(self.heard)

    async def has_succeeded(self) -> bool:
        return len(self.heard) > self.failures


async def test_an_event_reaches_everybody_who_asked_for_it_as_it_was_written(bench: Bench) -> None:
    one, other, stranger = Handler(), Handler(), Handler()
    event = an_event()
    async with bench.running(
        heard_by(one, "one"), heard_by(other, "other"), Subscription("stranger", "thing.ended", stranger)
    ):
        await bench.write(event)
        await eventually(one.was_called)
        await eventually(other.was_called)
        await eventually(bench.is_idle)
    assert (one.heard, other.heard, stranger.heard) == ([event], [event], [])


async def test_workers_beside_each_other_do_every_job_once(bench: Bench) -> None:
    handler = Handler()
    events = [an_event(number) for number in range(120)]

    async def are_all_done() -> bool:
        return len(handler.heard) >= len(events)

    async with (
        bench.running(heard_by(handler)),
        bench.running(heard_by(handler)),
        bench.running(heard_by(handler)),
    ):
        await bench.write(*events)
        await eventually(are_all_done)
        await asyncio.sleep(0.3)
        await eventually(bench.is_idle)
    assert Counter(event.id for event in handler.heard) == {event.id: 1 for event in events}


@pytest.mark.usefixtures("quick")
async def test_a_handler_that_fails_is_called_again_after_growing_pauses(bench: Bench) -> None:
    handler = Handler(failures=2)
    async with bench.running(heard_by(handler)):
        await bench.write(an_event())
        await eventually(handler.has_succeeded)
        await eventually(bench.is_idle)
    first, second, third = handler.times
    assert second - first >= 0.05
    assert third - second >= 0.1


def test_pauses_double_up_to_five_minutes() -> None:
    pauses = [jobs.pause_after(attempts) for attempts in range(12)]
    assert pauses[:4] == [timedelta(seconds=seconds) for seconds in (0.5, 1, 2, 4)]
    assert pauses == sorted(pauses)
    assert jobs.pause_after(10_000) == timedelta(minutes=5)


@pytest.mark.usefixtures("quick")
async def test_a_job_that_always_fails_is_held_for_people_and_stops_nobody_else(bench: Bench) -> None:
    poison, other = Handler(failures=1_000), Handler()

    async def is_held() -> bool:
        return ("failed", 2) in await bench.jobs()

    async with bench.running(heard_by(poison, "poison"), heard_by(other, "other")):
        await bench.write(an_event(1), an_event(2))
        await eventually(is_held)
        await bench.write(an_event(3))
        await eventually(lambda: is_done(other, 3))
        await asyncio.sleep(0.3)
    assert Counter(event.subject_id for event in other.heard) == {f"thing_{n}": 1 for n in (1, 2, 3)}
    assert all(calls <= 3 for calls in Counter(event.subject_id for event in poison.heard).values())


async def is_done(handler: Handler, many: int) -> bool:
    return len(handler.heard) >= many


@pytest.mark.usefixtures("quick")
async def test_a_vendor_that_is_down_is_tried_for_ever(bench: Bench) -> None:
    handler = Handler(failures=6, error=Unavailable)
    with capture_logs() as logged:
        async with bench.running(heard_by(handler)):
            await bench.write(an_event())
            await eventually(handler.has_succeeded)
            await eventually(bench.is_idle)
    assert len(handler.heard) == 7
    failures = [entry for entry in logged if entry["event"] == "job_failed"]
    assert [entry["attempt"] for entry in failures] == list(range(6))
    assert {(entry["error"], entry["exc_info"]) for entry in failures} == {("Unavailable", False)}


async def test_a_job_of_a_handler_nobody_knows_any_more_is_held(bench: Bench) -> None:
    await bench.write(an_event())
    gone = worker_module.Worker(bench.work(), bench.database_url, [heard_by(Handler(), "renamed.away")])
    await gone.relay()

    async def is_held() -> bool:
        return await bench.jobs() == [("failed", 0)]

    async with bench.running(heard_by(Handler())):
        await eventually(is_held)


async def test_a_worker_that_is_told_to_stop_finishes_what_it_began(bench: Bench) -> None:
    began, ended = asyncio.Event(), asyncio.Event()

    async def take_time(work: Work, event: Event) -> None:
        began.set()
        await asyncio.sleep(0.3)
        ended.set()

    async with bench.running(heard_by(take_time)):
        await bench.write(an_event())
        await began.wait()
    assert ended.is_set()
    assert await bench.jobs() == []


async def test_a_job_that_does_not_end_in_time_is_cut_off_and_done_by_the_next_worker(bench: Bench) -> None:
    began, done = asyncio.Event(), Handler()

    async def hang(work: Work, event: Event) -> None:
        began.set()
        await asyncio.Event().wait()

    hasty = worker_module.Worker(
        bench.work(), bench.database_url, [heard_by(hang)], finish_within=timedelta(seconds=0.2)
    )
    running = asyncio.create_task(hasty.run())
    await bench.write(an_event())
    await began.wait()
    hasty.stop()
    async with asyncio.timeout(5):
        await running
    assert await bench.jobs() == [("queued", 1)]
    async with bench.running(heard_by(done)):
        await eventually(done.was_called)
    assert await bench.jobs() == []


async def test_what_is_written_while_no_worker_runs_waits(bench: Bench) -> None:
    handler = Handler()
    await bench.write(an_event(1), an_event(2))
    async with bench.running(heard_by(handler)):
        await eventually(lambda: is_done(handler, 2))
    assert {event.subject_id for event in handler.heard} == {"thing_1", "thing_2"}


async def test_a_relay_outlives_a_database_that_was_away(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    handler = Handler()
    take, calls = worker_module.outbox.take, 0

    async def fail_at_first(*args: object) -> object:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise ConnectionError
        return await take(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(worker_module.outbox, "take", fail_at_first)
    with capture_logs() as logged:
        async with bench.running(heard_by(handler)):
            await bench.write(an_event())
            await eventually(handler.was_called)
    assert [entry["error"] for entry in logged if entry["event"] == "relay_failed"] == ["ConnectionError"]


async def test_a_worker_that_is_stopped_while_it_connects_stops(bench: Bench) -> None:
    for turns in (0, 1, 5, 50):
        async with bench.running():
            for _ in range(turns):
                await asyncio.sleep(0)


async def test_periodic_work_goes_on_after_it_failed(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    rounds = 0

    async def fail_at_first(work: Work) -> None:
        nonlocal rounds
        rounds += 1
        if rounds == 1:
            raise LookupError

    async def has_gone_on() -> bool:
        return rounds >= 3

    monkeypatch.setattr(worker_module, "_PERIODIC", (("test", 0.02, fail_at_first),))
    with capture_logs() as logged:
        async with bench.running():
            await eventually(has_gone_on)
    assert [entry["error"] for entry in logged if entry["event"] == "periodic_failed"] == ["LookupError"]
