"""A card as its holder sees it over HTTP, with what may be bought with it and what became of it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Self

from pydantic import Field

from cardwright.cards.domain import Card, CardState, CardType, Control, Transition, Uses
from cardwright.cards.schemas import ControlsView, LimitView
from cardwright.http.strict import CurrencyCode, Id, Output


class CardControlsView(ControlsView):
    """What may be bought with a card: what its holder set, and what is fixed, which only staff lift."""

    fixed: ControlsView = Field(description="What its template set, and staff since.")

    @classmethod
    def with_fixed(cls, controls: Sequence[Control], fixed: Sequence[Control]) -> Self:
        """Show a card's controls."""
        own = ControlsView.of(controls)
        return cls(allowed=own.allowed, blocked=own.blocked, fixed=ControlsView.of(fixed))


class TestShopView(Output):
    """Where a card can be tried at made-up merchants."""

    __test__ = False

    url: str | None = Field(
        description="The page, with the card at hand; null in earnest, and until the card is issued.",
        examples=["http://127.0.0.1:4020/pay?card=ic_1Q2w3E4r5T6y7U8i9O0p"],
    )


class TransitionView(Output):
    """One change of a card's state; who made it is told as you, staff, processor or system."""

    card_id: Id = Field(description="The card, or one that it took the place of.")
    from_state: str | None
    to_state: str
    by: str
    reason: str
    at: datetime

    @classmethod
    def of(cls, transition: Transition, holder_id: str) -> Self:
        """Show a transition without the names of staff."""
        known = {holder_id: "holder", "processor": "processor", "system": "system"}
        return cls(
            card_id=transition.card_id, from_state=transition.from_state, to_state=transition.to_state,
            by=known.get(transition.actor_id, "staff"), reason=transition.reason, at=transition.at,
        )  # fmt: skip


class CardView(Output):
    """A card as its holder sees it; the full number is never part of it."""

    id: Id
    label: str
    type: CardType
    currency: CurrencyCode
    state: CardState
    is_locked_by_staff: bool
    last4: str | None
    bin: str | None
    exp_month: int | None
    exp_year: int | None
    uses: int | None
    uses_left: int | None = Field(description="How many purchases are left; null where none are counted.")
    exact_amount: int | None
    is_merchant_locked: bool
    locked_merchant_id: Id | None
    valid_from: datetime | None
    valid_until: datetime | None
    limits: list[LimitView] = Field(description="What its holder set.")
    fixed_limits: list[LimitView] = Field(
        description="What its template set, and staff since: it holds besides, and only staff lift it."
    )
    colour: str | None
    icon: str | None
    template_id: Id | None
    replacement_for: Id | None
    replaced_by: Id | None
    held_up_reason: str | None = Field(
        description="Why the processor has not issued it yet.", examples=["requirements_past_due"]
    )
    created_at: datetime

    @classmethod
    def of(cls, card: Card, at: datetime, uses: Uses) -> Self:
        """Show a card as it is at an instant, used so often."""
        terms = card.terms
        uses_left = None if terms.uses is None else max(0, terms.uses - uses.used)
        return cls(
            id=card.id, label=card.label, type=card.type, currency=card.currency,
            state=card.state_at(at, uses),
            is_locked_by_staff=card.lock is not None, last4=card.last4, bin=card.bin,
            exp_month=card.exp_month, exp_year=card.exp_year, uses=terms.uses, uses_left=uses_left,
            exact_amount=terms.exact_amount, is_merchant_locked=terms.is_locked,
            locked_merchant_id=terms.merchant_id,
            valid_from=terms.valid_from, valid_until=terms.valid_until,
            limits=[LimitView.of(limit) for limit in card.limits],
            fixed_limits=[LimitView.of(limit) for limit in card.fixed_limits], colour=card.colour,
            icon=card.icon, template_id=card.template_id, replacement_for=card.replacement_for,
            replaced_by=card.replaced_by, held_up_reason=card.held_up_reason, created_at=card.created_at,
        )  # fmt: skip
