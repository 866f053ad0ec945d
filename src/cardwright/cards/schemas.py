"""The bodies of the cards' routes."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from cardwright.cards.domain import CancellationReason as Reason
from cardwright.cards.domain import (
    CardType,
    Control,
    Dimension,
    Effect,
    Limit,
    Measure,
    ReplacementReason,
    Selection,
    Terms,
    Window,
)
from cardwright.cards.service import NewCard
from cardwright.core.errors import Invalid
from cardwright.core.money import MAX_MINOR_UNITS
from cardwright.http.strict import Amount, Id, Input, Instant, Line, Output

_LONGEST_SPAN = 90 * 86_400
Label = Annotated[Line, StringConstraints(min_length=1, max_length=60), Field(examples=["Groceries"])]
Colour = Annotated[str, StringConstraints(pattern="^[a-z]{2,20}$"), Field(examples=["teal"])]
Icon = Annotated[str, StringConstraints(pattern="^[a-z0-9-]{2,40}$"), Field(examples=["shopping-cart"])]
_Category = Annotated[
    str, StringConstraints(pattern=r"^([0-9]{4}|[a-z][a-z_]{1,39})$"), Field(examples=["groceries"])
]
_Country = Annotated[str, StringConstraints(pattern="^[A-Z]{2}$"), Field(examples=["FR"])]
_Channel = Annotated[str, StringConstraints(pattern="^(ecommerce|in_person|wallet|atm)$")]
_Hours = Annotated[str, StringConstraints(max_length=60), Field(examples=["mon-fri 08:00-18:00"])]
_Categories = Annotated[list[_Category], Field(max_length=400)]
_Merchants = Annotated[list[Id], Field(max_length=200)]
_Countries = Annotated[list[_Country], Field(max_length=250)]
_Channels = Annotated[list[_Channel], Field(max_length=4)]
_Spans = Annotated[list[_Hours], Field(max_length=20)]


class SelectionBody(Input):
    """Some purchases: one value of every list that is given; a category is an MCC or a group's id."""

    categories: _Categories = Field(default_factory=list)
    merchants: _Merchants = Field(default_factory=list)
    countries: _Countries = Field(default_factory=list)
    channels: _Channels = Field(default_factory=list)
    hours: _Spans = Field(default_factory=list, description="Where the cardholder lives.")

    def selection(self) -> Selection:
        """Return the selection."""
        return Selection(**{name: tuple(getattr(self, name)) for name in type(self).model_fields})


class SelectionView(Output):
    """Some purchases, as they were selected."""

    categories: list[str]
    merchants: list[str]
    countries: list[str]
    channels: list[str]
    hours: list[str]


class LimitBody(Input):
    """At most so much, or so many payments, within a window; zero declines everything."""

    window: Annotated[Window, Field(strict=False, examples=["month"])]
    amount: Annotated[int | None, Field(strict=True, ge=0, le=MAX_MINOR_UNITS, examples=[50_000])] = None
    count: Annotated[int | None, Field(strict=True, ge=0, le=1_000_000, examples=[None])] = None
    span_seconds: Annotated[
        int | None, Field(strict=True, ge=60, le=_LONGEST_SPAN, description="For a rolling window.")
    ] = None
    only: SelectionBody | None = Field(default=None, description="The purchases it concerns; all without it.")

    @model_validator(mode="after")
    def _one_measure(self) -> Self:
        if (self.amount is None) == (self.count is None):
            raise ValueError("a limit has either an amount or a count")
        return self

    def limit(self) -> Limit:
        """Return the limit; raise Invalid."""
        only = self.only.selection() if self.only else Selection()
        if self.amount is not None:
            return Limit(self.window, self.amount, Measure.AMOUNT, self.span_seconds, only)
        return Limit(self.window, self.count or 0, Measure.COUNT, self.span_seconds, only)


class LimitView(Output):
    """A limit in the card's currency, or in payments."""

    window: Window
    amount: int | None
    count: int | None
    span_seconds: int | None
    only: SelectionView | None

    @classmethod
    def of(cls, limit: Limit) -> Self:
        """Show a limit."""
        is_amount = limit.measure is Measure.AMOUNT
        return cls(
            window=limit.window, amount=limit.at_most if is_amount else None,
            count=None if is_amount else limit.at_most, span_seconds=limit.span_seconds,
            only=None if limit.only.is_everything else SelectionView.model_validate(limit.only),
        )  # fmt: skip


class ControlLists(Input):
    """One list per dimension; null where the dimension is not controlled."""

    categories: _Categories | None = None
    merchants: _Merchants | None = None
    countries: _Countries | None = None
    channels: _Channels | None = None
    hours: _Spans | None = None

    def controls(self, effect: Effect) -> list[Control]:
        """Return the controls of these lists."""
        lists = {dimension: getattr(self, dimension) for dimension in Dimension}
        return [Control(name, effect, tuple(values)) for name, values in lists.items() if values is not None]


class Controls(Input):
    """What may be bought: `allowed` means these and no others, `blocked` all but these."""

    allowed: ControlLists = Field(default_factory=ControlLists, description="These and no others.")
    blocked: ControlLists = Field(
        default_factory=ControlLists, description="All but these.", examples=[{"categories": ["gambling"]}]
    )

    def controls(self) -> list[Control]:
        """Return all controls; raise Invalid for hours that are none."""
        return [*self.allowed.controls(Effect.ALLOWED), *self.blocked.controls(Effect.BLOCKED)]


