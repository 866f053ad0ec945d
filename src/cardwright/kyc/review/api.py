"""Reviews of identities over HTTP, for staff: the queue, one with its file, and what is done with it."""

from typing import Annotated

from fastapi import Depends, Path, Query, Response

from cardwright import audit
from cardwright.access import Actor, Reach, allow
from cardwright.core.ids import ID_PATTERN
from cardwright.http import strict
from cardwright.http.deps import ClockDep, IdempotencyDep, SessionDep
from cardwright.http.pagination import Cursor, Limit, Page, page
from cardwright.kyc.review import file, following, queue_queries, verdicts, working
from cardwright.kyc.review.domain import Cause, ReviewState
from cardwright.kyc.review.file_schemas import ReviewFileView
from cardwright.kyc.review.queue_queries import QueueFilter
from cardwright.kyc.review.schemas import (
    AskForMore,
    AssignReview,
    CloseReview,
    DecideReview,
    NoteReview,
    OpenReview,
    ReviewCountsView,
    ReviewView,
    SetTerm,
    TermView,
)
from cardwright.worklists import NoteView

router = strict.router("/v1", "kyc")

Reader = Annotated[Actor, Depends(allow("identity_reviews.read", reach=Reach.ANY))]
Decider = Annotated[Actor, Depends(allow("identity_reviews.decide", reach=Reach.ANY))]
Keeper = Annotated[Actor, Depends(allow("identity_reviews.configure", reach=Reach.ANY))]
ReviewId = Annotated[str, Path(pattern=ID_PATTERN, max_length=40)]
_OfId = Query(pattern=ID_PATTERN, max_length=40, description="Only those of this one.")


def _wanted(
    state: Annotated[ReviewState | None, Query(description="All but the resolved, when left out.")] = None,
    cause: Annotated[Cause | None, Query(description="Only those that were opened for this, too.")] = None,
    assignee_id: Annotated[str | None, _OfId] = None,
    overdue: Annotated[bool | None, Query(description="Only those that are late, or that are not.")] = None,
    user_id: Annotated[str | None, _OfId] = None,
) -> QueueFilter:
    return QueueFilter(state, cause, assignee_id, overdue, user_id)


@router.get("/identity-reviews")
async def list_identity_reviews(
    session: SessionDep, clock: ClockDep, actor: Reader, wanted: Annotated[QueueFilter, Depends(_wanted)],
    limit: Limit = 20, cursor: Cursor = None,
) -> Page[ReviewView]:  # fmt: skip
    """Reviews by the time they are due; every filter that is given must fit."""
    at = clock.now()
    await audit.record_look(session, actor, "identity_reviews.read", actor.program_id, at, cursor=cursor)
    found = await queue_queries.queue_page(
        session, actor.program_id, wanted, after=cursor, at=at, limit=limit + 1
    )
    return page(found, limit, show=lambda it: ReviewView.of(it, at), cursor_of=lambda it: it.id)


@router.get("/identity-reviews/counts")
async def count_identity_reviews(session: SessionDep, clock: ClockDep, actor: Reader) -> ReviewCountsView:
    """How many reviews wait and why, how many are late, and how many of them are yours."""
    counts = await queue_queries.count_unresolved(
        session, actor.program_id, mine=actor.user_id, at=clock.now()
    )
    return ReviewCountsView.of(counts)


@router.post("/identity-reviews", status_code=201, response_model=ReviewView)
async def open_identity_review(body: OpenReview, actor: Decider, call: IdempotencyDep) -> Response:
    """Have somebody look again at what was decided about a person."""
    at = call.clock.now()

    async def effect() -> ReviewView:
        opened = await working.open_by_hand(call.session, body.user_id, reason=body.reason, by=actor, at=at)
        return ReviewView.of(opened, at)

    return await call.once(actor.user_id, effect)


@router.get("/identity-reviews/{review_id}")
async def get_identity_review(
    review_id: ReviewId, session: SessionDep, clock: ClockDep, actor: Reader
) -> ReviewFileView:
    """One review with everything there is to judge by, its history and notes."""
    at, found = clock.now(), await file.get_file(session, review_id, by=actor)
    await audit.record_look(
        session, actor, "identity_review.read", review_id, at, owner_id=found.review.user_id
    )
    return ReviewFileView.of(found, at)


