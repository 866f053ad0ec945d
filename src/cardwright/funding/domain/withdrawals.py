"""Withdrawals as values: money goes back to where it came from, divided over the top-ups that brought it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from cardwright.core.errors import Conflict
from cardwright.funding.domain.top_ups import CHARGE_WINDOW


class WithdrawalKind(StrEnum):
    """Who asked: the holder for a withdrawal, staff for the refund of one top-up."""

    WITHDRAWAL = "withdrawal"
    REFUND = "refund"


class WithdrawalOrder(StrEnum):
    """Which top-ups give the money back first."""

    NEWEST_FIRST = "newest_first"
    OLDEST_FIRST = "oldest_first"


class WithdrawalState(StrEnum):
    """Where a withdrawal stands, which is where its refunds stand."""

    PENDING = "pending"
    SUCCEEDED = "succeeded"
    PARTLY_SUCCEEDED = "partly_succeeded"
    FAILED = "failed"


class RefundState(StrEnum):
    """Where the refund of one top-up stands."""

    REQUESTED = "requested"
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


# A bank may send back what the gateway had reported as refunded, so failed is the last word.
_FINALITY: Final[Mapping[RefundState, int]] = {
    RefundState.REQUESTED: 0,
    RefundState.PENDING: 1,
    RefundState.SUCCEEDED: 2,
    RefundState.FAILED: 3,
}


class RefundReason(StrEnum):
    """Why a refund failed, in our words."""

    NOT_REFUNDABLE = "not_refundable"
    RETURNED_BY_BANK = "returned_by_bank"
    PROCESSING_ERROR = "processing_error"
    REFUND_WINDOW_PASSED = "refund_window_passed"


REFUND_EXPLANATIONS: Final[Mapping[RefundReason, str]] = {
    RefundReason.NOT_REFUNDABLE: "This payment cannot be returned any more.",
    RefundReason.RETURNED_BY_BANK: "The bank did not take the money, for instance as the card has expired.",
    RefundReason.PROCESSING_ERROR: "The money could not be returned; try again later.",
    RefundReason.REFUND_WINDOW_PASSED: "The payment provider could not be reached in time; try again.",
}


@dataclass(frozen=True, slots=True)
class RefundResult:
    """What the gateway says about a refund; `refund_id` is our id as the gateway returns it."""

    state: RefundState
    reference: str | None = None
    refund_id: str | None = None
    reason_code: RefundReason | None = None


@dataclass(frozen=True, slots=True)
class Refund:
    """The part of a withdrawal that one top-up gives back: `amount` in minor units of `currency`."""

    id: str
    withdrawal_id: str
    top_up_id: str
    program_id: str
    user_id: str
    amount: int
    currency: str
    state: RefundState
    created_at: datetime
    updated_at: datetime
    attempted_at: datetime | None = None
    provider_reference: str | None = None
    reason_code: RefundReason | None = None


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """Money on its way back: `returned` of `amount` has been confirmed."""

    id: str
    program_id: str
    user_id: str
    kind: WithdrawalKind
    amount: int
    currency: str
    state: WithdrawalState
    returned: int
    requested_by: str
    reason: str | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Source:
    """A top-up and how much of it can still be given back, in minor units."""

    top_up_id: str
    left: int


def allocate(amount: int, sources: Sequence[Source]) -> Sequence[Source]:
    """Divide an amount over sources in their order; raise Conflict `not_refundable` when they lack some.

    >>> allocate(70, [Source("a", 50), Source("b", 50)])
    [Source(top_up_id='a', left=50), Source(top_up_id='b', left=20)]
    """
    taken, missing = [], amount
    for source in sources:
        part = min(source.left, missing)
        if part > 0:
            taken.append(Source(source.top_up_id, part))
            missing -= part
    if missing:
        raise Conflict(
            "not_refundable",
            "Money goes back only to where it came from, which takes no more than `refundable`.",
            refundable=amount - missing,
        )
    return taken


def is_repeatable(refund: Refund, *, at: datetime) -> bool:
    """Whether asking for it again cannot refund twice, as the gateway still remembers a first attempt."""
    return at - (refund.attempted_at or at) <= CHARGE_WINDOW


def apply_refund(refund: Refund, result: RefundResult, *, at: datetime) -> Refund:
    """Return the refund after a gateway's answer, the very same one when the answer is no news."""
    is_own = refund.provider_reference in {None, result.reference}
    if not is_own or _FINALITY[result.state] <= _FINALITY[refund.state]:
        return refund
    return replace(
        refund,
        state=result.state,
        provider_reference=refund.provider_reference or result.reference,
        reason_code=result.reason_code if result.state is RefundState.FAILED else None,
        updated_at=at,
    )


def conclude(withdrawal: Withdrawal, refunds: Sequence[Refund], *, at: datetime) -> Withdrawal:
    """Return the withdrawal as its refunds make it."""
    states = {refund.state for refund in refunds}
    returned = sum(refund.amount for refund in refunds if refund.state is RefundState.SUCCEEDED)
    if states & {RefundState.REQUESTED, RefundState.PENDING}:
        state = WithdrawalState.PENDING
    elif states == {RefundState.SUCCEEDED}:
        state = WithdrawalState.SUCCEEDED
    elif states == {RefundState.FAILED}:
        state = WithdrawalState.FAILED
    else:
        state = WithdrawalState.PARTLY_SUCCEEDED
    if (state, returned) == (withdrawal.state, withdrawal.returned):
        return withdrawal
    return replace(withdrawal, state=state, returned=returned, updated_at=at)
