"""Time comes from one place, has a zone, and can be held still."""

import time
from datetime import UTC, datetime, timedelta

import time_machine

from cardwright.core.clock import MovableClock, Stopwatch, SystemClock

AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def test_the_systems_clock_tells_the_time_in_utc() -> None:
    with time_machine.travel(AT, tick=False):
        assert SystemClock().now() == AT
    assert SystemClock().now().utcoffset() == timedelta(0)


def test_a_movable_clock_moves_only_when_it_is_moved() -> None:
    clock = MovableClock(AT)
    assert (clock.now(), clock.now()) == (AT, AT)
    clock.advance(timedelta(hours=1))
    assert clock.now() == AT + timedelta(hours=1)
    clock.advance(timedelta(hours=-2))
    assert clock.now() == AT - timedelta(hours=1)


def test_a_stopwatch_gives_each_stage_its_own_microseconds() -> None:
    watch = Stopwatch()
    time.sleep(0.02)
    watch.lap("slow")
    watch.lap("quick")
    assert list(watch.stages) == ["slow", "quick"]
    assert watch.stages["slow"] >= 20_000
    assert 0 <= watch.stages["quick"] < watch.stages["slow"]
    assert all(type(spent) is int for spent in watch.stages.values())
