"""What a risk model would have been shown of invented authorizations, counted here in memory."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from cardwright import rules
from cardwright.demo.invented import Bearer, Invented, Shop
from cardwright.rules import FEATURES, FactValue
from cardwright.training import Sample

_UNITS: Final = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_KEYS: Final[Mapping[str, Callable[[Bearer, Shop], object]]] = {
    "card": lambda bearer, _: bearer.card,
    "holder": lambda bearer, _: bearer.holder,
    "merchant": lambda _, shop: shop.id,
    "card_merchant": lambda bearer, shop: (bearer.card, shop.id),
}


def samples_of(history: Sequence[Invented]) -> list[Sample]:
    """Return what was approved as samples, each with the features that it had at its instant.

    Those that were declined count in what came after them, and have no label of their own, as in real life.
    """
    past: dict[tuple[str, object], list[Invented]] = defaultdict(list)
    samples = []
    for now in history:
        mine = {entity: past[entity, key(now.bearer, now.shop)] for entity, key in _KEYS.items()}
        if now.is_approved:
            features = rules.features_from(FEATURES, {**_plain(now), **_velocity(mine, now)})
            samples.append(Sample(f"dec_{now.number:08}", now.at, features, now.is_fraud))
        for events in mine.values():
            events.append(now)
    return samples


def _plain(now: Invented) -> Mapping[str, FactValue]:
    bearer = now.bearer
    return {
        "amount": now.amount,
        "kind": "authorization",
        "channel": now.channel,
        "merchant.mcc": now.shop.mcc,
        "card.type": bearer.card_type,
        "card.age_days": (now.at - bearer.card_since).days,
        "holder.kyc_level": bearer.kyc_level,
        "holder.age_days": (now.at - bearer.holder_since).days,
    }


def _velocity(mine: Mapping[str, Sequence[Invented]], now: Invented) -> Mapping[str, FactValue]:
    found: dict[str, FactValue] = {}
    for name in rules.velocity_of(FEATURES):
        _, entity, rest = name.split(".")
        events = mine[entity]
        measure, _, window = rest.rpartition("_")
        if measure in _MEASURES:
            begin = now.at - int(window[:-1]) * _UNITS[window[-1]]
            events = events[bisect_left(events, begin, key=_instant) :]
            found[name] = _MEASURES[measure](events, now)
        else:
            found[name] = _SINCE[rest](events, now)
    return found


def _instant(it: Invented) -> datetime:
    return it.at


def _percent_of_mean(events: Sequence[Invented], now: Invented) -> int | None:
    usual = [it.amount for it in events if it.is_approved]
    return now.amount * 100 * len(usual) // sum(usual) if usual else None


_Measure = Callable[[Sequence[Invented], Invented], int | None]
_MEASURES: Final[Mapping[str, _Measure]] = {
    "attempted_count": lambda events, _: len(events),
    "approved_count": lambda events, _: sum(it.is_approved for it in events),
    "declined_count": lambda events, _: sum(not it.is_approved for it in events),
    "approved_amount": lambda events, _: sum(it.amount for it in events if it.is_approved),
    "distinct_merchants": lambda events, _: len({it.shop.id for it in events}),
    "distinct_countries": lambda events, _: len({it.shop.country for it in events}),
    "distinct_cards": lambda events, _: len({it.bearer.card for it in events}),
    "percent_of_mean": _percent_of_mean,
}
_SINCE: Final[Mapping[str, _Measure]] = {
    "seconds_since_last": lambda events, now: (
        (now.at - events[-1].at) // timedelta(seconds=1) if events else None
    ),
    "seconds_since_first": lambda events, now: (
        (now.at - events[0].at) // timedelta(seconds=1) if events else None
    ),
}
