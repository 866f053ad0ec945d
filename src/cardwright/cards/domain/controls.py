"""Controls: which purchases are allowed or blocked, whatever they cost."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from cardwright.cards.domain.hours import Hours
from cardwright.cards.domain.selection import Dimension, Purchase
from cardwright.core.errors import Invalid


class Effect(StrEnum):
    """`allowed`: these and no others; `blocked`: all but these."""

    ALLOWED = "allowed"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class Control:
    """Allows or blocks purchases that have one of the values in a dimension."""

    dimension: Dimension
    effect: Effect
    values: tuple[str, ...]

    def __post_init__(self) -> None:
        if self.dimension is Dimension.HOURS:
            for value in self.values:
                Hours.parse(value)

    @property
    def key(self) -> tuple[Dimension, Effect]:
        """What tells one control of a card from another: everything but the values."""
        return (self.dimension, self.effect)

    def permits(self, purchase: Purchase) -> bool:
        """Answer whether this control lets a purchase pass; an empty list of allowed values lets none."""
        return purchase.is_among(self.dimension, self.values) is (self.effect is Effect.ALLOWED)


def ensure_one_each(controls: Iterable[Control]) -> None:
    """Raise Invalid where a dimension is allowed twice or blocked twice."""
    keys = [control.key for control in controls]
    if len(set(keys)) != len(keys):
        raise Invalid("control_repeated", "There is at most one list per dimension and effect.")


def is_loosening(present: Iterable[Control], wanted: Iterable[Control]) -> bool:
    """Answer whether purchases could pass that did not before.

    >>> games = Control(Dimension.CATEGORIES, Effect.BLOCKED, ("gambling",))
    >>> is_loosening([games], [])
    True
    >>> is_loosening([], [games])
    False
    """
    kept = {control.key: set(control.values) for control in wanted}
    for control in present:
        values = kept.get(control.key)
        if values is None:
            return True
        before = set(control.values)
        if not (values <= before if control.effect is Effect.ALLOWED else values >= before):
            return True
    return False
