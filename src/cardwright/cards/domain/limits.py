"""Limits: at most so much, or so often, within a window; for whom they hold, and when more is asked for."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from cardwright.cards.domain.selection import Dimension, Selection
from cardwright.cards.domain.windows import Window
from cardwright.core.errors import Invalid


class Measure(StrEnum):
    """What a limit counts: minor units, or payments."""

    AMOUNT = "amount"
    COUNT = "count"


class Scope(StrEnum):
    """Whose payments a limit counts: a card's with all it replaces, or all of each customer.

    `fixed` is what a card's template set, and staff since: it counts as the card's own and stays whatever the
    holder does.
    """

    CARD = "card"
    FIXED = "fixed"
    CUSTOMER = "customer"
    LEVEL = "level"
    PROGRAM = "program"


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `at_most` within a window, for the purchases selected; zero means zero, never "no limit".

    `span_seconds` is the length of a rolling window and stands for no other.
    """

    window: Window
    at_most: int
    measure: Measure = Measure.AMOUNT
    span_seconds: int | None = None
    only: Selection = field(default_factory=Selection)

    def __post_init__(self) -> None:
        if (self.span_seconds is not None) != (self.window is Window.ROLLING):
            raise Invalid("limit_invalid", "A rolling window needs its length, and no other window has one.")
        if self.window is Window.PER_AUTHORIZATION and self.measure is Measure.COUNT:
            raise Invalid("limit_invalid", "A single payment is never counted more than once.")

    @property
    def key(self) -> tuple[object, ...]:
        """What tells one limit of a card from another: all but how much, in whatever order it is named."""
        named = tuple(frozenset(self.only.values(dimension)) for dimension in Dimension)
        return (self.window, self.measure, self.span_seconds, named)


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom limits and controls are set for: a card, a customer, everybody of a level or of the program."""

    scope: Scope
    id: str

    @classmethod
    def level(cls, program_id: str, level: int) -> "Subject":
        """Return the customers of a KYC level."""
        return cls(Scope.LEVEL, f"{program_id}:{level}")


@dataclass(frozen=True, slots=True)
class AppliedLimit:
    """A limit that holds for a card because of whom it was set for."""

    scope: Scope
    limit: Limit


def ensure_distinct(limits: Iterable[Limit]) -> None:
    """Raise Invalid where two limits say how much of the same."""
    keys = [limit.key for limit in limits]
    if len(set(keys)) != len(keys):
        raise Invalid("limit_repeated", "There is at most one limit per window, measure and selection.")


def is_raise(present: Iterable[Limit], wanted: Iterable[Limit]) -> bool:
    """Answer whether more could be spent than before: a limit rises or is gone.

    >>> is_raise([Limit(Window.DAY, 100)], [Limit(Window.DAY, 50), Limit(Window.MONTH, 900)])
    False
    >>> is_raise([Limit(Window.DAY, 100)], [Limit(Window.MONTH, 1)])
    True
    """
    most = {limit.key: limit.at_most for limit in wanted}
    return any(limit.key not in most or most[limit.key] > limit.at_most for limit in present)
