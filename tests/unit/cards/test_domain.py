"""States of a card and the windows its limits count in, wherever the clock is changed."""

from datetime import UTC, datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardwright.cards import CardState, Limit, Selection, Window, window_bounds
from cardwright.cards.domain import ensure_distinct, ensure_transition, is_raise
from cardwright.core.errors import Conflict, Invalid

ALLOWED = {
    ("inactive", "active"), ("inactive", "canceled"), ("active", "frozen"), ("active", "canceled"),
    ("frozen", "active"), ("frozen", "canceled"),
}  # fmt: skip
CALENDAR = [Window.DAY, Window.WEEK, Window.MONTH, Window.YEAR]
ZONES = sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/"))
MIDNIGHT_CHANGES = ["America/Havana", "Africa/Cairo", "Asia/Beirut", "America/Santiago", "America/Asuncion"]
"""Zones whose clocks skip or repeat the hour around midnight."""

zones = st.sampled_from(ZONES) | st.sampled_from(MIDNIGHT_CHANGES)
instants = st.datetimes(datetime(2020, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
windows = st.sampled_from(CALENDAR)


def bounds(window: Window, at: datetime, zone: str) -> tuple[datetime, datetime]:
    """Return both edges in UTC."""
    start, end = window_bounds(window, at, ZoneInfo(zone))
    assert start is not None
    assert end is not None
    return start.astimezone(UTC), end.astimezone(UTC)


@pytest.mark.parametrize(("present", "wanted"), list(product(CardState, CardState)))
def test_a_card_moves_along_its_edges_only(present: CardState, wanted: CardState) -> None:
    if (present, wanted) in ALLOWED:
        ensure_transition(present, wanted)
        return
    with pytest.raises(Conflict) as refused:
        ensure_transition(present, wanted)
    assert refused.value.code == f"card_{present}"
    assert refused.value.details == {"present": present, "wanted": wanted}


@given(windows, instants, zones)
def test_an_instant_is_inside_its_window(window: Window, at: datetime, zone: str) -> None:
    start, end = bounds(window, at, zone)
    assert start <= at < end


@given(windows, instants, zones)
def test_windows_follow_each_other_without_a_gap(window: Window, at: datetime, zone: str) -> None:
    start, end = bounds(window, at, zone)
    assert bounds(window, end, zone)[0] == end
    assert bounds(window, start - timedelta(microseconds=1), zone)[1] == start


@given(windows, instants, zones)
def test_everything_in_a_window_has_the_same_window(window: Window, at: datetime, zone: str) -> None:
    start, end = bounds(window, at, zone)
    for other in (start, end - timedelta(microseconds=1), start + (end - start) / 2):
        assert bounds(window, other, zone) == (start, end)


@given(instants, zones)
def test_a_longer_window_begins_no_later(at: datetime, zone: str) -> None:
    day, week, month, year = (bounds(window, at, zone) for window in CALENDAR)
    assert year[0] <= month[0] <= day[0] < day[1] <= month[1] <= year[1]
    assert week[0] <= day[0] < day[1] <= week[1]


@pytest.mark.parametrize("window", [Window.PER_AUTHORIZATION, Window.LIFETIME])
def test_some_windows_have_no_edges(window: Window) -> None:
    assert window_bounds(window, datetime(2026, 11, 23, tzinfo=UTC), ZoneInfo("UTC")) == (None, None)


@pytest.mark.parametrize(
    ("window", "zone", "at", "start", "end"),
    [
        (Window.MONTH, "UTC", "2026-01-31 23:59:59", "2026-01-01 00:00", "2026-02-01 00:00"),
        (Window.MONTH, "UTC", "2026-12-31 00:00", "2026-12-01 00:00", "2027-01-01 00:00"),
        (Window.MONTH, "UTC", "2028-02-29 12:00", "2028-02-01 00:00", "2028-03-01 00:00"),
        (Window.MONTH, "UTC", "2027-02-28 12:00", "2027-02-01 00:00", "2027-03-01 00:00"),
        (Window.DAY, "UTC", "2028-02-28 23:00", "2028-02-28 00:00", "2028-02-29 00:00"),
        (Window.YEAR, "UTC", "2028-02-29 12:00", "2028-01-01 00:00", "2029-01-01 00:00"),
        (Window.WEEK, "UTC", "2026-11-29 23:59:59", "2026-11-23 00:00", "2026-11-30 00:00"),
        (Window.WEEK, "UTC", "2027-01-01 00:00", "2026-12-28 00:00", "2027-01-04 00:00"),
        (Window.MONTH, "Asia/Tokyo", "2026-01-31 15:00", "2026-01-31 15:00", "2026-02-28 15:00"),
        (Window.DAY, "Pacific/Kiritimati", "2026-01-01 09:59:59", "2025-12-31 10:00", "2026-01-01 10:00"),
        (Window.MONTH, "Europe/Berlin", "2026-03-31 21:59:59", "2026-02-28 23:00", "2026-03-31 22:00"),
        (Window.DAY, "Europe/Berlin", "2026-03-29 12:00", "2026-03-28 23:00", "2026-03-29 22:00"),
        (Window.DAY, "Europe/Berlin", "2026-10-25 12:00", "2026-10-24 22:00", "2026-10-25 23:00"),
    ],
)  # fmt: skip
def test_windows_known_by_heart(window: Window, zone: str, at: str, start: str, end: str) -> None:
    instant, *edges = (datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (at, start, end))
    assert bounds(window, instant, zone) == tuple(edges)


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Berlin", "2026-03-29", 23),
        ("Europe/Berlin", "2026-10-25", 25),
        ("Europe/Berlin", "2026-11-23", 24),
        ("America/New_York", "2026-03-08", 23),
        ("America/New_York", "2026-11-01", 25),
        ("Australia/Lord_Howe", "2026-04-05", 24.5),
        ("America/Havana", "2026-03-08", 23),
        ("America/Havana", "2026-11-01", 25),
    ],
)
def test_a_day_is_a_day_however_many_hours_it_has(zone: str, day: str, hours: float) -> None:
    start, end = bounds(
        Window.DAY, datetime.fromisoformat(f"{day}T15:00:00").replace(tzinfo=ZoneInfo(zone)), zone
    )
    assert end - start == timedelta(hours=hours)


def test_the_order_in_which_purchases_are_named_makes_no_other_limit() -> None:
    named = [Selection(categories=given, countries=("FR",)) for given in (("5411", "fuel"), ("fuel", "5411"))]
    first, second = [Limit(Window.DAY, 10, only=only) for only in named]
    assert first.key == second.key
    assert first.key != Limit(Window.DAY, 10, only=Selection(countries=("FR",))).key
    assert not is_raise([first], [second])
    with pytest.raises(Invalid, match="at most one limit"):
        ensure_distinct([first, second])
