"""A payment and its elements: what the network told, in order, and the state that follows from it. No I/O."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final


class ElementKind(StrEnum):
    """What can happen to a payment."""

    AUTHORIZATION = "authorization"
    INCREMENT = "increment"
    REVERSAL = "reversal"
    EXPIRY = "expiry"
    CLEARING = "clearing"
    FORCE_POST = "force_post"
    REFUND = "refund"


class PaymentStatus(StrEnum):
    """Where a payment stands; derived from its elements, never set."""

    DECLINED = "declined"
    PENDING = "pending"
    SETTLED = "settled"
    VOIDED = "voided"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Merchant:
    """The merchant as the network describes it; `country` is alpha-2 and empty when unknown."""

    id: str
    name: str
    mcc: str
    country: str
    city: str | None


@dataclass(frozen=True, slots=True)
class Element:
    """One thing that happened to a payment, in minor units of the card's currency; never changed.

    `approved` is False only for an authorization or increment that was declined. `is_final` says that a
    clearing is the last one, so that nothing stays held. `external_id` is the network's id where it has one.
    """

    sequence: int
    kind: ElementKind
    amount: int
    external_id: str
    occurred_at: datetime
    approved: bool = True
    is_final: bool = False
    merchant_amount: int | None = None
    merchant_currency: str | None = None
    decision_id: str | None = None


@dataclass(frozen=True, slots=True)
class Payment:
    """A purchase: everything that the network told of it, under the reference the network gave it.

    `merchant` is as the network describes it, `merchant_id` the merchant's identity with us, as it is while
    merged into no other, `merchant_group` the group of the category that the network tells; `root_card_id`
    names the chain of replacements that the card belongs to.
    """

    id: str
    program_id: str
    user_id: str
    card_id: str
    last4: str | None
    currency: str
    source: str
    reference: str
    merchant: Merchant
    channel: str
    opened_at: datetime
    elements: tuple["Element", ...] = ()
    root_card_id: str = ""
    merchant_id: str = ""
    merchant_group: str = "other"

    @property
    def totals(self) -> "Totals":
        """What the elements add up to."""
        return totals(self.elements)

    def find_element(self, external_id: str) -> "Element | None":
        """Return the element with the network's id."""
        return next((element for element in self.elements if element.external_id == external_id), None)


@dataclass(frozen=True, slots=True)
class Totals:
    """What the elements add up to, in minor units; `held` is what the network may still clear.

    `asked` is what was authorized, or what the first authorization asked for where none was approved.
    `is_expired` says that a hold lapsed at some time: what is cleared after it posts all the same.
    """

    held: int = 0
    asked: int = 0
    reversed: int = 0
    cleared: int = 0
    refunded: int = 0
    is_authorized: bool = False
    is_expired: bool = False

    @property
    def posted(self) -> int:
        """What the purchase has cost so far; below zero after a refund without a purchase."""
        return self.cleared - self.refunded

    @property
    def counted(self) -> int:
        """What counts towards limits: held or cleared. A refund gives no limit back."""
        return self.held + self.cleared

    @property
    def amount(self) -> int:
        """What the purchase comes to: held and posted; of one that came to nothing, what was asked."""
        came_to_something = self.held or self.cleared or self.refunded
        return self.held + self.posted if came_to_something else self.asked

    @property
    def is_use(self) -> bool:
        """Whether the card was used: what is reversed in full was not; what expired may still clear."""
        return self.counted > 0 or self.status is PaymentStatus.EXPIRED

    @property
    def status(self) -> PaymentStatus:
        """The state of the payment."""
        if self.held:
            return PaymentStatus.PENDING
        if self.cleared or self.refunded:
            return PaymentStatus.SETTLED
        if not self.is_authorized:
            return PaymentStatus.DECLINED
        if self.is_expired:
            return PaymentStatus.EXPIRED
        return PaymentStatus.VOIDED if self.reversed else PaymentStatus.SETTLED


def totals(elements: Sequence[Element]) -> Totals:
    """Add up a payment's elements.

    >>> at = datetime(2026, 1, 1)
    >>> purchase = [
    ...     Element(1, ElementKind.AUTHORIZATION, 100, "a", at),
    ...     Element(2, ElementKind.CLEARING, 30, "c", at),
    ...     Element(3, ElementKind.REVERSAL, 20, "r", at),
    ... ]
    >>> found = totals(purchase)
    >>> found.held, found.posted, str(found.status)
    (50, 30, 'pending')
    """
    taken = [element for element in elements if element.approved]
    kinds = {element.kind for element in taken}
    return Totals(
        held=_held(taken),
        asked=_asked(elements),
        reversed=_sum(taken, ElementKind.REVERSAL),
        cleared=_sum(taken, ElementKind.CLEARING) + _sum(taken, ElementKind.FORCE_POST),
        refunded=_sum(taken, ElementKind.REFUND),
        is_authorized=ElementKind.AUTHORIZATION in kinds,
        is_expired=ElementKind.EXPIRY in kinds,
    )


def _held(elements: Sequence[Element]) -> int:
    # In order: what a clearing takes beyond the hold, and what lapsed, is no debt of a later increment.
    held = 0
    for element in elements:
        match element.kind:
            case ElementKind.AUTHORIZATION | ElementKind.INCREMENT:
                held += element.amount
            case ElementKind.REVERSAL:
                held = max(0, held - element.amount)
            case ElementKind.CLEARING:
                held = 0 if element.is_final else max(0, held - element.amount)
            case ElementKind.EXPIRY:
                held = 0
            case ElementKind.FORCE_POST | ElementKind.REFUND:
                pass
    return held


def _asked(elements: Sequence[Element]) -> int:
    asking = [each for each in elements if each.kind in {ElementKind.AUTHORIZATION, ElementKind.INCREMENT}]
    approved = [each.amount for each in asking if each.approved]
    return sum(approved or [each.amount for each in asking[:1]])


def _sum(elements: Sequence[Element], kind: ElementKind) -> int:
    return sum(element.amount for element in elements if element.kind is kind)


_LONG_STAYS: Final = (range(3351, 3442), range(3501, 3791), range(4411, 4412), range(7011, 7012))
_FUEL: Final = frozenset({5541, 5542})
_FUEL_CHECK_AT_MOST: Final = 100


def validity(mcc: str, amount: int) -> timedelta:
    """How long an authorization is good for: 7 days; 31 for stays and rentals; 1 for checks at fuel pumps."""
    code = int(mcc) if mcc.isdecimal() else 0
    if any(code in stays for stays in _LONG_STAYS):
        return timedelta(days=31)
    return timedelta(days=1 if code in _FUEL and amount <= _FUEL_CHECK_AT_MOST else 7)
