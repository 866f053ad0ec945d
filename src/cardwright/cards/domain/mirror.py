"""The limits that a processor enforces besides us: a second wall that stands a little further out."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from cardwright.cards.domain.limits import AppliedLimit, Limit, Measure, Scope
from cardwright.cards.domain.windows import Window

_OVERLAPPED: Final = 2
_EXACT: Final = frozenset({Window.PER_AUTHORIZATION, Window.LIFETIME})
_MIRRORED_SCOPES: Final = frozenset({Scope.CARD, Scope.FIXED, Scope.PROGRAM})


@dataclass(frozen=True, slots=True, order=True)
class MirroredLimit:
    """At most so many minor units of one card within a window of the processor's own calendar."""

    window: Window
    at_most: int


def mirrored(limits: Iterable[AppliedLimit]) -> tuple[MirroredLimit, ...]:
    """Return what a processor may enforce without ever declining what the limits allow, the strictest each.

    A processor's calendar windows are cut elsewhere than ours, so that one of theirs lies across two of ours.

    >>> mirrored([AppliedLimit(Scope.CARD, Limit(Window.DAY, 100))])
    (MirroredLimit(window=<Window.DAY: 'day'>, at_most=200),)
    """
    strictest: dict[Window, int] = {}
    for applied in limits:
        limit = applied.limit
        if applied.scope in _MIRRORED_SCOPES and _is_mirrored(limit):
            most = limit.at_most if limit.window in _EXACT else limit.at_most * _OVERLAPPED
            strictest[limit.window] = min(most, strictest.get(limit.window, most))
    return tuple(sorted(MirroredLimit(window, most) for window, most in strictest.items()))


def _is_mirrored(limit: Limit) -> bool:
    is_plain = limit.measure is Measure.AMOUNT and limit.only.is_everything
    return is_plain and limit.window is not Window.ROLLING
