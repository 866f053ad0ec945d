"""Staff see a customer's whole record only after another has agreed, alone, for a quarter of an hour."""

from datetime import datetime, timedelta
from typing import Final

from cardwright import approvals, audit
from cardwright.approvals import Approval, ApprovalKind, ApprovalState
from cardwright.core.errors import Conflict, NotFound
from cardwright.db.session import Session
from cardwright.users.service import Person, get_person

VIEWING_TIME: Final = timedelta(minutes=15)


async def propose_reveal(
    session: Session, user_id: str, *, program_id: str, reason: str, by: str, at: datetime
) -> Approval:
    """Ask to see somebody's whole record; raises NotFound `user_not_found`."""
    await get_person(session, user_id, program_id)
    payload = {"user_id": user_id, "viewing_seconds": int(VIEWING_TIME.total_seconds())}
    return await approvals.propose(
        session, REVEAL, program_id=program_id, subject_id=user_id, payload=payload, reason=reason, by=by,
        at=at,
    )  # fmt: skip


async def view_revealed(
    session: Session, user_id: str, approval_id: str, *, program_id: str, by: str, at: datetime
) -> Person:
    """Return somebody's whole record and note in the trail that it was seen.

    Raises NotFound `reveal_unknown` for everybody but who asked for it, Conflict `reveal_not_approved`
    and `reveal_over` when the time is not yet or no longer.
    """
    approval = await approvals.find_approval(session, program_id, approval_id)
    if approval is None or (approval.kind, approval.subject_id, approval.proposed_by) != (
        REVEAL.name, user_id, by,
    ):  # fmt: skip
        raise NotFound("reveal_unknown", "You asked for no such record.")
    if approval.state is not ApprovalState.APPLIED or approval.decided_at is None:
        raise Conflict("reveal_not_approved", f"This request is {approval.state}.")
    if at >= approval.decided_at + VIEWING_TIME:
        raise Conflict("reveal_over", "The time to look is over; ask again.")
    person = await get_person(session, user_id, program_id)
    details = {"approval_id": approval.id, "approved_by": approval.decided_by}
    await audit.record(session, by, program_id, "user.revealed", user_id, details, at)
    return person


async def _ensure_still_there(session: Session, approval: Approval, at: datetime) -> None:
    # Nothing is done when it is approved: the approval itself is what opens the record.
    del at
    await get_person(session, approval.subject_id, approval.program_id)


REVEAL: Final = ApprovalKind(
    "user.reveal", "reveals.propose", "reveals.approve", _ensure_still_there, open_for=timedelta(days=1)
)
