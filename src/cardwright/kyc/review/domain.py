"""A review: a person whose identity somebody has to judge. Why, until when, and what came of it. No I/O."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from cardwright.core import claims
from cardwright.core.errors import Conflict, Forbidden, Invalid
from cardwright.kyc.domain import RejectionReason

DEFAULT_HOURS: Final = 24


class Cause(StrEnum):
    """Why somebody has to look."""

    VENDOR_REVIEW = "vendor_review"
    MANUAL = "manual"
    SCREENING = "screening"
    CONTRADICTION = "contradiction"
    REVERIFICATION = "reverification"
    STAFF = "staff"


class ReviewState(StrEnum):
    """`open` until somebody takes it, `in_review` while it is theirs, `waiting` for what was asked for."""

    OPEN = "open"
    IN_REVIEW = "in_review"
    WAITING = "waiting"
    RESOLVED = "resolved"


class Outcome(StrEnum):
    """What came of a review; `settled` where nothing was left to decide."""

    APPROVED = "approved"
    REJECTED = "rejected"
    SETTLED = "settled"


Terms = Mapping[Cause, timedelta]
"""How long there is to decide, by cause; what is not named has `DEFAULT_HOURS`."""


@dataclass(frozen=True, slots=True)
class Review:
    """A person who is looked at; one review of a person is unresolved at a time.

    `verification_id` is what is judged, where there is one. `override_id` is the newest proposal to turn a
    decision around. `version` counts the changes. While it waits for the person, no clock runs.
    """

    id: str
    program_id: str
    user_id: str
    verification_id: str | None
    causes: tuple[Cause, ...]
    state: ReviewState
    opened_at: datetime
    due_at: datetime
    version: int = 1
    assignee_id: str | None = None
    overdue_at: datetime | None = None
    override_id: str | None = None
    outcome: Outcome | None = None
    reason: RejectionReason | None = None
    resolved_at: datetime | None = None
    resolved_by: str | None = None

    @property
    def is_resolved(self) -> bool:
        """Whether nobody has to look any more."""
        return self.state is ReviewState.RESOLVED

    def is_overdue(self, at: datetime) -> bool:
        """Whether it should have been decided by now."""
        return self.state in {ReviewState.OPEN, ReviewState.IN_REVIEW} and self.due_at <= at


def time_for(cause: Cause, terms: Terms) -> timedelta:
    """Return how long there is to decide."""
    return terms.get(cause, timedelta(hours=DEFAULT_HOURS))


def join(review: Review, cause: Cause, verification_id: str | None, terms: Terms, at: datetime) -> Review:
    """Return a review that is not resolved with another cause; itself when it tells nothing new.

    A new cause gives no more time than there was. What waited for the person is back, with new time, with
    whoever had it.
    """
    judged = verification_id or review.verification_id
    is_known = cause in review.causes and judged == review.verification_id
    due_at = at + time_for(cause, terms)
    if review.state is ReviewState.WAITING:
        review = bring_back(review, due_at)
    elif is_known:
        return review
    causes = review.causes if cause in review.causes else (*review.causes, cause)
    return replace(
        review, causes=causes, verification_id=judged, due_at=min(review.due_at, due_at),
        version=review.version + 1,
    )  # fmt: skip


def claim(review: Review, by: str) -> Review:
    """Return the review in somebody's hands; taking what is one's own already changes nothing.

    Raises Conflict `review_resolved` or `review_assigned`, Forbidden `own_identity`.
    """
    ensure_unresolved(review)
    ensure_other(review, by)
    if not claims.can_claim(review, by, "review"):
        return review
    return replace(review, state=_held(review, by), assignee_id=by, version=review.version + 1)


def assign(review: Review, to: str | None, version: int) -> Review:
    """Return the review given to somebody, or back to the queue.

    Raises Conflict `review_resolved`, `review_changed`; Invalid `assignee_unfit` for whom it is about.
    """
    ensure_unresolved(review)
    claims.ensure_version(review, version, "review")
    if to == review.user_id:
        raise Invalid("assignee_unfit", "The review is about that person: give it to somebody else.")
    return replace(review, state=_held(review, to), assignee_id=to, version=review.version + 1)


def ensure_may_decide(review: Review, by: str, version: int) -> None:
    """Raise unless somebody has this review and has seen it as it is.

    Forbidden `own_identity`; Conflict `review_resolved`, `review_unclaimed`, `review_assigned` to another,
    `review_waiting` for the person, or `review_changed` since `version` was read.
    """
    ensure_unresolved(review)
    ensure_other(review, by)
    claims.ensure_claimed(review, by, "review")
    if review.state is ReviewState.WAITING:
        raise Conflict("review_waiting", "The person was asked for more; it comes back when they sent it.")
    claims.ensure_version(review, version, "review")


def resolve(
    review: Review, outcome: Outcome, *, by: str, at: datetime, reason: RejectionReason | None = None
) -> Review:
    """Return the review with what came of it."""
    return replace(
        review, state=ReviewState.RESOLVED, outcome=outcome, reason=reason, resolved_at=at, resolved_by=by,
        version=review.version + 1,
    )  # fmt: skip


def await_person(review: Review) -> Review:
    """Return the review as it waits for what the person was asked for."""
    return replace(review, state=ReviewState.WAITING, overdue_at=None, version=review.version + 1)


def propose_override(review: Review, approval_id: str) -> Review:
    """Return the review with a proposal that another has to approve."""
    return replace(review, override_id=approval_id, version=review.version + 1)


def bring_back(review: Review, due_at: datetime) -> Review:
    """Return what waited for its person as it waits for staff again, with whoever had it."""
    state = ReviewState.OPEN if review.assignee_id is None else ReviewState.IN_REVIEW
    return replace(review, state=state, due_at=due_at, overdue_at=None)


def mark_overdue(review: Review, at: datetime) -> Review:
    """Return the review marked as late, which it is told of once."""
    return replace(review, overdue_at=at, version=review.version + 1)


def touch(review: Review) -> Review:
    """Return the review as changed by what happened beside it: nobody decides what they did not see."""
    return replace(review, version=review.version + 1)


def ensure_unresolved(review: Review) -> None:
    """Raise Conflict `review_resolved` for one that was decided."""
    if review.is_resolved:
        outcome = review.outcome and review.outcome.value
        raise Conflict("review_resolved", "This review is resolved.", outcome=outcome)


def ensure_other(review: Review, user_id: str) -> None:
    """Raise Forbidden `own_identity` for whoever the review is about."""
    if review.user_id == user_id:
        raise Forbidden("own_identity", "Nobody reviews their own identity.")


def _held(review: Review, by: str | None) -> ReviewState:
    if review.state is ReviewState.WAITING:
        return review.state
    return ReviewState.OPEN if by is None else ReviewState.IN_REVIEW
