from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from simulator.clock import VirtualClock, wall_timestamp
from simulator.objects import ObjectStore


def test_a_new_clock_shows_the_wall_time() -> None:
    clock = VirtualClock(ObjectStore())
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)
    assert clock.timestamp() - wall_timestamp() in {0, 1}


def test_advancing_adds_up_and_calls_those_who_wait_after_the_move() -> None:
    clock = VirtualClock(ObjectStore())
    seen: list[int] = []
    clock.on_advance(lambda: seen.append(clock.offset_seconds))
    clock.advance(60)
    clock.advance(40)
    assert seen == [60, 100]
    assert clock.now() - datetime.now(UTC) > timedelta(seconds=95)


def test_a_clock_does_not_go_back() -> None:
    clock = VirtualClock(ObjectStore())
    with pytest.raises(ValueError, match="forward"):
        clock.advance(-1)
    assert clock.offset_seconds == 0


def test_the_offset_survives_a_restart(tmp_path: Path) -> None:
    first = ObjectStore(tmp_path / "store.sqlite3")
    VirtualClock(first).advance(3600)
    first.close()
    assert VirtualClock(ObjectStore(tmp_path / "store.sqlite3")).offset_seconds == 3600
