"""What the API answers; written by `make mobile-client` from openapi.json, never by hand.

Enumerations are plain strings: an app that is older than its server must not stumble over a new word.
"""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class TopUpOutput:
    """A top-up."""

    id: str
    amount: int
    currency: str
    status: str
    origin: str
    payment_method_id: str | None
    action_url: str | None
    reason_code: str | None
    reason: str | None
    cancel_requested_at: datetime | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class CardView:
    """What a card is known again by."""

    brand: str
    last4: str
    exp_month: int
    exp_year: int


@dataclass(frozen=True, slots=True)
class MethodOutput:
    """A payment method that is kept."""

    id: str
    status: str
    label: str | None
    is_default: bool
    card: CardView | None
    action_url: str | None
    reason_code: str | None
    reason: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class MethodList:
    """All payment methods that somebody keeps: there are ten at most."""

    data: tuple[MethodOutput, ...]
