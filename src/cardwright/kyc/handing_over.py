"""Giving staff what somebody has to look at, and telling people what screening means for their approval."""

from datetime import datetime
from typing import Final

from cardwright.db.jobs import Subscription, Work
from cardwright.db.outbox import Event
from cardwright.db.session import Session
from cardwright.kyc import standing, store
from cardwright.kyc.announcing import EVENTS, record, tell
from cardwright.kyc.domain import RejectionReason, Verification, VerificationState
from cardwright.kyc.review.domain import Cause
from cardwright.kyc.review.opening import close_decided, open_review
from cardwright.kyc.screening.comparing import HIT_EVENT, HIT_OUTDATED
from cardwright.kyc.screening.deciding import HIT_DECIDED
from cardwright.kyc.screening.domain import Standing as Screened

_SCREENED_EVENTS: Final = {
    Screened.OPEN: VerificationState.IN_REVIEW,
    Screened.CONFIRMED: VerificationState.REJECTED,
    Screened.CLEAR: VerificationState.APPROVED,
}


async def hand_over(
    session: Session, changed: Verification, *, before: Verification, by: str, at: datetime
) -> None:
    """Open a review of what somebody has to look at; close that of what was decided without us."""
    if changed.contradicted_by is not before.contradicted_by:
        details = {"stands": changed.state, "said": changed.contradicted_by}
        await record(session, changed, "verification.contradicted", by, at, **details)
        await _open(session, changed, Cause.CONTRADICTION, at)
    if changed.state is before.state:
        return
    if changed.state is VerificationState.IN_REVIEW:
        await _open(session, changed, _cause_of(changed), at)
        if any(it.good_until is not None for it in await store.list_of_user(session, changed.user_id)):
            await _open(session, changed, Cause.REVERIFICATION, at)
    elif not changed.is_open:
        await close_decided(session, changed.id, by=by, at=at)


async def tell_of_screening(work: Work, event: Event) -> None:
    """Tell somebody approved how they stand after a hit was found or decided, but not why; once each."""
    at = work.clock.now()
    async with work.transaction() as session:
        approval = standing.best_approval(
            await store.list_of_user(session, str(event.payload["user_id"]), lock=True)
        )
        if approval is None or approval.good_until is None or approval.good_until <= at:
            return
        _, screened = await store.find_status(session, approval.user_id)
        was_told = await store.find_hold_told(session, approval.id) or Screened.CLEAR
        if screened is was_told or screened not in _SCREENED_EVENTS:
            return
        await store.save_hold_told(session, approval.id, None if screened is Screened.CLEAR else screened)
        payload = {"user_id": approval.user_id}
        if screened is Screened.CONFIRMED:
            payload["reason_code"] = RejectionReason.UNVERIFIED
        await tell(session, approval, EVENTS[_SCREENED_EVENTS[screened]], payload, at)


async def _open(session: Session, verification: Verification, cause: Cause, at: datetime) -> None:
    await open_review(
        session, program_id=verification.program_id, user_id=verification.user_id,
        verification_id=verification.id, cause=cause, at=at,
    )  # fmt: skip


def _cause_of(verification: Verification) -> Cause:
    if verification.is_shown_here:
        return Cause.MANUAL
    return Cause.SCREENING if verification.answer is VerificationState.APPROVED else Cause.VENDOR_REVIEW


SUBSCRIPTIONS: Final = (
    Subscription("kyc.tell_of_hit", HIT_EVENT, tell_of_screening),
    Subscription("kyc.tell_of_decided_hit", HIT_DECIDED, tell_of_screening),
    Subscription("kyc.tell_of_outdated_hit", HIT_OUTDATED, tell_of_screening),
)
