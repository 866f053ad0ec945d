"""The types of cards, and the terms that each type sets."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from cardwright.cards.domain.limits import Limit, Measure
from cardwright.cards.domain.windows import Window
from cardwright.core.errors import Invalid


class CardType(StrEnum):
    """How a card may be used."""

    STANDARD = "standard"
    SINGLE_USE = "single_use"
    LIMITED_USE = "limited_use"
    EXACT_AMOUNT = "exact_amount"
    MERCHANT_LOCKED = "merchant_locked"
    RECURRING = "recurring"
    DATED = "dated"


@dataclass(frozen=True, slots=True)
class Terms:
    """What a card's type allows.

    `uses`: so many purchases; one that is reversed in full is none. `exact_amount`: what a purchase costs, in
    minor units, no more and no less. `is_locked`: one merchant only, `merchant_id`, or, while that is None,
    the first that is paid. `valid_from`, `valid_until`: half-open; the card closes itself at its end.
    """

    uses: int | None = None
    exact_amount: int | None = None
    is_locked: bool = False
    merchant_id: str | None = None
    valid_from: datetime | None = None
    valid_until: datetime | None = None

    @property
    def merchant_ids(self) -> tuple[str, ...]:
        """The merchant that is named, if one is."""
        return () if self.merchant_id is None else (self.merchant_id,)


@dataclass(frozen=True, slots=True)
class Uses:
    """How often a card and all it replaces were used, and whether a payment may still give its use back."""

    used: int = 0
    is_holding: bool = False


_USES_ONCE: Final = frozenset({CardType.SINGLE_USE, CardType.EXACT_AMOUNT})


def agreed_terms(type_: CardType, terms: Terms, limits: Iterable[Limit], *, at: datetime) -> Terms:
    """Return the terms of a new card, completed by what its type implies; raise Invalid for contradictions.

    Every card may be locked to a merchant and may have dates; the other terms belong to their types.
    """
    _ensure_uses(type_, terms)
    if (terms.exact_amount is not None) != (type_ is CardType.EXACT_AMOUNT):
        raise _invalid("exact_amount", "An exact amount belongs to cards of that type, and to no others.")
    if terms.merchant_id is not None and not terms.is_locked:
        raise _invalid("merchant_lock", "A merchant is named for a lock only.")
    ensure_limits_suit(type_, limits)
    _ensure_dates(type_, terms, at)
    return completed_terms(type_, terms)


def completed_terms(type_: CardType, terms: Terms) -> Terms:
    """Return terms with what their type implies."""
    return replace(
        terms,
        uses=1 if type_ in _USES_ONCE else terms.uses,
        is_locked=terms.is_locked or type_ in (CardType.MERCHANT_LOCKED, CardType.RECURRING),
    )


def ensure_limits_suit(type_: CardType, limits: Iterable[Limit]) -> None:
    """Raise Invalid where a card of that type lacks a limit that it needs."""
    if type_ is CardType.RECURRING and not any(_is_monthly(limit) for limit in limits):
        raise _invalid("limits", "A recurring card needs a monthly limit by amount.")


def _ensure_uses(type_: CardType, terms: Terms) -> None:
    if type_ is CardType.LIMITED_USE and terms.uses is None:
        raise _invalid("uses", "A card of limited use needs the number of its uses.")
    if terms.uses is not None and type_ is not CardType.LIMITED_USE:
        raise _invalid("uses", "A number of uses belongs to cards of limited use.")


def _ensure_dates(type_: CardType, terms: Terms, at: datetime) -> None:
    start, end = terms.valid_from, terms.valid_until
    if type_ is CardType.DATED and end is None:
        raise _invalid("valid_until", "A dated card needs the end of its validity.")
    if end is not None and (end <= at or (start is not None and end <= start)):
        raise _invalid("valid_until", "A card's validity ends in the future and after it starts.")


def _is_monthly(limit: Limit) -> bool:
    return limit.window is Window.MONTH and limit.measure is Measure.AMOUNT and limit.only.is_everything


def _invalid(member: str, message: str) -> Invalid:
    return Invalid("card_terms_invalid", message, member=member)
