"""Holders who move: no window of a zone they left, nor of the one they go to, is spent beyond its limit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from builders import engine_for_tests
from cardwright.cards import Limit, Measure, Selection, Window
from cardwright.core.clock import MovableClock
from cardwright.payments import AuthorizationRequest
from depth import tries
from integration.payments import holders
from integration.payments.holders import Holding
from integration.payments.network import BAKERY, SOURCE
from integration.payments.stage import Connected, Stage
from integration.payments.test_usage import EDGES, SAME

HOME: Final = "America/New_York"
ZONES: Final = (
    HOME, "Pacific/Kiritimati", "Pacific/Pago_Pago", "Europe/Berlin", "Europe/Paris", "Australia/Lord_Howe",
    "Asia/Kathmandu",
)  # fmt: skip
MOST: Final = 100
WINDOWS: Final = (Window.DAY, Window.WEEK, Window.MONTH, Window.YEAR, Window.LIFETIME)
NIGHTS: Final = Selection(hours=("mon-sun 20:00-06:00",))
TICK: Final = timedelta(microseconds=1)

Step = tuple[timedelta, str | int]
"""After a while, move to a zone or try to pay an amount."""
WHILES = st.one_of(
    st.timedeltas(min_value=timedelta(0), max_value=timedelta(hours=14)),
    st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=12)),
)
STEPS = st.lists(
    st.tuples(WHILES, st.one_of(st.sampled_from(ZONES), st.sampled_from([40, 60, MOST]))),
    min_size=2, max_size=14,
)  # fmt: skip
LIMITS = st.one_of(
    st.builds(Limit, st.sampled_from(WINDOWS), st.just(MOST)),
    st.builds(Limit, st.sampled_from(WINDOWS), st.just(1), st.just(Measure.COUNT)),
    st.builds(lambda window: Limit(window, MOST, only=NIGHTS), st.sampled_from(WINDOWS)),
)


@dataclass(frozen=True, slots=True)
class Paid:
    """A payment that was tried."""

    at: datetime
    amount: int

    def is_meant(self, limit: Limit, zone: ZoneInfo) -> bool:
        local = self.at.astimezone(zone)
        return limit.only.is_everything or local.hour >= 20 or local.hour < 6


@dataclass(frozen=True, slots=True)
class Stay:
    """Somebody lived in a zone; until an instant that is no more part of it."""

    zone: ZoneInfo
    since: datetime
    until: datetime


def total(limit: Limit, payments: Sequence[Paid]) -> int:
    return len(payments) if limit.measure is Measure.COUNT else sum(paid.amount for paid in payments)


def fits(limit: Limit, tried: Paid, paid: Sequence[Paid], stays: Sequence[Stay]) -> bool:
    """Answer by calendars on walls: each zone that one lived in during its window has room left in that."""
    key = SAME[limit.window]
    for stay in stays:
        window = key(tried.at.astimezone(stay.zone))
        last = min(stay.until - TICK, tried.at)
        if key(last.astimezone(stay.zone)) != window or not tried.is_meant(limit, stay.zone):
            continue
        inside = [
            found
            for found in (*paid, tried)
            if key(found.at.astimezone(stay.zone)) == window and found.is_meant(limit, stay.zone)
        ]
        if total(limit, inside) > limit.at_most:
            return False
    return True


def ensure_none_overspent(limit: Limit, paid: Sequence[Paid], stays: Sequence[Stay]) -> None:
    """What was paid since one lived somewhere never brought a window there above its limit."""
    key = SAME[limit.window]
    for stay in stays:
        meant = [found for found in paid if found.is_meant(limit, stay.zone)]
        for newest in (found for found in meant if stay.since <= found.at < stay.until):
            window = key(newest.at.astimezone(stay.zone))
            inside = [it for it in meant if it.at <= newest.at and key(it.at.astimezone(stay.zone)) == window]
            assert total(limit, inside) <= limit.at_most


@pytest.fixture
async def holding(database_url: str) -> Holding:
    """Somebody with a card and enough money, in a database that nobody is connected to."""
    engine = engine_for_tests(database_url)
    made = await holders.a_holding(engine, MovableClock(EDGES[0]), [], balance=1_000_000)
    await engine.dispose()
    return made


class Traveller:
    """Somebody who pays and moves, and a record of both that no database keeps."""

    def __init__(self, stage: Stage, clock: MovableClock, limit: Limit) -> None:
        self.stage, self.clock, self.limit = stage, clock, limit
        self.paid: list[Paid] = []
        # Whoever is made for a test lives in UTC at first.
        self.stays = [Stay(ZoneInfo("UTC"), clock.now() - TICK, clock.now())]
        self.zone, self.since = ZoneInfo(HOME), clock.now()
        stage.move(HOME)
        stage.set_limit(0, limit)

    @property
    def all_stays(self) -> Sequence[Stay]:
        return [*self.stays, Stay(self.zone, self.since, self.clock.now() + TICK)]

    def move(self, name: str) -> None:
        if name != self.zone.key:
            self.stage.move(name)
            self.stays.append(Stay(self.zone, self.since, self.clock.now()))
            self.zone, self.since = ZoneInfo(name), self.clock.now()

    def pay(self, amount: int, number: int) -> None:
        question = AuthorizationRequest(
            SOURCE, f"iauth_{number}", 0, self.stage.holding.references[0], amount, "USD", amount, "USD",
            BAKERY, "ecommerce",
        )  # fmt: skip
        tried = Paid(self.clock.now(), amount)
        decision = self.stage.authorize(question)[1]
        # Limits come first: what else may decline somebody who tries so often is not the question here.
        is_within = decision.verdict["reason_code"] not in ("limit_exceeded", "count_exceeded")
        assert is_within is fits(self.limit, tried, self.paid, self.all_stays)
        if decision.is_approved:
            self.paid.append(tried)


@pytest.mark.timeout(600)
def test_no_window_of_any_zone_is_overspent_however_often_its_holder_moves(
    database_url: str, holding: Holding
) -> None:
    connected = Connected(database_url)

    @given(edge=st.sampled_from(EDGES), steps=STEPS, limit=LIMITS)
    @example(
        EDGES[0],
        [
            (timedelta(0), MOST), (timedelta(0), "Pacific/Kiritimati"), (timedelta(hours=1), MOST),
            (timedelta(0), "Pacific/Pago_Pago"), (timedelta(hours=1), MOST), (timedelta(hours=30), MOST),
        ],
        Limit(Window.DAY, MOST),
    )  # fmt: skip
    @example(
        datetime(2026, 1, 31, 23, 59, 59, tzinfo=UTC),
        [(timedelta(0), 40), (timedelta(0), MOST)],
        Limit(Window.DAY, MOST, only=NIGHTS),
    )
    @settings(max_examples=tries(100), deadline=None, database=None, suppress_health_check=list(HealthCheck))
    def nothing_is_overspent(edge: datetime, steps: Sequence[Step], limit: Limit) -> None:
        clock = MovableClock(edge)
        stage = Stage(connected, holding, clock)
        try:
            traveller = Traveller(stage, clock, limit)
            for number, (later, step) in enumerate(steps):
                clock.advance(later)
                if isinstance(step, str):
                    traveller.move(step)
                else:
                    traveller.pay(step, number)
            ensure_none_overspent(limit, traveller.paid, traveller.all_stays)
        finally:
            stage.leave()

    try:
        nothing_is_overspent()
    finally:
        connected.close()
