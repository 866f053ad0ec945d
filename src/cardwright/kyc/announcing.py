"""Telling of what became of a verification: an event for the person it is about, and the trail."""

from datetime import datetime
from typing import Final

from cardwright import audit
from cardwright.audit import Action
from cardwright.db import outbox
from cardwright.db.outbox import Event
from cardwright.db.session import Session
from cardwright.kyc.domain import DECIDED_STATES, Verification, VerificationState

SYSTEM: Final = "system"
REVERIFICATION_DUE: Final = "kyc.reverification_due"
EXPIRED: Final = "kyc.expired"
SENT_BACK: Final = "kyc.sent_back"
SUBMITTED: Final = "kyc.submitted"
EVENTS: Final = {
    VerificationState.COLLECTING: "kyc.collecting",
    VerificationState.SUBMITTED: SUBMITTED,
    VerificationState.IN_REVIEW: "kyc.in_review",
    VerificationState.APPROVED: "kyc.approved",
    VerificationState.REJECTED: "kyc.rejected",
    VerificationState.CANCELED: "kyc.canceled",
    VerificationState.EXPIRED: EXPIRED,
}
"""What a person is told when an attempt of theirs comes to a state."""


async def announce(
    session: Session, verification: Verification, *, before: Verification, by: str, at: datetime
) -> None:
    """Tell of a change, unless nothing changed that anybody would notice."""
    if (verification.state, verification.reason) == (before.state, before.reason):
        return
    event = EVENTS[verification.state]
    is_sent_back = verification.sent_back_at != before.sent_back_at
    payload = {"user_id": verification.user_id}
    if verification.reason is not None:
        payload["reason_code"] = verification.reason
    if verification.state is VerificationState.EXPIRED:
        payload["what"] = "attempt"
    await tell(session, verification, SENT_BACK if is_sent_back else event, payload, at)
    if verification.state in DECIDED_STATES or verification.state is VerificationState.CANCELED:
        details = {"before": before.state, "after": verification.state, "reason": verification.reason}
        await record(session, verification, "verification.decided", by, at, **details)


async def tell(
    session: Session, verification: Verification, event_type: str, payload: dict[str, str], at: datetime
) -> None:
    """Write an event about a verification."""
    await outbox.append(session, Event(event_type, verification.program_id, verification.id, at, payload))


async def record(
    session: Session, verification: Verification, action: Action, by: str, at: datetime, **details: object
) -> None:
    """Write down who did what to a verification."""
    told = {"owner_id": verification.user_id, **details}
    await audit.record(session, by, verification.program_id, action, verification.id, told, at)
