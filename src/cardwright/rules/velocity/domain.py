"""What rules may know of the authorizations before one: of whom, what is measured, over which window.

A window is half open: from `occurred_at - window`, which is in it, up to `occurred_at`, which is not. No two
events that a window could hold have the same instant, so there are no ties to decide.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Final

PREFIX: Final = "velocity."
MOST_PERCENT: Final = 10**9
"""Where `percent_of_mean` stops to grow."""


class Entity(StrEnum):
    """Whose authorizations count; `card_merchant` are those of the card at this one merchant."""

    CARD = "card"
    HOLDER = "holder"
    MERCHANT = "merchant"
    CARD_MERCHANT = "card_merchant"


class Measure(StrEnum):
    """What is measured; attempts are approved and declined authorizations alike.

    Amounts are those of the payment's currency. `percent_of_mean` is the amount asked, in whole percent of
    the mean of the approved amounts above zero, rounded down. Countries are those that the network named.
    """

    APPROVED_COUNT = "approved_count"
    DECLINED_COUNT = "declined_count"
    ATTEMPTED_COUNT = "attempted_count"
    APPROVED_AMOUNT = "approved_amount"
    DISTINCT_MERCHANTS = "distinct_merchants"
    DISTINCT_COUNTRIES = "distinct_countries"
    DISTINCT_CARDS = "distinct_cards"
    DISTINCT_HOLDERS = "distinct_holders"
    PERCENT_OF_MEAN = "percent_of_mean"
    SECONDS_SINCE_LAST = "seconds_since_last"
    SECONDS_SINCE_FIRST = "seconds_since_first"


class Window(StrEnum):
    """How far back from the authorization."""

    MINUTE = "1m"
    FIVE_MINUTES = "5m"
    HOUR = "1h"
    SIX_HOURS = "6h"
    DAY = "24h"
    WEEK = "7d"
    MONTH = "30d"
    QUARTER = "90d"

    @property
    def span(self) -> timedelta:
        """Return its length; a day has 24 hours, whatever clocks do."""
        unit = {"m": "minutes", "h": "hours", "d": "days"}[self.value[-1]]
        return timedelta(**{unit: int(self.value[:-1])})


@dataclass(frozen=True, slots=True)
class Definition:
    """What one field holds; without a window it looks back to the first authorization ever."""

    entity: Entity
    measure: Measure
    window: Window | None = None

    @property
    def name(self) -> str:
        """Return the field's name."""
        last = f"_{self.window}" if self.window else ""
        return f"{PREFIX}{self.entity}.{self.measure}{last}"

    @property
    def is_optional(self) -> bool:
        """Whether there is no value without history."""
        return self.measure in _OPTIONAL

    @property
    def sentence(self) -> str:
        """Say what the field holds."""
        said = _SENTENCES[self.measure].format(done=_WITH[self.entity], who=_WHO.get(self.entity))
        return said if self.window is None else said.replace("…", _WINDOWS[self.window])


_ATTEMPTS: Final = (Measure.APPROVED_COUNT, Measure.DECLINED_COUNT, Measure.ATTEMPTED_COUNT)
_OPTIONAL: Final = frozenset(
    {Measure.PERCENT_OF_MEAN, Measure.SECONDS_SINCE_LAST, Measure.SECONDS_SINCE_FIRST}
)
_DISTINCT: Final[Mapping[Entity, tuple[Measure, ...]]] = {
    Entity.CARD: (Measure.DISTINCT_MERCHANTS, Measure.DISTINCT_COUNTRIES),
    Entity.HOLDER: (Measure.DISTINCT_MERCHANTS, Measure.DISTINCT_COUNTRIES),
    Entity.MERCHANT: (Measure.DISTINCT_CARDS, Measure.DISTINCT_HOLDERS),
    Entity.CARD_MERCHANT: (),
}
_MEAN_WINDOWS: Final = (Window.MONTH, Window.QUARTER)
_WITH: Final = {
    Entity.CARD: "with the card",
    Entity.HOLDER: "with any card of the holder",
    Entity.MERCHANT: "at the merchant",
    Entity.CARD_MERCHANT: "with the card at this merchant",
}
_WHO: Final = {Entity.CARD: "this card", Entity.HOLDER: "the holder's cards"}
_WINDOWS: Final = {
    Window.MINUTE: "in the minute before this one",
    Window.FIVE_MINUTES: "in the 5 minutes before this one",
    Window.HOUR: "in the hour before this one",
    Window.SIX_HOURS: "in the 6 hours before this one",
    Window.DAY: "in the 24 hours before this one",
    Window.WEEK: "in the 7 days before this one",
    Window.MONTH: "in the 30 days before this one",
    Window.QUARTER: "in the 90 days before this one",
}
_SENTENCES: Final = {
    Measure.APPROVED_COUNT: "Approved authorizations {done} ….",
    Measure.DECLINED_COUNT: "Declined authorizations {done} ….",
    Measure.ATTEMPTED_COUNT: "Authorizations {done} …, approved or declined.",
    Measure.APPROVED_AMOUNT: "What was approved {done} …, in minor units of `currency`;"
    " other currencies do not count.",
    Measure.DISTINCT_MERCHANTS: "Merchants that asked {who} ….",
    Measure.DISTINCT_COUNTRIES: "Countries of merchants that asked {who} ….",
    Measure.DISTINCT_CARDS: "Cards that the merchant asked ….",
    Measure.DISTINCT_HOLDERS: "Holders whose cards the merchant asked ….",
    Measure.PERCENT_OF_MEAN: "`amount` in whole percent of the mean approved amount {done} …,"
    " in the same currency; missing where nothing was approved.",
    Measure.SECONDS_SINCE_LAST: "Whole seconds since the last authorization {done}, approved or declined;"
    " missing for the first.",
    Measure.SECONDS_SINCE_FIRST: "Whole seconds since the first authorization ever {done}, approved or"
    " declined; missing for the first.",
}