@router.post("/identity-reviews/{review_id}/claim", response_model=ReviewView)
async def claim_identity_review(review_id: ReviewId, actor: Decider, call: IdempotencyDep) -> Response:
    """Take a review that nobody has."""
    at = call.clock.now()

    async def effect() -> ReviewView:
        return ReviewView.of(await working.claim_review(call.session, review_id, by=actor, at=at), at)

    return await call.once(actor.user_id, effect, status=200)


@router.post("/identity-reviews/{review_id}/assign", response_model=ReviewView)
async def assign_identity_review(
    review_id: ReviewId, body: AssignReview, actor: Decider, call: IdempotencyDep
) -> Response:
    """Give a review to somebody, or back to the queue."""
    at = call.clock.now()

    async def effect() -> ReviewView:
        assigned = await working.assign_review(
            call.session, review_id, body.assignee_id, version=body.version, by=actor, at=at
        )
        return ReviewView.of(assigned, at)

    return await call.once(actor.user_id, effect, status=200)


@router.post("/identity-reviews/{review_id}/notes", status_code=201, response_model=NoteView)
async def note_identity_review(
    review_id: ReviewId, body: NoteReview, actor: Decider, call: IdempotencyDep
) -> Response:
    """Write something down about a review; neither changed nor taken back; a retry gets no words."""

    async def effect() -> NoteView:
        at = call.clock.now()
        return NoteView.of(await working.note_review(call.session, review_id, body.words, by=actor, at=at))

    return await call.once(actor.user_id, effect, kept=NoteView.without_words)


@router.post("/identity-reviews/{review_id}/ask-for-more", response_model=ReviewView)
async def ask_for_more_in_identity_review(
    review_id: ReviewId, body: AskForMore, actor: Decider, call: IdempotencyDep
) -> Response:
    """Ask the person to show more, who reads what; the review waits for them, and no clock runs."""
    at = call.clock.now()

    async def effect() -> ReviewView:
        waiting = await working.ask_for_more(
            call.session,
            review_id,
            body.missing,
            body.reason,
            message=body.message,
            version=body.version,
            by=actor,
            at=at,
        )
        return ReviewView.of(waiting, at)

    return await call.once(actor.user_id, effect, status=200)


@router.post("/identity-reviews/{review_id}/decide", response_model=ReviewView)
async def decide_identity_review(
    review_id: ReviewId, body: DecideReview, actor: Decider, call: IdempotencyDep
) -> Response:
    """Decide a review that you have; what turns around a decision or a vendor's answer is proposed.

    Then the review stays yours, with the proposal's id in `override_id`, until somebody else approves it.
    """
    at = call.clock.now()

    async def effect() -> ReviewView:
        decided = await verdicts.decide_review(
            call.session, review_id, body.verdict(), version=body.version, by=actor, at=at
        )
        return ReviewView.of(decided, at)

    return await call.once(actor.user_id, effect, status=200)


@router.post("/identity-reviews/{review_id}/close", response_model=ReviewView)
async def close_identity_review(
    review_id: ReviewId, body: CloseReview, actor: Decider, call: IdempotencyDep
) -> Response:
    """End a review in which nothing is left to decide; what stands, stands."""
    at = call.clock.now()

    async def effect() -> ReviewView:
        closed = await working.close_review(
            call.session, review_id, body.reason, version=body.version, by=actor, at=at
        )
        return ReviewView.of(closed, at)

    return await call.once(actor.user_id, effect, status=200)


@router.get("/identity-review-terms")
async def list_identity_review_terms(session: SessionDep, actor: Reader) -> list[TermView]:
    """How long reviewers have, by cause."""
    found = await following.list_terms(session, actor.program_id)
    return [TermView(cause=cause, hours=hours) for cause, hours in found.items()]


@router.put("/identity-review-terms/{cause}")
async def set_identity_review_term(
    cause: Cause, body: SetTerm, session: SessionDep, clock: ClockDep, actor: Keeper
) -> TermView:
    """Give reviewers another time from now on; reviews that are open keep the time they have."""
    hours = await following.set_term(
        session, actor.program_id, cause, body.hours, by=actor.user_id, at=clock.now()
    )
    return TermView(cause=cause, hours=hours)
