"""A dispute of a clearing: its states, what the network says of it, and whose money is where. No I/O."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from cardwright.core.errors import Conflict, Invalid
from cardwright.disputes.evidence import Reason

TIME_TO_SUBMIT: Final = timedelta(days=110)
REMINDED_BEFORE: Final = timedelta(days=7)


class DisputeState(StrEnum):
    """Where a dispute stands; derived from what was done with it and what the network says, never set."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    WON = "won"
    LOST = "lost"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


OPEN_STATES: Final = (DisputeState.DRAFT, DisputeState.SUBMITTED)


class NetworkStatus(StrEnum):
    """Where the network says a dispute stands; it was told nothing of an `unknown` one."""

    UNKNOWN = "unknown"
    UNSUBMITTED = "unsubmitted"
    SUBMITTED = "submitted"
    EXPIRED = "expired"
    LOST = "lost"
    WON = "won"


_RANKS: Final[Mapping[NetworkStatus, int]] = {status: rank for rank, status in enumerate(NetworkStatus)}
"""News only ever moves a dispute up, so that every order of the same news ends in the same state."""


class LossReason(StrEnum):
    """Why the network decided for the merchant, in our own words."""

    AMOUNT_CORRECT = "amount_correct"
    AMOUNT_TOO_LOW = "amount_too_low"
    AS_DESCRIBED = "as_described"
    AUTHENTICATED = "authenticated"
    AUTHORIZED = "authorized"
    DELIVERED = "delivered"
    NOT_CANCELED = "not_canceled"
    NOT_CHARGED_TWICE = "not_charged_twice"
    OTHER = "other"
    REFUNDED = "refunded"
    TOO_LATE = "too_late"
    TOO_MANY_DISPUTES = "too_many_disputes"


class CreditPolicy(StrEnum):
    """When a holder gets the disputed money while the network decides."""

    AT_ONCE = "at_once"
    ON_NETWORK_CREDIT = "on_network_credit"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Movement:
    """Money that the network moved for a dispute, in minor units: above zero to us, below zero back."""

    reference: str
    amount: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A dispute as the network shows it at one moment; `dispute_id` is ours, where it was told."""

    reference: str
    status: NetworkStatus
    movements: tuple[Movement, ...] = ()
    loss_reason: LossReason | None = None
    dispute_id: str | None = None


@dataclass(frozen=True, slots=True)
class Dispute:
    """A holder's claim on a clearing, the element `sequence` of a payment; amounts in minor units.

    `advanced` is what the holder was given of it so far, `recovered` what the network gave us: the
    difference is in suspense. `attempt` counts the submissions, `entries` the movements to the wallet; both
    make the keys under which they are repeated. `refusal` says why the network gave the last one back.
    """

    id: str
    program_id: str
    user_id: str
    payment_id: str
    sequence: int
    source: str
    clearing_reference: str
    merchant_name: str
    amount: int
    currency: str
    reason: Reason
    policy: CreditPolicy
    created_at: datetime
    submit_by: datetime
    heard_at: datetime
    attempt: int = 0
    submitted_at: datetime | None = None
    withdrawn_at: datetime | None = None
    expired_at: datetime | None = None
    refusal: str | None = None
    network_reference: str | None = None
    network_status: NetworkStatus = NetworkStatus.UNKNOWN
    loss_reason: LossReason | None = None
    advanced: int = 0
    recovered: int = 0
    entries: int = 0
    reminded_at: datetime | None = None

    @property
    def state(self) -> DisputeState:
        """Where it stands: the network's yes outranks all, whatever was done with the dispute meanwhile."""
        if self.network_status is NetworkStatus.WON:
            return DisputeState.WON
        if self.withdrawn_at is not None:
            return DisputeState.WITHDRAWN
        if self.network_status is NetworkStatus.LOST:
            return DisputeState.LOST
        if self.network_status is NetworkStatus.EXPIRED or self.expired_at is not None:
            return DisputeState.EXPIRED
        is_submitted = self.submitted_at is not None or self.network_status is NetworkStatus.SUBMITTED
        return DisputeState.SUBMITTED if is_submitted else DisputeState.DRAFT

    @property
    def is_to_be_filed(self) -> bool:
        """Whether it waits to be put before the network."""
        awaits = self.network_status in (NetworkStatus.UNKNOWN, NetworkStatus.UNSUBMITTED)
        return self.state is DisputeState.SUBMITTED and awaits

    @property
    def is_filed(self) -> bool:
        """Whether the network has it before it, or had."""
        return self.network_status in (NetworkStatus.SUBMITTED, NetworkStatus.LOST, NetworkStatus.WON)

    @property
    def advance_due(self) -> int:
        """What the holder is to have of it now, by the policy; in the end what the network paid."""
        if self.state is DisputeState.WON and self.recovered:
            return self.recovered
        if self.state not in (DisputeState.SUBMITTED, DisputeState.WON):
            return 0
        match self.policy:
            case CreditPolicy.AT_ONCE:
                return self.amount
            case CreditPolicy.ON_NETWORK_CREDIT:
                return max(0, self.recovered)
            case CreditPolicy.NEVER:
                return 0

    @property
    def is_settled(self) -> bool:
        """Whether nothing more is to come: it ended, at the network as well, and nothing is in suspense."""
        is_over = self.network_status is not NetworkStatus.SUBMITTED
        awaits_money = self.state is DisputeState.WON and not self.recovered
        return (
            self.state not in OPEN_STATES
            and is_over
            and not awaits_money
            and self.advanced == self.recovered == self.advance_due
        )


