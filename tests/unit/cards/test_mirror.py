"""The limits that a processor enforces besides us never decline what ours allow."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardwright.cards.domain import (
    AppliedLimit,
    Limit,
    Measure,
    MirroredLimit,
    Scope,
    Selection,
    Window,
    mirrored,
    window_bounds,
)

ZONES = [
    ZoneInfo(name)
    for name in (
        "Pacific/Kiritimati", "America/Los_Angeles", "Atlantic/Azores", "Australia/Lord_Howe",
        "Europe/Berlin",
    )
]  # fmt: skip
START = datetime(2026, 1, 1, tzinfo=UTC)
CALENDAR = (Window.DAY, Window.WEEK, Window.MONTH, Window.YEAR)
moments = st.one_of(
    st.integers(0, 2 * 365 * 86_400), st.integers(85 * 86_400, 95 * 86_400), st.integers(0, 3 * 86_400)
)
asked = st.lists(st.tuples(moments, st.integers(1, 120)), max_size=60).map(sorted)


def stripes(window: Window, at: datetime) -> datetime | None:
    """When Stripe's window around an instant began: in UTC, weeks on Sunday."""
    day = at.replace(hour=0, minute=0, second=0, microsecond=0)
    match window:
        case Window.DAY:
            return day
        case Window.WEEK:
            return day - timedelta(days=day.isoweekday() % 7)
        case Window.MONTH:
            return day.replace(day=1)
        case Window.YEAR:
            return day.replace(month=1, day=1)
        case _:
            return None


@pytest.mark.parametrize("zone", ZONES, ids=str)
@given(
    payments=asked,
    limits=st.lists(
        st.builds(
            AppliedLimit,
            st.sampled_from([Scope.CARD, Scope.FIXED, Scope.PROGRAM]),
            st.builds(
                Limit,
                st.sampled_from([*CALENDAR, Window.PER_AUTHORIZATION, Window.LIFETIME]),
                st.integers(0, 300),
            ),
        ),
        min_size=1,
        max_size=5,
    ),
)
def test_what_our_limits_allow_never_exceeds_a_mirrored_one(
    zone: ZoneInfo, payments: list[tuple[int, int]], limits: list[AppliedLimit]
) -> None:
    ours: defaultdict[tuple[int, object], int] = defaultdict(int)
    theirs: defaultdict[tuple[Window, object], int] = defaultdict(int)
    there = mirrored(limits)
    for second, amount in payments:
        at = START + timedelta(seconds=second)
        keys = [
            (place, at if limit.window is Window.PER_AUTHORIZATION else window_bounds(limit.window, at, zone))
            for place, limit in enumerate(it.limit for it in limits)
        ]
        most = [it.limit.at_most for it in limits]
        single = [it.limit.window is Window.PER_AUTHORIZATION for it in limits]
        spent = [0 if alone else ours[key] for key, alone in zip(keys, single, strict=True)]
        if any(before + amount > at_most for before, at_most in zip(spent, most, strict=True)):
            continue
        for key in keys:
            ours[key] += amount
        for found in there:
            if found.window is Window.PER_AUTHORIZATION:
                assert amount <= found.at_most
            else:
                theirs[found.window, stripes(found.window, at)] += amount
                assert theirs[found.window, stripes(found.window, at)] <= found.at_most


def test_once_the_amount_would_decline_what_two_of_our_days_allow() -> None:
    zone, limit = ZoneInfo("America/Los_Angeles"), Limit(Window.DAY, 100)
    late, early = (datetime(2026, 6, 2, hour, tzinfo=UTC) for hour in (6, 8))
    assert window_bounds(Window.DAY, late, zone) != window_bounds(Window.DAY, early, zone)
    assert stripes(Window.DAY, late) == stripes(Window.DAY, early)
    assert mirrored([AppliedLimit(Scope.CARD, limit)]) == (MirroredLimit(Window.DAY, 200),)


def test_the_strictest_of_a_window_is_mirrored() -> None:
    limits = [
        AppliedLimit(Scope.CARD, Limit(Window.MONTH, 300)),
        AppliedLimit(Scope.PROGRAM, Limit(Window.MONTH, 200)),
        AppliedLimit(Scope.PROGRAM, Limit(Window.LIFETIME, 900)),
        AppliedLimit(Scope.CARD, Limit(Window.LIFETIME, 1000)),
    ]
    assert mirrored(limits) == (MirroredLimit(Window.LIFETIME, 900), MirroredLimit(Window.MONTH, 400))


@pytest.mark.parametrize(
    "applied",
    [
        AppliedLimit(Scope.CARD, Limit(Window.DAY, 3, Measure.COUNT)),
        AppliedLimit(Scope.CARD, Limit(Window.ROLLING, 100, span_seconds=3_600)),
        AppliedLimit(Scope.CARD, Limit(Window.DAY, 100, only=Selection(countries=("FR",)))),
        AppliedLimit(Scope.CUSTOMER, Limit(Window.DAY, 100)),
        AppliedLimit(Scope.LEVEL, Limit(Window.DAY, 100)),
    ],
    ids=["a count", "a rolling window", "some purchases", "a customer's", "a level's"],
)
def test_what_a_processor_cannot_count_as_we_do_is_not_mirrored(applied: AppliedLimit) -> None:
    assert mirrored([applied]) == ()
