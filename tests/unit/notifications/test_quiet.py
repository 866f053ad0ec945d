"""Quiet hours and digests by the clock on the wall, in every zone and over every change of the clock."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cardwright.notifications.quiet import DigestTimes, QuietHours, next_digest, quiet_until

ZONES = sorted(available_timezones() - {"localtime", "Factory"})
MINUTE = timedelta(minutes=1)
minutes_of_day = st.integers(0, 1439).map(lambda minute: time(minute // 60, minute % 60))
quiet_hours = (
    st.tuples(minutes_of_day, minutes_of_day)
    .filter(lambda it: it[0] != it[1])
    .map(lambda it: QuietHours(*it))
)
instants = st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
zones = st.sampled_from(ZONES).map(ZoneInfo)
BERLIN = ZoneInfo("Europe/Berlin")
NIGHT = QuietHours(time(22), time(7))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@settings(max_examples=300, deadline=None)
@given(hours=quiet_hours, zone=zones, moment=instants)
def test_it_is_quiet_exactly_while_the_clock_on_the_wall_says_so(
    hours: QuietHours, zone: ZoneInfo, moment: datetime
) -> None:
    until = quiet_until(hours, zone, moment)
    assert (until is not None) is hours.covers(moment.astimezone(zone).time())
    if until is None:
        return
    assert moment < until <= moment + timedelta(hours=26)
    assert not hours.covers(until.astimezone(zone).time())
    # The first minute of all: every one before is quiet.
    assert hours.covers((until - MINUTE).astimezone(zone).time()) or until - MINUTE < moment
    assert quiet_until(hours, zone, until) is None


@settings(max_examples=200, deadline=None)
@given(
    zone=zones, start=instants, cadence=st.sampled_from(["daily", "weekly"]), hour=st.integers(0, 23),
    weekday=st.integers(0, 6),
)  # fmt: skip
def test_digests_follow_each_other_once_on_each_of_their_days(
    zone: ZoneInfo, start: datetime, cadence: str, hour: int, weekday: int
) -> None:
    times = DigestTimes(cadence, hour, weekday)  # type: ignore[arg-type]
    first = next_digest(times, zone, start)
    second = next_digest(times, zone, first)
    assert start < first < second
    assert first - start <= timedelta(days=8 if cadence == "weekly" else 2)
    days = {it.astimezone(zone).date() for it in (first, second)}
    assert len(days) == 2
    if cadence == "weekly":
        assert {day.weekday() for day in days} == {weekday}


@pytest.mark.parametrize(
    ("moment", "until"),
    [
        ("2026-11-29T21:59:59+01:00", None),
        ("2026-11-29T22:00:00+01:00", "2026-11-30T07:00:00+01:00"),
        ("2026-11-30T06:59:59+01:00", "2026-11-30T07:00:00+01:00"),
        ("2026-11-30T07:00:00+01:00", None),
        # The night in which the clock is set forward, and the one in which it is set back.
        ("2026-03-28T23:00:00+01:00", "2026-03-29T07:00:00+02:00"),
        ("2026-10-24T23:00:00+02:00", "2026-10-25T07:00:00+01:00"),
    ],
)
def test_a_night_ends_when_the_persons_clock_says_so(moment: str, until: str | None) -> None:
    assert quiet_until(NIGHT, BERLIN, at(moment)) == (None if until is None else at(until))


def test_an_end_that_the_clock_skips_is_when_it_jumps() -> None:
    hours = QuietHours(time(1), time(2, 30))
    assert quiet_until(hours, BERLIN, at("2026-03-29T01:30:00+01:00")) == at("2026-03-29T03:00:00+02:00")


def test_what_the_clock_shows_twice_is_quiet_twice() -> None:
    hours = QuietHours(time(2), time(2, 30))
    first, second = at("2026-10-25T02:10:00+02:00"), at("2026-10-25T02:10:00+01:00")
    assert quiet_until(hours, BERLIN, first) == at("2026-10-25T02:30:00+02:00")
    assert quiet_until(hours, BERLIN, second) == at("2026-10-25T02:30:00+01:00")


def test_a_digest_is_due_once_where_the_clock_shows_its_hour_twice_or_never() -> None:
    times = DigestTimes("daily", 2)
    twice = next_digest(times, BERLIN, at("2026-10-25T00:30:00+02:00"))
    assert twice == at("2026-10-25T02:00:00+02:00")
    assert next_digest(times, BERLIN, twice) == at("2026-10-26T02:00:00+01:00")
    assert next_digest(times, BERLIN, at("2026-03-29T01:30:00+01:00")) == at("2026-03-29T03:00:00+02:00")


def test_a_weekly_digest_is_on_its_day() -> None:
    due = next_digest(DigestTimes("weekly", 8, 4), BERLIN, at("2026-11-29T12:00:00+01:00"))
    assert due.astimezone(BERLIN).date() == date(2026, 12, 4)


def test_quiet_hours_of_no_time_are_refused() -> None:
    with pytest.raises(ValueError, match="different times"):
        QuietHours(time(7), time(7))
