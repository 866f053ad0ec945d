"""Top-ups as values: their states, their bounds, and how a gateway's answer changes one."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from cardwright.core.errors import Conflict, Invalid
from cardwright.core.money import EXPONENTS, Money, ensure_currency

MIN_TOP_UP_WHOLE_UNITS: Final = 1
"""The least one may add at once, in whole units of the currency: 1.00."""
MAX_TOP_UP_WHOLE_UNITS: Final = 10_000
"""The most one may add at once, in whole units of the currency: 10,000.00."""
CHARGE_WINDOW: Final = timedelta(hours=20)
"""How long a charge may be tried: gateways forget idempotency keys after 24 hours, and then charge twice."""
ACTION_WINDOW: Final = timedelta(hours=1)
"""How long a person may take to confirm a top-up before it counts as abandoned."""


class TopUpState(StrEnum):
    """Where a top-up stands; `review` waits for staff because gateway and ledger disagree."""

    REQUESTED = "requested"
    PENDING = "pending"
    REQUIRES_ACTION = "requires_action"
    CANCELED = "canceled"
    FAILED = "failed"
    SUCCEEDED = "succeeded"
    REVIEW = "review"


class Origin(StrEnum):
    """Who asked for a top-up: its holder, or the rule they made for when the balance is low."""

    HOLDER = "holder"
    AUTO = "auto"


class TopUpReason(StrEnum):
    """Why a top-up failed or needs a review, in our words."""

    CARD_DECLINED = "card_declined"
    FUNDS_INSUFFICIENT = "funds_insufficient"
    CARD_EXPIRED = "card_expired"
    CARD_DATA_INCORRECT = "card_data_incorrect"
    AUTHENTICATION_FAILED = "authentication_failed"
    PAYMENT_METHOD_INVALID = "payment_method_invalid"
    PROCESSING_ERROR = "processing_error"
    CHARGE_WINDOW_PASSED = "charge_window_passed"
    ABANDONED = "abandoned"
    AMOUNT_DIFFERS = "amount_differs"
    CHARGED_TWICE = "charged_twice"


EXPLANATIONS: Final[Mapping[TopUpReason, str]] = {
    TopUpReason.CARD_DECLINED: "The bank declined the payment; ask it why, or use another card.",
    TopUpReason.FUNDS_INSUFFICIENT: "The card has not enough money on it.",
    TopUpReason.CARD_EXPIRED: "The card has expired.",
    TopUpReason.CARD_DATA_INCORRECT: "The card's number, date or code is not correct.",
    TopUpReason.AUTHENTICATION_FAILED: "The bank could not confirm that it is you.",
    TopUpReason.PAYMENT_METHOD_INVALID: "The payment method is unknown or was used before.",
    TopUpReason.PROCESSING_ERROR: "The payment could not be processed; try again later.",
    TopUpReason.CHARGE_WINDOW_PASSED: "The payment provider could not be reached in time; try again.",
    TopUpReason.ABANDONED: "The payment was not confirmed in time, and nothing was taken; try again.",
    TopUpReason.AMOUNT_DIFFERS: "The amount received is not the amount asked for; we are looking into it.",
    TopUpReason.CHARGED_TWICE: "The payment was taken more than once; we are looking into it.",
}
"""What the person is told about each reason."""

# Answers come late, twice and in any order, so the outcome may depend only on which answers came.
_FINALITY: Final[Mapping[TopUpState, int]] = {
    TopUpState.REQUESTED: 0,
    TopUpState.PENDING: 1,
    TopUpState.REQUIRES_ACTION: 1,
    TopUpState.CANCELED: 2,
    TopUpState.FAILED: 3,
    TopUpState.SUCCEEDED: 4,
    TopUpState.REVIEW: 5,
}
_IN_FLIGHT: Final = 1
IN_FLIGHT_STATES: Final = (TopUpState.PENDING, TopUpState.REQUIRES_ACTION)
OPEN_STATES: Final = (TopUpState.REQUESTED, *IN_FLIGHT_STATES)


class ChargeStatus(StrEnum):
    """What a gateway may answer about a charge; whatever else it says is pending."""

    PENDING = "pending"
    REQUIRES_ACTION = "requires_action"
    CANCELED = "canceled"
    FAILED = "failed"
    SUCCEEDED = "succeeded"


@dataclass(frozen=True, slots=True)
class ChargeResult:
    """What the gateway says at one moment.

    `reference` is the gateway's id of the charge, None when it made none; `money` is what it took or will
    take; `top_up_id` is our id as the gateway returns it; `action_url` is where the person must go next.
    """

    status: ChargeStatus
    reference: str | None = None
    money: Money | None = None
    top_up_id: str | None = None
    reason_code: TopUpReason | None = None
    action_url: str | None = None


@dataclass(frozen=True, slots=True)
class TopUp:
    """Money a person adds to their wallet: `amount` in minor units of `currency`.

    `attempted_at` is when the gateway was first asked to take it, whatever became of that;
    `payment_method_id` is the saved method it is charged to, None for a method that is used once.
    """

    id: str
    program_id: str
    user_id: str
    amount: int
    currency: str
    state: TopUpState
    created_at: datetime
    updated_at: datetime
    provider_reference: str | None = None
    reason_code: TopUpReason | None = None
    action_url: str | None = None
    origin: Origin = Origin.HOLDER
    payment_method_id: str | None = None
    attempted_at: datetime | None = None
    cancel_requested_at: datetime | None = None


def ensure_cancelable(top_up: TopUp) -> None:
    """Raise Conflict `top_up_ended` when there is nothing left to cancel."""
    if top_up.state not in OPEN_STATES:
        raise Conflict("top_up_ended", f"This top-up is {top_up.state}; it cannot be canceled.")


def ensure_within_bounds(money: Money, *, program_currency: str) -> None:
    """Raise Invalid unless the money is in the program's currency and neither too little nor too much."""
    if money.currency != program_currency:
        raise Invalid("currency_not_supported", f"This program is in {program_currency}.")
    unit = 10 ** EXPONENTS[ensure_currency(money.currency)]
    least, most = MIN_TOP_UP_WHOLE_UNITS * unit, MAX_TOP_UP_WHOLE_UNITS * unit
    if not least <= money.amount <= most:
        bounds = f"{Money(least, money.currency)} and {Money(most, money.currency)}"
        raise Invalid("amount_out_of_bounds", f"One top-up is between {bounds}.", minimum=least, maximum=most)


