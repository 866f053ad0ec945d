"""Disputes of top-ups as values: what the gateway tells, and what it means for the account."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Final


class TopUpDisputeState(StrEnum):
    """Where a dispute stands; an inquiry takes no money and may be closed or become a dispute."""

    INQUIRY = "inquiry"
    OPEN = "open"
    CLOSED = "closed"
    LOST = "lost"
    WON = "won"


_FINALITY: Final[Mapping[TopUpDisputeState, int]] = {
    TopUpDisputeState.INQUIRY: 0,
    TopUpDisputeState.OPEN: 1,
    TopUpDisputeState.CLOSED: 2,
    TopUpDisputeState.LOST: 2,
    TopUpDisputeState.WON: 3,
}
UNFINISHED_STATES: Final = (TopUpDisputeState.INQUIRY, TopUpDisputeState.OPEN)
CHARGED_BACK_STATES: Final = (TopUpDisputeState.OPEN, TopUpDisputeState.LOST)
"""While one of these holds, the gateway gives nothing of the top-up back to its source."""


@dataclass(frozen=True, slots=True)
class Movement:
    """Money that a dispute took from us (below zero) or gave back, in minor units, once per `reference`."""

    reference: str
    amount: int


@dataclass(frozen=True, slots=True)
class DisputeResult:
    """A dispute as it is at the gateway; `charge_reference` is the gateway's id of the disputed top-up."""

    reference: str
    charge_reference: str | None
    state: TopUpDisputeState
    amount: int
    currency: str
    reason: str
    respond_by: datetime | None
    movements: Sequence[Movement] = ()


@dataclass(frozen=True, slots=True)
class TopUpDispute:
    """A top-up whose payer takes the money back through their bank.

    `taken` is what that has cost the wallet, less what came back; `posted` are the movements in the books.
    """

    id: str
    program_id: str
    user_id: str
    top_up_id: str
    amount: int
    currency: str
    state: TopUpDisputeState
    reason: str
    respond_by: datetime | None
    provider_reference: str
    created_at: datetime
    updated_at: datetime
    taken: int = 0
    posted: frozenset[str] = field(default_factory=frozenset)


def apply_dispute(dispute: TopUpDispute, result: DisputeResult, *, at: datetime) -> TopUpDispute:
    """Return the dispute after an answer, the very same one when it is no news; an older answer is none."""
    is_further = _FINALITY[result.state] > _FINALITY[dispute.state]
    state = result.state if is_further else dispute.state
    new = [it for it in result.movements if it.reference not in dispute.posted]
    if state is dispute.state and not new:
        return dispute
    return replace(
        dispute,
        state=state,
        amount=result.amount,
        respond_by=result.respond_by if is_further else dispute.respond_by,
        taken=dispute.taken - sum(movement.amount for movement in new),
        posted=dispute.posted | {movement.reference for movement in new},
        updated_at=at,
    )


def in_order(movements: Sequence[Movement]) -> Sequence[Movement]:
    """Return what was taken before what came back, so that a credit repays what the debit made owed."""
    return sorted(movements, key=lambda movement: (movement.amount > 0, movement.reference))