class ControlListsView(Output):
    """One list per dimension; null where the dimension is not controlled."""

    categories: list[str] | None = None
    merchants: list[str] | None = None
    countries: list[str] | None = None
    channels: list[str] | None = None
    hours: list[str] | None = None


class ControlsView(Output):
    """What may be bought."""

    allowed: ControlListsView
    blocked: ControlListsView

    @classmethod
    def of(cls, controls: Sequence[Control]) -> Self:
        """Show controls."""
        lists = {
            effect: {
                found.dimension.value: list(found.values) for found in controls if found.effect is effect
            }
            for effect in Effect
        }
        return cls(
            allowed=ControlListsView.model_validate(lists[Effect.ALLOWED]),
            blocked=ControlListsView.model_validate(lists[Effect.BLOCKED]),
        )


class MerchantLock(Input):
    """The merchant a card is locked to; without one, the first that is paid."""

    merchant_id: Id | None = None


class CreateCard(Input):
    """A new virtual card in the program's currency.

    The type says what else is needed: `limited_use` the `uses`, `exact_amount` its amount, `dated` the end,
    `recurring` a monthly limit. Every card may be locked to a merchant and may have dates.
    """

    label: Label
    template_id: Id | None = Field(
        default=None, description="A template, which then says all but the label, looks and further limits."
    )
    type: Annotated[CardType, Field(strict=False, examples=["standard"])] = CardType.STANDARD
    uses: Annotated[int | None, Field(strict=True, ge=1, le=10_000, description="How many purchases.")] = None
    exact_amount: Amount | None = Field(default=None, description="What a purchase costs, in minor units.")
    merchant_lock: MerchantLock | None = Field(default=None, description="One merchant only.")
    valid_from: Instant | None = Field(default=None, description="The card declines before.")
    valid_until: Instant | None = Field(default=None, description="The card closes itself then.")
    limits: Annotated[
        list[LimitBody], Field(max_length=20, examples=[[{"window": "month", "amount": 50_000}]])
    ] = Field(default_factory=list)
    controls: Controls = Field(default_factory=Controls, description="What may be bought, whatever it costs.")
    colour: Colour | None = Field(default=None, description="The name of a colour of the design.")
    icon: Icon | None = Field(default=None, description="The name of an icon of the design.")

    def wanted(self) -> NewCard:
        """Return what is asked for; raise Invalid."""
        lock = self.merchant_lock
        terms = Terms(
            self.uses, self.exact_amount, lock is not None, lock.merchant_id if lock else None,
            self.valid_from, self.valid_until,
        )  # fmt: skip
        return NewCard(
            self.label, self.type, terms, [body.limit() for body in self.limits], self.controls.controls(),
            self.colour, self.icon, self.template_id,
        )  # fmt: skip


class ChangeCard(Input):
    """What a holder calls a card and how it looks; what is left out stays."""

    label: Label | None = Field(default=None, description="What you call the card.")
    colour: Colour | None = Field(default=None, description="The name of a colour; null for none.")
    icon: Icon | None = Field(default=None, description="The name of an icon; null for none.")


class SetLimits(Input):
    """All limits of a card; the ones it had are replaced."""

    limits: Annotated[
        list[LimitBody], Field(max_length=20, examples=[[{"window": "month", "amount": 50_000}]])
    ]


_HOLDERS_REASONS = (Reason.HOLDER, Reason.LOST, Reason.STOLEN, Reason.COMPROMISED)


class CancelCard(Input):
    """Why a card is closed for good."""

    reason: Annotated[Reason, Field(strict=False, examples=["lost"])] = Reason.HOLDER

    @model_validator(mode="after")
    def _holders(self) -> Self:
        if self.reason not in _HOLDERS_REASONS:
            raise ValueError("a holder's reason is holder, lost, stolen or compromised")
        return self


class ReplaceCard(Input):
    """Why a card is replaced."""

    reason: Annotated[ReplacementReason, Field(strict=False, examples=["lost"])]


class LockCard(Input):
    """Why staff lock a card; the holder does not read it."""

    reason: Annotated[
        Line, StringConstraints(min_length=3, max_length=200), Field(examples=["Looks like card testing."])
    ]


class AllowMerchant(Input):
    """Let a merchant through the card's own controls and its lock for a while."""

    merchant_id: Id = Field(description="The merchant to let through.")
    minutes: Annotated[int, Field(strict=True, ge=1, le=1440, examples=[15])] = 15

    @property
    def lasts(self) -> timedelta:
        """How long the merchant is let through."""
        return timedelta(minutes=self.minutes)


class ExceptionView(Output):
    """A merchant that is let through until an instant."""

    id: Id
    merchant_id: Id
    created_at: datetime
    until: datetime


class SpendingView(Output):
    """The limits and controls that staff set for somebody."""

    limits: list[LimitView]
    controls: ControlsView


class SetSpending(Input):
    """All limits and controls for somebody; the ones there were are replaced."""

    limits: Annotated[
        list[LimitBody], Field(max_length=50, examples=[[{"window": "day", "amount": 100_000}]])
    ] = Field(default_factory=list)
    controls: Controls = Field(default_factory=Controls, description="What may be bought.")


def limits_of(bodies: list[LimitBody]) -> list[Limit]:
    """Return the limits of bodies; raise Invalid."""
    return [body.limit() for body in bodies]


def ensure_changes(body: ChangeCard) -> None:
    """Raise Invalid for a change of nothing."""
    if not body.model_fields_set:
        raise Invalid("change_empty", "Say what is to be changed.")
    if "label" in body.model_fields_set and body.label is None:
        raise Invalid("label_missing", "A card has a label.")
