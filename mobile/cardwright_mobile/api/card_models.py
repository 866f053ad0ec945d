"""What the API answers; written by `make mobile-client` from openapi.json, never by hand.

Enumerations are plain strings: an app that is older than its server must not stumble over a new word.
"""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class GrantView:
    """The right to see the card's number once, told once."""

    grant: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class CardNumberView:
    """What a merchant asks for; `security_code` is null where the processor does not tell it."""

    card_id: str
    number: str
    exp_month: int | None
    exp_year: int | None
    security_code: str | None


@dataclass(frozen=True, slots=True)
class ControlListsView:
    """One list per dimension; null where the dimension is not controlled."""

    categories: tuple[str, ...] | None
    merchants: tuple[str, ...] | None
    countries: tuple[str, ...] | None
    channels: tuple[str, ...] | None
    hours: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class ControlsView:
    """What may be bought."""

    allowed: ControlListsView
    blocked: ControlListsView


@dataclass(frozen=True, slots=True)
class CardControlsView:
    """What may be bought with a card: what its holder set, and what is fixed, which only staff lift."""

    allowed: ControlListsView
    blocked: ControlListsView
    fixed: ControlsView


@dataclass(frozen=True, slots=True)
class ExceptionView:
    """A merchant that is let through until an instant."""

    id: str
    merchant_id: str
    created_at: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class MerchantView:
    """A merchant by its name; `category` is what its code stands for."""

    id: str
    name: str
    mcc: str
    category: str
    group: str
    country: str
    logo_letter: str
    colour: str


@dataclass(frozen=True, slots=True)
class PageMerchantView:
    """A page of a list."""

    data: tuple[MerchantView, ...]
    next_cursor: str | None
