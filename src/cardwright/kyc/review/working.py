"""What reviewers do with reviews before they decide: open, claim, hand on, note, ask for more, close."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from cardwright import users, worklists
from cardwright.access import Actor, Permission
from cardwright.core.errors import Conflict, NotFound
from cardwright.db.session import Session
from cardwright.kyc import deciding
from cardwright.kyc import store as verifications
from cardwright.kyc.documents import DocumentKind, end_reviews
from cardwright.kyc.domain import DECIDED_STATES, Verification, VerificationState
from cardwright.kyc.review import domain, opening, store
from cardwright.kyc.review.domain import Cause, Review
from cardwright.kyc.review.recording import tell
from cardwright.kyc.screening import hit_store
from cardwright.kyc.screening.domain import HitState
from cardwright.worklists import Note

DECIDING: Final[Permission] = "identity_reviews.decide"
_WITH_US: Final = frozenset({VerificationState.SUBMITTED, VerificationState.IN_REVIEW})


async def get_review(session: Session, review_id: str, *, by: Actor) -> Review:
    """Return a review of the actor's program; raise NotFound `review_unknown` for any other."""
    return _seen(await store.find_review(session, review_id), by)


async def review_for_update(session: Session, review_id: str) -> tuple[Review | None, Verification | None]:
    """Return a review and what it judges, both locked.

    The verification first, as whoever hears from a vendor does: so neither waits for the other for ever.
    """
    while (read := await store.find_review(session, review_id)) is not None:
        judged = None
        if read.verification_id is not None:
            judged = await verifications.find_verification(session, read.verification_id, lock=True)
        review = await store.find_review(session, review_id, lock=True)
        if review is not None and review.verification_id == read.verification_id:
            return review, judged
    return None, None


async def seen_for_update(
    session: Session, review_id: str, *, by: Actor
) -> tuple[Review, Verification | None]:
    """Return a review of the actor's program and what it judges, both locked; raise NotFound."""
    review, judged = await review_for_update(session, review_id)
    return _seen(review, by), judged


async def open_by_hand(session: Session, user_id: str, *, reason: str, by: Actor, at: datetime) -> Review:
    """Have somebody look at what was decided about a person.

    Raises NotFound `user_not_found`, Forbidden `own_identity`, Conflict `nothing_to_review` while nothing was
    decided about them or handed in, and `review_exists` with its id.
    """
    await users.get_person(session, user_id, by.program_id)
    known = await verifications.list_of_user(session, user_id)
    fit = [it for it in known if it.state in {*_WITH_US, *DECIDED_STATES}]
    if not fit:
        raise Conflict("nothing_to_review", "This person has handed in nothing that could be reviewed.")
    approved = [it for it in fit if it.state is VerificationState.APPROVED]
    opened, is_new = await opening.open_or_join(
        session, program_id=by.program_id, user_id=user_id, verification_id=(approved or fit)[0].id,
        cause=Cause.STAFF, by=by.user_id, at=at,
    )  # fmt: skip
    domain.ensure_other(opened, by.user_id)
    if not is_new:
        raise Conflict("review_exists", "This person is reviewed already.", review_id=opened.id)
    note = await write(session, opened, reason, by.user_id, at)
    await tell(session, opened, "noted", by.user_id, at, note_id=note.id)
    return opened


async def claim_review(session: Session, review_id: str, *, by: Actor, at: datetime) -> Review:
    """Take a review; raises what `domain.claim` does: of two who claim at once, one gets it."""
    review, _ = await seen_for_update(session, review_id, by=by)
    claimed = domain.claim(review, by.user_id)
    if claimed is not review:
        await store.save(session, claimed)
        await tell(session, claimed, "assigned", by.user_id, at, before=None, after=by.user_id)
    return claimed


