"""What a proposal is, and how it ends: by another's decision, by being taken back, or by waiting too long."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from cardwright.core.errors import Conflict, Forbidden


class ApprovalState(StrEnum):
    """Where a proposal stands. `approved` becomes `applied` within one transaction and is never seen."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    APPLIED = "applied"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Approval:
    """What somebody proposed to do to `subject_id`, and who decided.

    `payload` is small JSON without personal data and never changes; `payload_digest` is the SHA-256 of its
    canonical form. `reason` is the proposer's, `note` the decider's.
    """

    id: str
    program_id: str
    kind: str
    subject_id: str
    payload: Mapping[str, Any]
    payload_digest: str
    reason: str
    state: ApprovalState
    proposed_by: str
    proposed_at: datetime
    expires_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    note: str | None


@dataclass(frozen=True, slots=True)
class Step:
    """One change of a proposal's state; `actor_id` is a user id, or "system" for what waited too long."""

    state: ApprovalState
    actor_id: str
    at: datetime
    note: str | None


def ensure_open(approval: Approval, at: datetime) -> None:
    """Raise Conflict `approval_closed` or `approval_expired` unless it can still be decided."""
    if approval.state is not ApprovalState.PROPOSED:
        raise Conflict("approval_closed", f"This proposal was {approval.state}.", state=approval.state.value)
    if at >= approval.expires_at:
        raise Conflict("approval_expired", "This proposal waited too long; propose it again.")


def ensure_other(approval: Approval, user_id: str) -> None:
    """Raise Forbidden `four_eyes` when the one who would decide proposed it, or is whom it is about."""
    if user_id in {approval.proposed_by, approval.subject_id}:
        raise Forbidden("four_eyes", "Somebody else decides: not who proposed it, nor whom it is about.")
