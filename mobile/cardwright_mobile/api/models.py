"""What the API answers; written by `make mobile-client` from openapi.json, never by hand.

Enumerations are plain strings: an app that is older than its server must not stumble over a new word.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class AddressOutput:
    """Where somebody lives."""

    line1: str
    city: str
    postal_code: str
    country: str


@dataclass(frozen=True, slots=True)
class ProfileOutput:
    """What a person said about themselves."""

    full_name: str
    date_of_birth: str
    locale: str
    time_zone: str
    phone: str | None
    phone_verified_at: datetime | None
    address: AddressOutput | None
    currency: str | None


@dataclass(frozen=True, slots=True)
class UserOutput:
    """Somebody who registered; `profile` is null until they have filled it in."""

    id: str
    email: str
    email_verified_at: datetime | None
    created_at: datetime
    profile: ProfileOutput | None
    roles: tuple[str, ...]
    permissions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WalletView:
    """A cardholder's money in one currency, in minor units."""

    currency: str
    available_balance: int
    held: int
    posted_balance: int
    owed: int


@dataclass(frozen=True, slots=True)
class SelectionView:
    """Some purchases, as they were selected."""

    categories: tuple[str, ...]
    merchants: tuple[str, ...]
    countries: tuple[str, ...]
    channels: tuple[str, ...]
    hours: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LimitView:
    """A limit in the card's currency, or in payments."""

    window: str
    amount: int | None
    count: int | None
    span_seconds: int | None
    only: SelectionView | None


@dataclass(frozen=True, slots=True)
class CardView:
    """A card as its holder sees it; the full number is never part of it."""

    id: str
    label: str
    type: str
    currency: str
    state: str
    is_locked_by_staff: bool
    last4: str | None
    bin: str | None
    exp_month: int | None
    exp_year: int | None
    uses: int | None
    uses_left: int | None
    exact_amount: int | None
    is_merchant_locked: bool
    locked_merchant_id: str | None
    valid_from: datetime | None
    valid_until: datetime | None
    limits: tuple[LimitView, ...]
    fixed_limits: tuple[LimitView, ...]
    colour: str | None
    icon: str | None
    template_id: str | None
    replacement_for: str | None
    replaced_by: str | None
    held_up_reason: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class PageCardView:
    """A page of a list."""

    data: tuple[CardView, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class LimitUsageView:
    """A limit with what is used and left of it, in minor units, or in payments where it counts them."""

    scope: str
    window: str
    span_seconds: int | None
    measure: str
    only: SelectionView | None
    limit: int
    used: int
    remaining: int
    resets_at: datetime | None
    payment_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MerchantView:
    """The merchant as we know it, with the network's own words."""

    id: str
    name: str
    descriptor: str
    acceptor_id: str
    mcc: str
    category: str
    group: str
    group_name: str
    group_colour: str
    group_icon: str
    country: str
    city: str | None
    logo_letter: str
    colour: str


@dataclass(frozen=True, slots=True)
class PaymentView:
    """A payment in one line; amounts in minor units."""

    id: str
    card_id: str
    last4: str | None
    merchant: MerchantView
    channel: str
    currency: str
    status: str
    held: int
    posted: int
    amount: int
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class PagePaymentView:
    """A page of a list."""

    data: tuple[PaymentView, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class CheckView:
    """One check of a decision; `detail`, and what would pass a rule, are shown to staff only."""

    name: str
    passed: bool
    explanation: str
    would_pass: str | None
    detail: str | None


@dataclass(frozen=True, slots=True)
class DecisionView:
    """Why an authorization was approved or declined."""

    outcome: str
    reason_code: str | None
    response_code: str
    checks: tuple[CheckView, ...]
    rulebook_version: int
    rulebook_hash: str
    id: str
    decided_by: str
    processor_reason: str | None
    stages_us: dict[str, Any]
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class ElementView:
    """One thing that happened to a payment."""

    sequence: int
    kind: str
    amount: int
    approved: bool
    is_final: bool
    merchant_amount: int | None
    merchant_currency: str | None
    exchange_rate: str | None
    occurred_at: datetime
    decision: DecisionView | None


@dataclass(frozen=True, slots=True)
class PaymentTimeline:
    """A payment with everything that happened to it."""

    id: str
    card_id: str
    last4: str | None
    merchant: MerchantView
    channel: str
    currency: str
    status: str
    held: int
    posted: int
    amount: int
    opened_at: datetime
    elements: tuple[ElementView, ...]


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
class TemplateView:
    """A template as it is picked."""

    id: str
    name: str
    description: str
    type: str
    uses: int | None
    exact_amount: int | None
    is_merchant_locked: bool
    locked_merchant_id: str | None
    valid_for_days: int | None
    limits: tuple[LimitView, ...]
    controls: ControlsView
    colour: str | None
    icon: str | None
    processor: str | None
    is_active: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class PageTemplateView:
    """A page of a list."""

    data: tuple[TemplateView, ...]
    next_cursor: str | None
