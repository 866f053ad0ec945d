"""What limits count, compared with a count by hand, at the edges of windows and where clocks are turned."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from builders import engine_for_tests
from cardwright.cards import AppliedLimit, Limit, Measure, Purchase, Scope, Selection, Window
from cardwright.core.clock import MovableClock
from cardwright.core.ids import new_id
from cardwright.db.session import Session
from cardwright.payments import Merchant, Payment, store
from cardwright.payments.domain import Element, ElementKind
from cardwright.payments.gathering import purchase_of
from cardwright.payments.usage import usage
from depth import tries
from integration.payments import holders
from integration.payments.holders import Holding
from integration.payments.stage import Connected, Stage

ZONES: Final = (
    "America/New_York",
    "Europe/Berlin",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "America/Havana",
)
EDGES: Final = tuple(
    # Clocks are turned in each zone, in both directions; months of 28, 29, 30 and 31 days; a year's end.
    datetime.fromisoformat(f"{instant}+00:00")
    for instant in (
        "2026-03-08T07:00", "2026-11-01T06:00", "2026-03-29T01:00", "2026-10-25T01:00", "2026-04-04T15:00",
        "2026-10-03T15:30", "2026-03-08T05:00", "2026-01-31T23:59:59", "2026-03-01T00:00",
        "2026-12-31T23:00", "2026-04-30T22:00", "2024-02-29T12:00",
    )
)  # fmt: skip
MERCHANTS: Final = (
    Merchant("m_bakery", "Bakery", "5462", "US", None),
    Merchant("m_hotel", "Hotel", "7011", "DE", None),
)
GROUPS: Final = {"5462": "groceries", "7011": "lodging"}
SELECTIONS: Final = (
    Selection(),
    Selection(categories=("lodging",)),
    Selection(categories=("5462", "9999"), countries=("US",)),
    Selection(channels=("in_person",)),
    Selection(merchants=("mer_m_hotel",)),
    Selection(hours=("mon-fri 08:00-18:00", "sun 00:00-24:00")),
    Selection(hours=("fri-sun 22:00-04:00",)),
)
SPANS: Final = (3_600, 86_400, 7 * 86_400)


@dataclass(frozen=True, slots=True)
class Spent:
    """A payment: how far from an edge it was opened, what it counts, where, how, and with which card."""

    after: timedelta
    amount: int
    merchant: Merchant
    channel: str
    card: int


TICK: Final = timedelta(microseconds=1)
HOUR: Final = 3_600_000_000
EXACTLY: Final = [
    timedelta(seconds=span) + tick for span in (0, *SPANS) for tick in (-TICK, timedelta(0), TICK)
]
OFFSETS = st.one_of(
    st.sampled_from(EXACTLY),
    st.timedeltas(min_value=timedelta(hours=-40), max_value=timedelta(hours=40)),
    st.timedeltas(min_value=timedelta(days=-40), max_value=timedelta(days=40)),
)
SPENDING = st.lists(
    st.builds(
        Spent, OFFSETS, st.sampled_from([0, 1, 250, 9_999]), st.sampled_from(MERCHANTS),
        st.sampled_from(["ecommerce", "in_person"]), st.integers(0, 1),
    ),
    max_size=8,
)  # fmt: skip
LIMITS = st.builds(
    lambda window, measure, only, span: Limit(
        window, 0, measure, span if window is Window.ROLLING else None, only
    ),
    st.sampled_from([window for window in Window if window is not Window.PER_AUTHORIZATION]),
    st.sampled_from(Measure), st.sampled_from(SELECTIONS), st.sampled_from(SPANS),
)  # fmt: skip

SAME: Final[Mapping[Window, Callable[[datetime], object]]] = {
    Window.DAY: lambda local: local.date(),
    Window.WEEK: lambda local: local.isocalendar()[:2],
    Window.MONTH: lambda local: (local.year, local.month),
    Window.YEAR: lambda local: local.year,
    Window.LIFETIME: lambda _: None,
}
"""Two payments are in one window when this is the same of both, read off a calendar on the wall."""


def by_hand(limit: Limit, at: datetime, zone: ZoneInfo, payments: Sequence[Payment]) -> int:
    """Count as people would, without a database and without edges of windows."""
    chosen = [payment for payment in payments if limit.only.has(seen(payment, zone)) and counted(payment) > 0]
    if limit.window is Window.ROLLING:
        span = timedelta(seconds=limit.span_seconds or 0)
        ends = [at, *(payment.opened_at for payment in chosen if at <= payment.opened_at < at + span)]
        windows = [[each for each in chosen if end - span < each.opened_at <= end] for end in ends]
        return max(total(limit, window) for window in windows)
    key = SAME[limit.window]
    return total(
        limit, [it for it in chosen if key(it.opened_at.astimezone(zone)) == key(at.astimezone(zone))]
    )


def total(limit: Limit, payments: Sequence[Payment]) -> int:
    return len(payments) if limit.measure is Measure.COUNT else sum(counted(payment) for payment in payments)


def counted(payment: Payment) -> int:
    return payment.totals.counted


def seen(payment: Payment, zone: ZoneInfo) -> Purchase:
    return purchase_of(payment, zone)


@pytest.fixture
async def holding(database_url: str) -> Holding:
    """A verified holder with two cards, in a database that nobody is connected to."""
    engine = engine_for_tests(database_url)
    made = await holders.a_holding(engine, MovableClock(EDGES[0]), [], [])
    await engine.dispose()
    return made


async def spend(
    session: Session, holding: Holding, edge: datetime, spending: Sequence[Spent]
) -> list[Payment]:
    made = []
    for number, spent in enumerate(spending):
        at, card = edge + spent.after, holding.cards[spent.card]
        element = Element(1, ElementKind.AUTHORIZATION, spent.amount, f"e{number}", at)
        payment = Payment(
            id=new_id("pay"), program_id=holding.program_id, user_id=holding.user_id, card_id=card.id,
            last4=None, currency="USD", source="stripe", reference=f"iauth_{number}",
            merchant=spent.merchant, channel=spent.channel, opened_at=at, elements=(element,),
            root_card_id=card.root_card_id, merchant_id=f"mer_{spent.merchant.id}",
            merchant_group=GROUPS[spent.merchant.mcc],
        )  # fmt: skip
        await store.insert_payment(session, payment)
        made.append(payment)
    return made


@pytest.mark.timeout(600)
@pytest.mark.parametrize("zone_name", ZONES)
def test_every_window_counts_what_a_count_by_hand_does(
    database_url: str, holding: Holding, zone_name: str
) -> None:
    connected, zone = Connected(database_url), ZoneInfo(zone_name)
    clock = MovableClock(EDGES[0])

    @given(
        edge=st.sampled_from(EDGES), spending=SPENDING, limit=LIMITS, asked_after=OFFSETS,
        scope=st.sampled_from([Scope.CARD, Scope.CUSTOMER]),
    )  # fmt: skip
    @settings(max_examples=tries(120), deadline=None, database=None, suppress_health_check=list(HealthCheck))
    def counts_alike(
        edge: datetime, spending: Sequence[Spent], limit: Limit, asked_after: timedelta, scope: Scope
    ) -> None:
        at, card = edge + asked_after, holding.cards[0]
        stage = Stage(connected, holding, clock)
        try:
            payments = connected.run(spend(connected.connection, holding, edge, spending))
            applied = AppliedLimit(scope, limit)
            found = connected.run(usage(connected.connection, card, applied, [zone], at=at))
        finally:
            stage.leave()
        if scope is Scope.CARD:
            payments = [payment for payment in payments if payment.card_id == card.id]
        assert found.used == by_hand(limit, at, zone, payments)

    try:
        counts_alike()
    finally:
        connected.close()


@pytest.mark.parametrize(
    ("opened", "used"),
    [
        # How many ticks after the oldest that a window of an hour still holds, at the time asked for.
        ([-1], 0),
        ([0], 1),
        ([-1, 0], 1),
        # A later payment: what is asked for now counts in the window that ends there, too.
        ([1, HOUR], 2),
        ([0, HOUR], 1),
        ([0, HOUR - 1], 2),
        ([HOUR - 1, HOUR, 2 * HOUR - 2, 2 * HOUR - 1], 3),
    ],
)
def test_a_rolling_window_is_exact_to_the_microsecond(
    database_url: str, holding: Holding, opened: Sequence[int], used: int
) -> None:
    connected, at = Connected(database_url), EDGES[0]
    oldest = at - timedelta(hours=1) + TICK
    spending = [Spent(oldest - at + ticks * TICK, 1, MERCHANTS[0], "ecommerce", 0) for ticks in opened]
    limit = AppliedLimit(Scope.CARD, Limit(Window.ROLLING, 0, Measure.COUNT, 3_600))
    stage = Stage(connected, holding, MovableClock(at))
    try:
        connected.run(spend(connected.connection, holding, at, spending))
        found = connected.run(usage(connected.connection, holding.cards[0], limit, [ZoneInfo("UTC")], at=at))
        assert found.used == used
    finally:
        stage.leave()
        connected.close()
