"""What is asked for and shown of money coming in and going back."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Self

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from cardwright.core.errors import Invalid
from cardwright.funding.domain import (
    EXPLANATIONS,
    OFF_EXPLANATIONS,
    REFUND_EXPLANATIONS,
    AutoTopUp,
    AutoUsage,
    Refund,
    SavedMethod,
    TopUp,
    TopUpDispute,
    Withdrawal,
    WithdrawalOrder,
)
from cardwright.http.strict import Amount, CurrencyCode, Id, Input, Line, Output

PaymentMethodToken = Annotated[
    str,
    StringConstraints(strict=True, pattern="^pm_[A-Za-z0-9_]+$", max_length=255),
    Field(description="The gateway's token of a card or bank account, made in the browser.",
          examples=["pm_card_visa"]),
]  # fmt: skip
MethodId = Annotated[Id, Field(description="A payment method that you keep.", examples=["pmt_01jd9zq3f8"])]
Label = Annotated[
    Line,
    StringConstraints(min_length=1, max_length=60),
    Field(description="What you call it.", examples=["My bank's card"]),
]


class TopUpInput(Input):
    """How much to add, and from where: a new payment method, or one that you keep."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"amount": 50_00, "currency": "USD", "payment_method_token": "pm_card_visa"}]
        }
    )

    amount: Amount
    currency: CurrencyCode
    payment_method_token: PaymentMethodToken | None = None
    payment_method_id: MethodId | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.payment_method_token is None) == (self.payment_method_id is None):
            raise ValueError("give either payment_method_token or payment_method_id")
        return self


class TopUpOutput(Output):
    """A top-up."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "topup_01jd9zq3f8e7vtm5g6w2x4y8zn",
                    "amount": 50_00,
                    "currency": "USD",
                    "status": "succeeded",
                    "origin": "holder",
                    "payment_method_id": None,
                    "action_url": None,
                    "reason_code": None,
                    "reason": None,
                    "cancel_requested_at": None,
                    "created_at": "2026-11-23T12:00:00Z",
                    "updated_at": "2026-11-23T12:00:02Z",
                }
            ]
        }
    )

    id: str
    amount: int
    currency: str
    status: str = Field(
        description="requested, pending, requires_action, succeeded, failed, canceled or review."
    )
    origin: str = Field(description="holder, or auto when the auto top-up asked for it.")
    payment_method_id: str | None = Field(description="The kept payment method, null for a new one.")
    action_url: str | None = Field(description="Where to confirm the payment, while it requires an action.")
    reason_code: str | None = Field(description="Why it failed, expired or is under review; stable.")
    reason: str | None = Field(description="The same in plain words.")
    cancel_requested_at: datetime | None = Field(description="Since when it is to be given up.")
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, top_up: TopUp) -> Self:
        """Show a top-up to the person whose it is."""
        reason = top_up.reason_code
        return cls(
            id=top_up.id,
            amount=top_up.amount,
            currency=top_up.currency,
            status=top_up.state,
            origin=top_up.origin,
            payment_method_id=top_up.payment_method_id,
            action_url=top_up.action_url,
            reason_code=reason,
            reason=EXPLANATIONS[reason] if reason is not None else None,
            cancel_requested_at=top_up.cancel_requested_at,
            created_at=top_up.created_at,
            updated_at=top_up.updated_at,
        )


class RefundInput(Input):
    """How much of a top-up goes back, and why."""

    amount: Amount | None = Field(default=None, description="All that is left of it when left out.")
    reason: Annotated[
        Line,
        StringConstraints(min_length=1, max_length=200),
        Field(description="Why, for the books.", examples=["Paid twice by mistake."]),
    ]


class MethodInput(Input):
    """A payment method to keep."""

    payment_method_token: PaymentMethodToken
    label: Label | None = None


class MethodChange(Input):
    """What is to be different; what is left out stays."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"label": "My bank's card"}]})

    label: Label | None = None
    is_default: Annotated[
        bool | None, Field(strict=True, description="Let this one be the default.", examples=[True])
    ] = None

    def ensure_something(self) -> None:
        """Raise Invalid when nothing is to change, or the default is to be nobody."""
        if self.is_default is False:
            raise Invalid("default_unset", "Make another payment method the default instead.")
        if self.label is None and self.is_default is None:
            raise Invalid("nothing_to_change", "Give a label, or make it the default.")


class CardView(Output):
    """What a card is known again by."""

    brand: str
    last4: str
    exp_month: int
    exp_year: int


class MethodOutput(Output):
    """A payment method that is kept."""

    id: str
    status: str = Field(description="requested, requires_action, active or failed.")
    label: str | None
    is_default: bool
    card: CardView | None
    action_url: str | None = Field(description="Where to confirm that it is kept, while that is asked for.")
    reason_code: str | None
    reason: str | None = Field(description="Why it was refused, in plain words.")
    created_at: datetime

    @classmethod
    def of(cls, method: SavedMethod) -> Self:
        """Show a method to its owner."""
        reason = method.reason_code
        return cls(
            id=method.id, status=method.state, label=method.label, is_default=method.is_default,
            card=CardView.model_validate(method.card) if method.card is not None else None,
            action_url=method.action_url, reason_code=reason,
            reason=EXPLANATIONS[reason] if reason is not None else None, created_at=method.created_at,
        )  # fmt: skip


