"""Deciding a review. What turns around what stood is proposed, and done when somebody else approves it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cardwright import approvals, worklists
from cardwright.access import Actor
from cardwright.approvals import Approval, ApprovalKind, ApprovalState
from cardwright.core.errors import Conflict, Invalid
from cardwright.db import outbox
from cardwright.db.session import Session
from cardwright.kyc import deciding
from cardwright.kyc.documents import end_reviews
from cardwright.kyc.domain import DECIDED_STATES, RejectionReason, Verification, VerificationState
from cardwright.kyc.review import domain, store, working
from cardwright.kyc.review.domain import Outcome, Review
from cardwright.kyc.review.opening import DECIDED
from cardwright.kyc.review.recording import PROFILE_CHANGED, event_of, tell
from cardwright.kyc.screening import hit_store
from cardwright.kyc.screening.domain import HitState

_KEEPS_FROM_APPROVING: Final = frozenset({HitState.OPEN, HitState.CONFIRMED})


@dataclass(frozen=True, slots=True)
class Verdict:
    """Approved, or rejected for a reason, which the person is told; `words` are for the record alone."""

    outcome: Outcome
    reason: RejectionReason | None
    words: str

    def ensure_fit(self) -> None:
        """Raise Invalid `reason_unfit` for a rejection without a reason, or an approval with one."""
        if (self.outcome is Outcome.REJECTED) != (self.reason is not None):
            raise Invalid("reason_unfit", "Rejecting needs a rejection_reason, approving has none.")


async def decide_review(
    session: Session, review_id: str, verdict: Verdict, *, version: int, by: Actor, at: datetime
) -> Review:
    """Decide a review that the actor claimed, or propose it where that turns around what stood.

    Raises NotFound; Invalid `reason_unfit`; as `domain.ensure_may_decide` does; Conflict `nothing_to_decide`,
    `hits_undecided`, `documents_missing` where an approval would stand on nothing that is kept,
    `override_proposed` while another proposal waits, `verification_undecidable`. Then nothing changes.
    """
    review, judged = await working.seen_for_update(session, review_id, by=by)
    verdict.ensure_fit()
    domain.ensure_may_decide(review, by.user_id, version)
    if judged is None:
        raise working.nothing_to_decide()
    await _ensure_open_to(session, review, judged, verdict.outcome)
    before = await _overridden(session, judged, verdict.outcome)
    note = await working.write(session, review, verdict.words, by.user_id, at)
    if before is None:
        return await _decide(
            session, review, verdict.outcome, verdict.reason, by.user_id, at, note_id=note.id
        )
    proposed = await approvals.propose(
        session, IDENTITY_OVERRIDE, program_id=review.program_id, subject_id=review.user_id,
        payload={
            "review_id": review.id, "verification_id": judged.id, "from": before.value,
            "to": verdict.outcome.value, "reason": verdict.reason and verdict.reason.value,
            "note_id": note.id,
        },
        # Proposals are kept in clear: the words are sealed, as a note that whoever decides reads in the file.
        reason=f"As the note {note.id} of the review says.", by=by.user_id, at=at,
    )  # fmt: skip
    waiting = domain.propose_override(review, proposed.id)
    await store.save(session, waiting)
    await tell(
        session, waiting, "override_proposed", by.user_id, at, approval_id=proposed.id, before=before,
        after=verdict.outcome, note_id=note.id,
    )  # fmt: skip
    return waiting


async def _override(session: Session, approval: Approval, at: datetime) -> None:
    told = approval.payload
    review, judged = await working.review_for_update(session, str(told["review_id"]))
    if review is None or judged is None or review.is_resolved or review.override_id != approval.id:
        raise Conflict("review_resolved", "This review was decided otherwise.")
    outcome = Outcome(told["to"])
    if await _overridden(session, judged, outcome) != told["from"]:
        raise Conflict("override_outdated", "What stands is not what this was proposed against.")
    await _ensure_profile_kept(session, review, approval.id)
    if outcome is Outcome.APPROVED:
        await _ensure_approvable(session, judged)
    reason = told["reason"] and RejectionReason(told["reason"])
    by = str(approval.decided_by)
    await _decide(
        session, review, outcome, reason, by, at, approval_id=approval.id, proposed_by=approval.proposed_by
    )


IDENTITY_OVERRIDE: Final = ApprovalKind(
    "identity.override", "identity_reviews.decide", "identity_reviews.approve", _override
)


async def _ensure_open_to(session: Session, review: Review, judged: Verification, outcome: Outcome) -> None:
    if outcome is Outcome.APPROVED:
        await _ensure_approvable(session, judged)
    if review.override_id is not None:
        known = await approvals.find_approval(session, review.program_id, review.override_id)
        if known is not None and known.state is ApprovalState.PROPOSED:
            raise Conflict(
                "override_proposed", "A proposal waits for somebody else; it can be withdrawn.",
                approval_id=known.id,
            )  # fmt: skip


async def _ensure_approvable(session: Session, judged: Verification) -> None:
    await working.ensure_hits_decided(session, judged.user_id, _KEEPS_FROM_APPROVING)
    await deciding.ensure_identity_shown(session, judged)


async def _ensure_profile_kept(session: Session, review: Review, approval_id: str) -> None:
    told = await worklists.activities_of(session, store.HISTORY, review.id)
    proposed = next(n for n, it in enumerate(told) if it.details.get("approval_id") == approval_id)
    if any(it.kind == PROFILE_CHANGED for it in told[proposed:]):
        raise Conflict("override_outdated", "They changed who they say they are since this was proposed.")


async def _overridden(
    session: Session, verification: Verification, outcome: Outcome
) -> VerificationState | None:
    """Return what a decision would turn around: what was decided, or else what the vendor answered."""
    is_decided = verification.state in DECIDED_STATES
    stood = verification.state if is_decided else verification.answer
    if stood is None or stood.value == outcome.value:
        return None
    if not is_decided and outcome is Outcome.REJECTED:
        # No vendor was asked about lists: whom a confirmed hit names is rejected by one.
        hits = await hit_store.hits_of(session, verification.user_id)
        if any(hit.state is HitState.CONFIRMED for hit in hits):
            return None
    return stood


async def _decide(
    session: Session, review: Review, outcome: Outcome, reason: RejectionReason | None, by: str, at: datetime,
    **told: str,
) -> Review:  # fmt: skip
    await deciding.decide(
        session, str(review.verification_id), approve=outcome is Outcome.APPROVED, reason=reason, by=by, at=at
    )
    await end_reviews(session, review.user_id, by=by, at=at)
    decided = domain.resolve(review, outcome, by=by, at=at, reason=reason)
    await store.save(session, decided)
    await tell(session, decided, "decided", by, at, outcome=outcome, reason=reason, **told)
    await outbox.append(session, event_of(DECIDED, decided, at, outcome=outcome))
    return decided