def is_chargeable(top_up: TopUp, *, at: datetime) -> bool:
    """Whether charging it cannot happen twice, as the gateway still remembers a first attempt."""
    return at - top_up.created_at <= CHARGE_WINDOW


def apply(top_up: TopUp, result: ChargeResult, *, at: datetime) -> TopUp:
    """Return the top-up after a gateway's answer, the very same one when the answer is no news.

    While nothing is decided the newest answer counts. Succeeded outweighs failed, for money was taken after
    all; failed outweighs canceled; review outweighs everything and only people end it.
    """
    state, reason = _judge(top_up, result)
    action_url = result.action_url if state is TopUpState.REQUIRES_ACTION else None
    old, new = _FINALITY[top_up.state], _FINALITY[state]
    both_in_flight = old == new == _IN_FLIGHT and _is_own(top_up, result)
    changes = (state, action_url) != (top_up.state, top_up.action_url)
    if not (new > old or (both_in_flight and changes)):
        return top_up
    return replace(
        top_up,
        state=state,
        reason_code=reason,
        action_url=action_url,
        provider_reference=top_up.provider_reference or result.reference,
        updated_at=at,
    )


def _judge(top_up: TopUp, result: ChargeResult) -> tuple[TopUpState, TopUpReason | None]:
    if result.status is ChargeStatus.SUCCEEDED:
        if not _is_own(top_up, result):
            return TopUpState.REVIEW, TopUpReason.CHARGED_TWICE
        if result.money != Money(top_up.amount, top_up.currency):
            return TopUpState.REVIEW, TopUpReason.AMOUNT_DIFFERS
        return TopUpState.SUCCEEDED, None
    if not _is_own(top_up, result):
        return top_up.state, None
    if result.status is ChargeStatus.FAILED:
        return TopUpState.FAILED, result.reason_code or TopUpReason.CARD_DECLINED
    is_over = result.status is ChargeStatus.CANCELED
    return TopUpState(result.status), result.reason_code if is_over else None


def _is_own(top_up: TopUp, result: ChargeResult) -> bool:
    # A charge of another reference for the same top-up would be a second one.
    return top_up.provider_reference is None or top_up.provider_reference == result.reference