class MethodList(Output):
    """All payment methods that somebody keeps: there are ten at most."""

    data: list[MethodOutput]


class AutoTopUpInput(Input):
    """When to add how much by itself, and how much at most."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "payment_method_id": "pmt_01jd9zq3f8e7vtm5g6w2x4y8zn",
                    "threshold": 20_00,
                    "amount": 50_00,
                    "most_per_day": 100_00,
                    "most_per_month": 500_00,
                }
            ]
        }
    )

    payment_method_id: MethodId
    threshold: Amount = Field(description="Add money when less than this is available, in minor units.")
    amount: Amount
    most_per_day: Amount = Field(description="What it adds in a day where you live at most.")
    most_per_month: Amount = Field(description="What it adds in a month where you live at most.")


class AutoTopUpOutput(Output):
    """The rule, and what it has done."""

    payment_method_id: str
    currency: str
    threshold: int
    amount: int
    most_per_day: int
    most_per_month: int
    added_today: int
    added_this_month: int
    is_on: bool
    off_reason_code: str | None
    off_reason: str | None
    set_at: datetime

    @classmethod
    def of(cls, rule: AutoTopUp, usage: AutoUsage) -> Self:
        """Show a rule to its owner."""
        off = rule.off_reason
        return cls(
            payment_method_id=rule.payment_method_id, currency=rule.currency, threshold=rule.threshold,
            amount=rule.amount, most_per_day=rule.most_per_day, most_per_month=rule.most_per_month,
            added_today=usage.today, added_this_month=usage.this_month, is_on=off is None,
            off_reason_code=off, off_reason=OFF_EXPLANATIONS[off] if off is not None else None,
            set_at=rule.set_at,
        )  # fmt: skip


class AutoTopUpState(Output):
    """The rule; null when none was ever made."""

    rule: AutoTopUpOutput | None


class WithdrawalInput(Input):
    """How much to send back to where it came from."""

    amount: Amount
    currency: CurrencyCode
    order: Annotated[
        WithdrawalOrder,
        Field(strict=False, description="Which top-ups give back first.", examples=["newest_first"]),
    ] = WithdrawalOrder.NEWEST_FIRST


class RefundView(Output):
    """The part of a withdrawal that one top-up gives back."""

    id: str
    top_up_id: str
    amount: int
    status: str = Field(description="requested, pending, succeeded or failed.")
    reason_code: str | None
    reason: str | None = Field(description="Why it failed, in plain words.")


class WithdrawalOutput(Output):
    """Money on its way back."""

    id: str
    kind: str = Field(description="withdrawal, or refund when staff gave a top-up back.")
    amount: int
    currency: str
    returned: int = Field(description="How much of it has been confirmed, in minor units.")
    status: str = Field(description="pending, succeeded, partly_succeeded or failed.")
    reason: str | None = Field(description="Why staff gave it back.")
    refunds: list[RefundView]
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, withdrawal: Withdrawal, refunds: Sequence[Refund]) -> Self:
        """Show a withdrawal with its refunds."""
        return cls(
            id=withdrawal.id, kind=withdrawal.kind, amount=withdrawal.amount, currency=withdrawal.currency,
            returned=withdrawal.returned, status=withdrawal.state, reason=withdrawal.reason,
            refunds=[_shown(refund) for refund in refunds], created_at=withdrawal.created_at,
            updated_at=withdrawal.updated_at,
        )  # fmt: skip


def _shown(refund: Refund) -> RefundView:
    reason = refund.reason_code
    return RefundView(
        id=refund.id, top_up_id=refund.top_up_id, amount=refund.amount, status=refund.state,
        reason_code=reason, reason=REFUND_EXPLANATIONS[reason] if reason is not None else None,
    )  # fmt: skip


class TopUpDisputeOutput(Output):
    """A top-up that is taken back through the payer's bank."""

    id: str
    top_up_id: str
    user_id: str
    amount: int
    currency: str
    status: str = Field(description="inquiry, open, closed, lost or won.")
    reason: str
    taken: int = Field(description="What it took from the wallet or made owed, less what came back.")
    respond_by: datetime | None
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, dispute: TopUpDispute) -> Self:
        """Show a dispute."""
        return cls(
            id=dispute.id, top_up_id=dispute.top_up_id, user_id=dispute.user_id, amount=dispute.amount,
            currency=dispute.currency, status=dispute.state, reason=dispute.reason, taken=dispute.taken,
            respond_by=dispute.respond_by, created_at=dispute.created_at, updated_at=dispute.updated_at,
        )  # fmt: skip
