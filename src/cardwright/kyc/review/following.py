"""What reviews follow by themselves: hits of screening, accounts that are erased, and the clock."""

from datetime import datetime
from typing import Final

from cardwright import audit, users, worklists
from cardwright.db import outbox
from cardwright.db.jobs import Subscription, Work
from cardwright.db.outbox import Event
from cardwright.db.session import Session
from cardwright.kyc import deciding
from cardwright.kyc import store as verifications
from cardwright.kyc.domain import Verification, VerificationState
from cardwright.kyc.review import domain, opening, store, working
from cardwright.kyc.review.domain import Cause, Review
from cardwright.kyc.review.recording import PROFILE_CHANGED, SYSTEM, event_of, tell
from cardwright.kyc.screening import hit_store
from cardwright.kyc.screening.comparing import HIT_EVENT, HIT_OUTDATED
from cardwright.kyc.screening.deciding import HIT_DECIDED
from cardwright.kyc.screening.domain import HitState

OVERDUE: Final = "kyc.review_overdue"
MINE_OVERDUE: Final = "kyc.assigned_review_overdue"
_AT_ONCE: Final = 200
_OF_SCREENING: Final = frozenset({Cause.SCREENING, Cause.REVERIFICATION})
_UNDECIDED: Final = frozenset({VerificationState.SUBMITTED, VerificationState.IN_REVIEW})


async def open_screened(work: Work, event: Event) -> None:
    """Have somebody look at a person whom screening found, if the hit still waits."""
    at, user_id = work.clock.now(), str(event.payload["user_id"])
    async with work.transaction() as session:
        if not await _has_open_hit(session, user_id):
            return
        known = await verifications.list_of_user(session, user_id)
        held = next((it for it in known if it.state in _UNDECIDED), None)
        await opening.open_review(
            session, program_id=event.program_id, user_id=user_id,
            verification_id=None if held is None else held.id, cause=Cause.SCREENING, at=at,
        )  # fmt: skip


async def advance_screened(work: Work, event: Event) -> None:
    """Go on with a review after hits were decided: where nothing else is to be judged, it ends.

    Then what the vendor approved meanwhile, and hits alone held, is approved.
    """
    at, user_id = work.clock.now(), str(event.payload["user_id"])
    async with work.transaction() as session:
        if (found := await store.find_unresolved(session, user_id)) is None:
            return
        review, judged = await working.review_for_update(session, found.id)
        is_over = review is None or review.is_resolved or Cause.SCREENING not in review.causes
        if review is None or is_over or await _has_open_hit(session, user_id):
            return
        details = {"hit_id": event.subject_id, "decided_at": event.occurred_at.isoformat()}
        if (told := await _touched(session, review, "hits_decided", SYSTEM, at, **details)) is None:
            return
        if not set(review.causes) <= _over_with_hits(judged):
            return
        if judged is not None:
            judged = await deciding.release(session, judged, by=SYSTEM, at=at)
        if judged is None or judged.state not in _UNDECIDED:
            await opening.settle(session, told, SYSTEM, at)


async def follow_profile(work: Work, event: Event) -> None:
    """Tell of another name or birth date of somebody reviewed: whoever read the old one reads again."""
    async with work.transaction() as session:
        review = await store.unresolved_for_update(session, event.subject_id)
        if review is not None:
            changed_at = event.occurred_at.isoformat()
            await _touched(
                session, review, PROFILE_CHANGED, event.subject_id, work.clock.now(), changed_at=changed_at
            )


async def forget_person(work: Work, event: Event) -> None:
    """End the review of a person whose account was erased: there is nobody left to judge."""
    async with work.transaction() as session:
        review = await store.unresolved_for_update(session, event.subject_id)
        if review is not None:
            await opening.settle(session, review, SYSTEM, work.clock.now())


async def mark_overdue_reviews(work: Work) -> int:
    """Mark the reviews that are late and tell of each once; return how many."""
    at = work.clock.now()
    async with work.transaction() as session:
        late = await store.late_for_update(session, at, _AT_ONCE)
        for review in late:
            marked = domain.mark_overdue(review, at)
            await store.save(session, marked)
            await tell(session, marked, "overdue", SYSTEM, at, causes=list(review.causes))
            told = event_of(OVERDUE, marked, at, assignee_id=review.assignee_id)
            await outbox.append(session, told)
            if review.assignee_id is not None:
                mine = event_of(MINE_OVERDUE, marked, at, user_id=review.assignee_id)
                await outbox.append(session, mine)
    return len(late)


async def list_terms(session: Session, program_id: str) -> dict[Cause, int]:
    """Return how many hours a program gives its reviewers, by cause."""
    kept = await store.terms_of(session, program_id)
    return {cause: round(domain.time_for(cause, kept).total_seconds() / 3600) for cause in Cause}


async def set_term(
    session: Session, program_id: str, cause: Cause, hours: int, *, by: str, at: datetime
) -> int:
    """Give reviewers so many hours from now on; reviews that are open keep the time they have."""
    before = (await list_terms(session, program_id))[cause]
    await store.keep_term(session, program_id, cause, hours)
    details = {"before": before, "after": hours}
    await audit.record(session, by, program_id, "identity_review_terms.changed", cause.value, details, at)
    return hours


async def _touched(
    session: Session, review: Review, kind: str, by: str, at: datetime, **details: str
) -> Review | None:
    """Count what happened beside a locked review as a change of it; None when it was told before."""
    known = await worklists.activities_of(session, store.HISTORY, review.id)
    if any(it.kind == kind and it.details == details for it in known):
        return None
    touched = domain.touch(review)
    await store.save(session, touched)
    await tell(session, touched, kind, by, at, **details)
    return touched


def _over_with_hits(judged: Verification | None) -> frozenset[Cause]:
    # What a vendor left open it may have decided meanwhile.
    return _OF_SCREENING if judged is None or judged.answer is None else _OF_SCREENING | {Cause.VENDOR_REVIEW}


async def _has_open_hit(session: Session, user_id: str) -> bool:
    return any(hit.state is HitState.OPEN for hit in await hit_store.hits_of(session, user_id))


SUBSCRIPTIONS: Final = (
    Subscription("reviews.open_screened", HIT_EVENT, open_screened),
    Subscription("reviews.advance_screened", HIT_DECIDED, advance_screened),
    Subscription("reviews.advance_outdated", HIT_OUTDATED, advance_screened),
    Subscription("reviews.follow_profile", users.NAME_CHANGED, follow_profile),
    Subscription("reviews.forget_person", users.ERASED, forget_person),
)
