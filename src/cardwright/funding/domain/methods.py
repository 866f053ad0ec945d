"""Saved payment methods as values: how the gateway's answers make one ready, and what is kept of a card."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from cardwright.core.errors import Conflict, Invalid
from cardwright.funding.domain.top_ups import TopUpReason

MOST_METHODS: Final = 10
"""How many methods a person may keep at once."""


class MethodState(StrEnum):
    """Where a saved method stands; only an active one can be charged."""

    REQUESTED = "requested"
    REQUIRES_ACTION = "requires_action"
    FAILED = "failed"
    ACTIVE = "active"
    REMOVED = "removed"


# As with top-ups, what is reached depends on which answers came and not on their order.
_FINALITY: Final[Mapping[MethodState, int]] = {
    MethodState.REQUESTED: 0,
    MethodState.REQUIRES_ACTION: 1,
    MethodState.FAILED: 2,
    MethodState.ACTIVE: 3,
    MethodState.REMOVED: 4,
}
KEPT_STATES: Final = (MethodState.REQUESTED, MethodState.REQUIRES_ACTION, MethodState.ACTIVE)


@dataclass(frozen=True, slots=True)
class CardDetails:
    """All that is kept of a card: enough for its owner to know it again, and nothing to pay with."""

    brand: str
    last4: str
    exp_month: int
    exp_year: int


class SetupStatus(StrEnum):
    """What a gateway may answer about a method that is to be kept."""

    PENDING = "pending"
    REQUIRES_ACTION = "requires_action"
    FAILED = "failed"
    SUCCEEDED = "succeeded"


@dataclass(frozen=True, slots=True)
class SetupResult:
    """What the gateway says at one moment of making a method ready.

    `reference` is its id of the attempt, `method_reference` that of the method, `method_id` ours.
    """

    status: SetupStatus
    reference: str | None = None
    method_reference: str | None = None
    method_id: str | None = None
    card: CardDetails | None = None
    reason_code: TopUpReason | None = None
    action_url: str | None = None


@dataclass(frozen=True, slots=True)
class MethodSnapshot:
    """A kept method as it is at the gateway now; one that is not attached cannot be charged any more."""

    reference: str
    is_attached: bool
    card: CardDetails | None


@dataclass(frozen=True, slots=True)
class SavedMethod:
    """A way to pay that a person keeps; `provider_reference` is the gateway's id of it."""

    id: str
    program_id: str
    user_id: str
    state: MethodState
    created_at: datetime
    updated_at: datetime
    label: str | None = None
    is_default: bool = False
    card: CardDetails | None = None
    setup_reference: str | None = None
    provider_reference: str | None = None
    reason_code: TopUpReason | None = None
    action_url: str | None = None


def apply_setup(method: SavedMethod, result: SetupResult, *, at: datetime) -> SavedMethod:
    """Return the method after an answer, the very same one when it is no news; removed stays removed."""
    state = _STATES.get(result.status, method.state)
    learned = replace(
        method,
        setup_reference=method.setup_reference or result.reference,
        provider_reference=method.provider_reference or result.method_reference,
    )
    action_url = result.action_url if state is MethodState.REQUIRES_ACTION else None
    is_news = _FINALITY[state] > _FINALITY[method.state] or (
        state is method.state and action_url != method.action_url
    )
    if not is_news:
        return learned if learned == method else replace(learned, updated_at=at)
    return replace(
        learned,
        state=state,
        card=result.card or method.card,
        reason_code=result.reason_code if state is MethodState.FAILED else None,
        action_url=action_url,
        updated_at=at,
    )


_STATES: Final[Mapping[SetupStatus, MethodState]] = {
    SetupStatus.REQUIRES_ACTION: MethodState.REQUIRES_ACTION,
    SetupStatus.FAILED: MethodState.FAILED,
    SetupStatus.SUCCEEDED: MethodState.ACTIVE,
}


def remove(method: SavedMethod, *, at: datetime) -> SavedMethod:
    """Return the method as one that is kept no more."""
    if method.state is MethodState.REMOVED:
        return method
    return replace(method, state=MethodState.REMOVED, is_default=False, action_url=None, updated_at=at)


def ensure_chargeable(method: SavedMethod | None, *, user_id: str) -> SavedMethod:
    """Return a method of that person that can be charged.

    Raises Invalid `payment_method_unknown` and Conflict `payment_method_not_ready`.
    """
    if method is None or method.user_id != user_id or method.state is MethodState.REMOVED:
        raise Invalid("payment_method_unknown", "There is no such payment method.")
    if method.state is not MethodState.ACTIVE:
        raise Conflict("payment_method_not_ready", f"This payment method is {method.state}.")
    return method
