"""A virtual card: its states, its limits and the windows that limits count in. No I/O."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from cardwright.core.errors import Conflict


class CardState(StrEnum):
    """`inactive` until the processor has issued it; `canceled` is final."""

    INACTIVE = "inactive"
    ACTIVE = "active"
    FROZEN = "frozen"
    CANCELED = "canceled"


class Window(StrEnum):
    """The span that a limit adds up over; calendar windows begin at midnight where the cardholder lives."""

    PER_AUTHORIZATION = "per_authorization"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"
    LIFETIME = "lifetime"


_EDGES: Final[dict[CardState, frozenset[CardState]]] = {
    CardState.INACTIVE: frozenset({CardState.ACTIVE, CardState.CANCELED}),
    CardState.ACTIVE: frozenset({CardState.FROZEN, CardState.CANCELED}),
    CardState.FROZEN: frozenset({CardState.ACTIVE, CardState.CANCELED}),
    CardState.CANCELED: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `amount` minor units within a window; zero means zero, never "no limit"."""

    window: Window
    amount: int


@dataclass(frozen=True, slots=True)
class Card:
    """A virtual card as we keep it: the full number stays at the processor."""

    id: str
    program_id: str
    user_id: str
    label: str
    type: str
    currency: str
    state: CardState
    last4: str | None
    exp_month: int | None
    exp_year: int | None
    processor: str
    processor_reference: str | None
    limits: tuple[Limit, ...]
    created_at: datetime


def is_raise(present: Iterable[Limit], wanted: Iterable[Limit]) -> bool:
    """Answer whether more could be spent in any window than before: a limit rises or is gone.

    >>> is_raise([Limit(Window.DAY, 100)], [Limit(Window.DAY, 50), Limit(Window.MONTH, 900)])
    False
    >>> is_raise([Limit(Window.DAY, 100)], [Limit(Window.MONTH, 1)])
    True
    """
    amounts = {limit.window: limit.amount for limit in wanted}
    return any(limit.window not in amounts or amounts[limit.window] > limit.amount for limit in present)


def ensure_transition(present: CardState, wanted: CardState) -> None:
    """Raise Conflict unless a card may go from its present state to the wanted one."""
    if wanted not in _EDGES[present]:
        raise Conflict(
            f"card_{present}",
            f"A card that is {present} cannot become {wanted}.",
            present=present,
            wanted=wanted,
        )


def window_bounds(window: Window, at: datetime, zone: ZoneInfo) -> tuple[datetime | None, datetime | None]:
    """Return the half-open span [start, end) of `window` that `at` falls into; None where it has no edge.

    Midnights are wall-clock midnights of the zone, so that a day of 23 or 25 hours is one day.

    >>> from datetime import UTC
    >>> at = datetime(2026, 1, 31, 23, 30, tzinfo=UTC)
    >>> [edge.isoformat() for edge in window_bounds(Window.MONTH, at, ZoneInfo("Europe/Berlin"))]
    ['2026-02-01T00:00:00+01:00', '2026-03-01T00:00:00+01:00']
    """
    if window in (Window.PER_AUTHORIZATION, Window.LIFETIME):
        return None, None
    today = at.astimezone(zone).date()
    match window:
        case Window.DAY:
            first, following = today, today + timedelta(days=1)
        case Window.WEEK:
            first = today - timedelta(days=today.weekday())
            following = first + timedelta(days=7)
        case Window.MONTH:
            first = today.replace(day=1)
            following = (first + timedelta(days=32)).replace(day=1)
        case Window.YEAR:
            first = today.replace(month=1, day=1)
            following = first.replace(year=first.year + 1)
    return datetime.combine(first, time(), zone), datetime.combine(following, time(), zone)
