"""What the routes of reviews read and answer."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field

from cardwright.approvals import Reason
from cardwright.http.strict import Id, Input, Output
from cardwright.kyc.documents import DocumentKind
from cardwright.kyc.domain import RejectionReason
from cardwright.kyc.review.domain import Cause, Outcome, Review, ReviewState
from cardwright.kyc.review.queue_queries import Counts
from cardwright.kyc.review.verdicts import Verdict
from cardwright.worklists import Version, Words

_MOST_MISSING = 9


def _ensure_named_once(kinds: list[DocumentKind]) -> list[DocumentKind]:
    if len(set(kinds)) != len(kinds):
        raise ValueError("one is named twice")
    return kinds


class OpenReview(Input):
    """Somebody whose identity is to be looked at."""

    user_id: Id = Field(description="The person.", examples=["user_01kb3x9p4fe8s8b9xkq5n2r7vt"])
    reason: Reason


class AssignReview(Input):
    """Whose the review is to be."""

    assignee_id: Id | None = Field(
        description="Somebody who may decide reviews; null for the queue.",
        examples=["user_01kb3x9p4fe8s8b9xkq5n2r7vt"],
    )
    version: Version


class AskForMore(Input):
    """What the person is to show, what they are told, and why, for the record."""

    missing: Annotated[
        list[Annotated[DocumentKind, Field(strict=False)]], AfterValidator(_ensure_named_once)
    ] = Field(
        min_length=1, max_length=_MOST_MISSING, examples=[["id_card_back"]],
        description="Which documents, each once; the person reads it.",
    )  # fmt: skip
    message: Words | None = Field(
        default=None, description="What the person reads beside it.",
        examples=["The back of your card is cut off: show all four corners."],
    )  # fmt: skip
    reason: Reason
    version: Version


class CloseReview(Input):
    """Why nothing is left to decide."""

    reason: Reason
    version: Version


class DecideReview(Input):
    """What is decided about a person's identity."""

    decision: Literal["approved", "rejected"] = Field(
        description="What the verification is from now on.", examples=["rejected"]
    )
    rejection_reason: RejectionReason | None = Field(
        default=None, strict=False, description="Why it is rejected; the person is told.",
        examples=["document_unreadable"],
    )  # fmt: skip
    reason: Reason
    version: Version

    def verdict(self) -> Verdict:
        """Return it in our words."""
        return Verdict(Outcome(self.decision), self.rejection_reason, self.reason)


class NoteReview(Input):
    """Something to remember; it is kept as it is, sealed."""

    words: Words = Field(description="What you found.", examples=["The photo on the passport is another's."])


class SetTerm(Input):
    """How long reviewers have."""

    hours: Annotated[int, Field(strict=True, ge=1, le=8760, description="In hours.", examples=[24])]


class TermView(Output):
    """How long there is to decide, for one cause."""

    cause: Cause
    hours: int


class ReviewView(Output):
    """A review in one line."""

    id: Id
    user_id: Id = Field(description="Who is looked at.")
    verification_id: Id | None = Field(description="What is judged, where there is something.")
    causes: list[Cause] = Field(description="Why somebody has to look.")
    state: ReviewState
    assignee_id: Id | None
    opened_at: datetime
    due_at: datetime = Field(description="When it should be decided.")
    is_overdue: bool
    override_id: Id | None = Field(
        description="The newest proposal to turn around what stood; somebody else approves it."
    )
    outcome: Outcome | None
    rejection_reason: RejectionReason | None
    resolved_at: datetime | None
    resolved_by: str | None = Field(description="Who decided; `system` where nothing was left to decide.")
    version: int

    @classmethod
    def of(cls, review: Review, at: datetime) -> Self:
        """Show a review as it is at an instant."""
        return cls(
            id=review.id, user_id=review.user_id, verification_id=review.verification_id,
            causes=list(review.causes), state=review.state, assignee_id=review.assignee_id,
            opened_at=review.opened_at, due_at=review.due_at, is_overdue=review.is_overdue(at),
            override_id=review.override_id, outcome=review.outcome, rejection_reason=review.reason,
            resolved_at=review.resolved_at, resolved_by=review.resolved_by, version=review.version,
        )  # fmt: skip


class ReviewCountsView(Output):
    """How many reviews wait; one with two causes counts for both."""

    states: dict[str, int]
    causes: dict[str, int]
    overdue: int
    mine: int

    @classmethod
    def of(cls, counts: Counts) -> Self:
        """Show them."""
        return cls.model_validate(counts)