def ensure_in_time(submit_by: datetime, at: datetime) -> None:
    """Raise Conflict `deadline_passed` when it is too late to dispute."""
    if at >= submit_by:
        raise Conflict("deadline_passed", "The time to dispute this charge is over.")


def ensure_draft(dispute: Dispute) -> None:
    """Raise Conflict `dispute_submitted` or `dispute_closed` unless it can still be changed."""
    match dispute.state:
        case DisputeState.DRAFT:
            return
        case DisputeState.SUBMITTED:
            raise Conflict("dispute_submitted", "This dispute was submitted and cannot be changed.")
        case ended:
            raise Conflict("dispute_closed", f"This dispute is {ended}.", state=ended.value)


def submit(dispute: Dispute, missing: Sequence[str], at: datetime) -> Dispute:
    """Return the dispute on its way to the network.

    Raises what `ensure_draft` and `ensure_in_time` do, and Invalid `evidence_incomplete`.
    """
    ensure_draft(dispute)
    ensure_in_time(dispute.submit_by, at)
    if missing:
        raise Invalid(
            "evidence_incomplete", "The network needs to be told more for this reason.", missing=list(missing)
        )
    return replace(dispute, submitted_at=at, attempt=dispute.attempt + 1, refusal=None)


def withdraw(dispute: Dispute, at: datetime) -> Dispute:
    """Return the dispute given up by its holder; raises Conflict `dispute_closed` when it ended."""
    if dispute.state not in OPEN_STATES:
        raise Conflict("dispute_closed", f"This dispute is {dispute.state}.", state=dispute.state.value)
    return replace(dispute, withdrawn_at=at)


def give_back(dispute: Dispute, refusal: str, attempt: int) -> Dispute:
    """Return the dispute as a draft again, which the network refused; another attempt is left alone."""
    if dispute.state is not DisputeState.SUBMITTED or dispute.is_filed or dispute.attempt != attempt:
        return dispute
    return replace(dispute, submitted_at=None, refusal=refusal)


def expire(dispute: Dispute, at: datetime) -> Dispute:
    """Return a draft whose time is over as expired; anything else as it is."""
    is_over = dispute.state is DisputeState.DRAFT and at >= dispute.submit_by
    return replace(dispute, expired_at=at) if is_over else dispute


def hear(dispute: Dispute, snapshot: Snapshot, at: datetime) -> Dispute:
    """Return the dispute after a look at the network: any snapshot may be the first, the last or stale."""
    newer = max(dispute.network_status, snapshot.status, key=_RANKS.__getitem__)
    return replace(
        dispute, network_reference=snapshot.reference, network_status=newer, heard_at=at,
        loss_reason=dispute.loss_reason or snapshot.loss_reason,
    )  # fmt: skip