def _defined() -> Iterator[Definition]:
    for entity in Entity:
        for measure in (*_ATTEMPTS, Measure.APPROVED_AMOUNT, *_DISTINCT[entity]):
            for window in Window:
                yield Definition(entity, measure, window)
        if entity is not Entity.CARD_MERCHANT:
            for window in _MEAN_WINDOWS:
                yield Definition(entity, Measure.PERCENT_OF_MEAN, window)
        yield Definition(entity, Measure.SECONDS_SINCE_LAST)
        yield Definition(entity, Measure.SECONDS_SINCE_FIRST)


DEFINITIONS: Final[tuple[Definition, ...]] = tuple(_defined())
ALIASES: Final[Mapping[str, Definition]] = {
    f"{PREFIX}approved_count_1h": Definition(Entity.CARD, Measure.APPROVED_COUNT, Window.HOUR),
    f"{PREFIX}approved_count_24h": Definition(Entity.CARD, Measure.APPROVED_COUNT, Window.DAY),
    f"{PREFIX}approved_amount_24h": Definition(Entity.CARD, Measure.APPROVED_AMOUNT, Window.DAY),
    f"{PREFIX}declined_count_1h": Definition(Entity.CARD, Measure.DECLINED_COUNT, Window.HOUR),
    f"{PREFIX}distinct_merchants_24h": Definition(Entity.CARD, Measure.DISTINCT_MERCHANTS, Window.DAY),
}
"""Names from when only cards were counted: published rulebooks name them, and a rulebook never changes."""

_BY_NAME: Final[Mapping[str, Definition]] = {**{it.name: it for it in DEFINITIONS}, **ALIASES}


def definition(name: str) -> Definition | None:
    """Return what the field of a name measures, or None where it is no velocity.

    >>> definition("velocity.card.approved_count_1h") == definition("velocity.approved_count_1h")
    True
    """
    return _BY_NAME.get(name)


def at_most() -> Iterator[tuple[str, str]]:
    """Iterate over pairs of names of which the first is never greater than the second, where both are.

    What is counted in an hour is counted in its day; of a card, of its holder; at one merchant, at all.
    """
    for entity in Entity:
        for measure in (*_ATTEMPTS, Measure.APPROVED_AMOUNT, *_DISTINCT[entity]):
            for shorter, longer in pairwise(Window):
                yield Definition(entity, measure, shorter).name, Definition(entity, measure, longer).name
        for part in (*_ATTEMPTS[:2], *_DISTINCT[entity]):
            yield from _in_every_window(entity, part, entity, Measure.ATTEMPTED_COUNT)
    # A card has one holder, for ever.
    yield from _in_every_window(
        Entity.MERCHANT, Measure.DISTINCT_HOLDERS, Entity.MERCHANT, Measure.DISTINCT_CARDS
    )
    for part_of, whole in _PARTS:
        shared = [it for it in _DISTINCT[part_of] if it in _DISTINCT[whole]]
        for measure in (*_ATTEMPTS, Measure.APPROVED_AMOUNT, *shared):
            yield from _in_every_window(part_of, measure, whole, measure)
    yield from _times()
    for alias, meant in ALIASES.items():
        yield alias, meant.name
        yield meant.name, alias


_PARTS: Final = (
    (Entity.CARD, Entity.HOLDER),
    (Entity.CARD_MERCHANT, Entity.CARD),
    (Entity.CARD_MERCHANT, Entity.MERCHANT),
)


def _in_every_window(
    entity: Entity, measure: Measure, other: Entity, others: Measure
) -> Iterator[tuple[str, str]]:
    for window in Window:
        yield Definition(entity, measure, window).name, Definition(other, others, window).name


def _times() -> Iterator[tuple[str, str]]:
    last, first = Measure.SECONDS_SINCE_LAST, Measure.SECONDS_SINCE_FIRST
    for entity in Entity:
        yield Definition(entity, last).name, Definition(entity, first).name
    # One that may be missing proves nothing about two others, so each pair is said.
    for part_of, whole in (*_PARTS, (Entity.CARD_MERCHANT, Entity.HOLDER)):
        yield Definition(whole, last).name, Definition(part_of, last).name
        yield Definition(part_of, first).name, Definition(whole, first).name
        yield Definition(whole, last).name, Definition(part_of, first).name
        yield Definition(part_of, last).name, Definition(whole, first).name
