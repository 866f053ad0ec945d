"""Velocity counted by hand: every event is looked at, one after the other. No code of ours but the names."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Final

from cardwright.rules.velocity import Definition

CURRENCIES: Final = ("USD", "EUR")
# Windows end and begin where the gaps between events do, so that events stand on both borders of all windows.
GAPS: Final = [
    timedelta(),
    timedelta(microseconds=-3),
    *(timedelta(microseconds=n) for n in (1, 2, 700_000)),
    *(timedelta(seconds=n) for n in (1, 59, 60, 240)),
    *(timedelta(minutes=n) for n in (5, 55)),
    *(timedelta(hours=n) for n in (1, 5, 18)),
    *(timedelta(days=n) for n in (1, 6, 23)),
]


@dataclass(frozen=True, slots=True)
class Happened:
    """An authorization as it was stored."""

    card: str
    holder: str
    merchant: str
    country: str
    currency: str
    amount: int
    is_approved: bool
    at: datetime


def count(found: Definition, history: Sequence[Happened], now: Happened) -> int | None:
    """Return what the field holds for `now`, an authorization whose amount is what is asked."""
    concerned = [it for it in history if it.at < now.at and _CONCERNS[found.entity](it, now)]
    if found.window is not None:
        amount, unit = int(found.window[:-1]), found.window[-1]
        seconds = amount * {"m": 60, "h": 3_600, "d": 86_400}[unit]
        concerned = [it for it in concerned if it.at >= now.at - timedelta(seconds=seconds)]
    return _MEASURES[found.measure](concerned, now)


_CONCERNS: Final[Mapping[str, Callable[[Happened, Happened], bool]]] = {
    "card": lambda it, now: it.card == now.card,
    "holder": lambda it, now: it.holder == now.holder,
    "merchant": lambda it, now: it.merchant == now.merchant,
    "card_merchant": lambda it, now: it.card == now.card and it.merchant == now.merchant,
}


def _percent(found: Sequence[Happened], now: Happened) -> int | None:
    usual = [it.amount for it in found if it.is_approved and it.currency == now.currency and it.amount]
    return min(now.amount * 100 * len(usual) // sum(usual), 10**9) if usual else None


def _seconds(found: Sequence[Happened], now: Happened, pick: Callable[..., datetime]) -> int | None:
    instants = [it.at for it in found]
    return (now.at - pick(instants)) // timedelta(seconds=1) if instants else None


_MEASURES: Final[Mapping[str, Callable[[Sequence[Happened], Happened], int | None]]] = {
    "approved_count": lambda found, _: sum(it.is_approved for it in found),
    "declined_count": lambda found, _: sum(not it.is_approved for it in found),
    "attempted_count": lambda found, _: len(found),
    "approved_amount": lambda found, now: sum(
        it.amount for it in found if it.is_approved and it.currency == now.currency
    ),
    "distinct_merchants": lambda found, _: len({it.merchant for it in found}),
    "distinct_countries": lambda found, _: len({it.country for it in found} - {""}),
    "distinct_cards": lambda found, _: len({it.card for it in found}),
    "distinct_holders": lambda found, _: len({it.holder for it in found}),
    "percent_of_mean": _percent,
    "seconds_since_last": lambda found, now: _seconds(found, now, max),
    "seconds_since_first": lambda found, now: _seconds(found, now, min),
}


def draw(seed: int) -> Random:
    """Return a source of the same histories each time."""
    return Random(seed)  # noqa: S311 - see above


def random_authorization(random: Random, at: datetime, story: str = "") -> Happened:
    """Return an authorization of one of a few cards, holders and merchants of a story."""
    number = random.randrange(5)
    return Happened(
        card=f"card_{story}{number}",
        holder=f"user_{story}{number // 2}",
        merchant=f"mer_{story}{random.randrange(3)}",
        country=random.choice(["DE", "US", "FR", ""]),
        currency=random.choice(CURRENCIES),
        amount=random.choice([0, 1, 100, 99_99, 10**12, random.randrange(50_000)]),
        is_approved=random.random() < 0.6,
        at=at,
    )