async def assign_review(
    session: Session, review_id: str, to: str | None, *, version: int, by: Actor, at: datetime
) -> Review:
    """Give a review to somebody who may decide it, or back to the queue.

    Raises NotFound, Invalid `assignee_unfit`, and what `domain.assign` does.
    """
    review, _ = await seen_for_update(session, review_id, by=by)
    domain.ensure_other(review, by.user_id)
    assigned = domain.assign(review, to, version)
    if to is not None:
        await worklists.ensure_fit(session, to, DECIDING)
    await store.save(session, assigned)
    await tell(session, assigned, "assigned", by.user_id, at, before=review.assignee_id, after=to)
    return assigned


async def note_review(session: Session, review_id: str, words: str, *, by: Actor, at: datetime) -> Note:
    """Write a note of a review, whatever its state; raises NotFound, Forbidden `own_identity`."""
    review, _ = await seen_for_update(session, review_id, by=by)
    domain.ensure_other(review, by.user_id)
    note = await write(session, review, words, by.user_id, at)
    await tell(session, review, "noted", by.user_id, at, note_id=note.id)
    return note


async def ask_for_more(
    session: Session, review_id: str, missing: Sequence[DocumentKind], words: str, *, message: str | None,
    version: int, by: Actor, at: datetime,
) -> Review:  # fmt: skip
    """Send the verification back to its person; the review waits for them, with whoever has it.

    The person reads what is missing and the message; `words` are for the record.
    Raises as `domain.ensure_may_decide` does, and Conflict `nothing_to_decide` or `verification_undecidable`.
    """
    review, judged = await seen_for_update(session, review_id, by=by)
    domain.ensure_may_decide(review, by.user_id, version)
    if judged is None:
        raise nothing_to_decide()
    await deciding.send_back(session, judged.id, missing, message, by=by.user_id, at=at)
    waiting = domain.await_person(review)
    await store.save(session, waiting)
    note = await write(session, review, words, by.user_id, at)
    asked: dict[str, object] = {"missing": [kind.value for kind in missing], "note_id": note.id}
    if message is not None:
        told = await write(session, review, message, by.user_id, at)
        asked["message_note_id"] = told.id
    await tell(session, waiting, "asked_for_more", by.user_id, at, **asked)
    await end_reviews(session, review.user_id, by=by.user_id, at=at)
    return waiting


async def close_review(
    session: Session, review_id: str, words: str, *, version: int, by: Actor, at: datetime
) -> Review:
    """End a review in which nothing is left to decide.

    Raises as `domain.ensure_may_decide` does; Conflict `verification_undecided` while what was handed in
    waits for a decision, `hits_undecided` while a hit does.
    """
    review, judged = await seen_for_update(session, review_id, by=by)
    domain.ensure_may_decide(review, by.user_id, version)
    if judged is not None and judged.state in _WITH_US:
        raise Conflict("verification_undecided", "What was handed in waits for your decision.")
    await ensure_hits_decided(session, review.user_id, frozenset({HitState.OPEN}))
    note = await write(session, review, words, by.user_id, at)
    settled = await opening.settle(session, review, by.user_id, at, note_id=note.id)
    await end_reviews(session, review.user_id, by=by.user_id, at=at)
    return settled


async def write(session: Session, review: Review, words: str, by: str, at: datetime) -> Note:
    """Write words down, sealed: in the history stands their id alone."""
    return await worklists.add_note(session, store.HISTORY, review, by, words, at)


async def ensure_hits_decided(session: Session, user_id: str, standing: frozenset[HitState]) -> None:
    """Raise Conflict `hits_undecided`, with their ids, while hits of a person stand so."""
    found = [it.id for it in await hit_store.hits_of(session, user_id) if it.state in standing]
    if found:
        raise Conflict("hits_undecided", "Decide the hits of screening first.", hit_ids=found)


def nothing_to_decide() -> Conflict:
    """Return what there is to say of a review that judges no verification."""
    return Conflict("nothing_to_decide", "No verification is judged here: decide the hits, then close it.")


def _seen(review: Review | None, by: Actor) -> Review:
    if review is None or not by.viewer.sees(review):
        raise NotFound("review_unknown", "There is no such review.")
    return review
