"""How reviews come to be, and how those end that nobody has to decide any more."""

from datetime import datetime
from typing import Any, Final

from cardwright.core.ids import new_id
from cardwright.db import outbox
from cardwright.db.session import Session
from cardwright.kyc.review import domain, store
from cardwright.kyc.review.domain import Cause, Outcome, Review, ReviewState
from cardwright.kyc.review.recording import SYSTEM, event_of, tell

OPENED: Final = "kyc.review_opened"
DECIDED: Final = "kyc.review_decided"
_OF_THE_VENDOR: Final = frozenset({Cause.VENDOR_REVIEW, Cause.REVERIFICATION})


async def open_review(
    session: Session,
    *,
    program_id: str,
    user_id: str,
    verification_id: str | None,
    cause: Cause,
    at: datetime,
) -> None:
    """Have somebody look at a person: a new review, or another cause of the one that is not resolved.

    Told twice, nothing changes. People see nothing of reviews, so a transaction that is confined to one of
    them cannot open any: what they do is an event, and the worker opens it.
    """
    await open_or_join(
        session, program_id=program_id, user_id=user_id, verification_id=verification_id, cause=cause,
        by=SYSTEM, at=at,
    )  # fmt: skip


async def open_or_join(
    session: Session, *, program_id: str, user_id: str, verification_id: str | None, cause: Cause, by: str,
    at: datetime, **details: Any,
) -> tuple[Review, bool]:  # fmt: skip
    """Do as `open_review`, in somebody's name; return the review and whether it is new."""
    terms = await store.terms_of(session, program_id)
    opened = Review(
        id=new_id("irev"), program_id=program_id, user_id=user_id, verification_id=verification_id,
        causes=(cause,), state=ReviewState.OPEN, opened_at=at, due_at=at + domain.time_for(cause, terms),
    )  # fmt: skip
    told = {"cause": cause, "verification_id": verification_id, **details}
    while not await store.add_review(session, opened):
        known = await store.unresolved_for_update(session, user_id)
        # It may have been resolved between the two statements; then the next turn adds ours.
        if known is not None:
            joined = domain.join(known, cause, verification_id, terms, at)
            if joined is not known:
                await store.save(session, joined)
                await tell(session, joined, "joined", by, at, **told)
            return joined, False
    await tell(session, opened, "opened", by, at, **told)
    await outbox.append(session, event_of(OPENED, opened, at))
    return opened, True


async def close_decided(session: Session, verification_id: str, *, by: str, at: datetime) -> None:
    """Close the review of a verification that ended without us: by its vendor, or as nothing was sent.

    One that somebody has to look at for another cause stays, and waits for staff.
    """
    review = await store.unresolved_of_verification(session, verification_id)
    if review is None:
        return
    is_waiting = review.state is ReviewState.WAITING
    if set(review.causes) <= _OF_THE_VENDOR or (is_waiting and Cause.SCREENING not in review.causes):
        await settle(session, review, by, at)
        return
    if is_waiting:
        terms = await store.terms_of(session, review.program_id)
        review = domain.bring_back(review, at + domain.time_for(Cause.SCREENING, terms))
    await store.save(session, domain.touch(review))
    await tell(session, review, "vendor_decided", by, at, verification_id=verification_id)


async def settle(session: Session, review: Review, by: str, at: datetime, **details: Any) -> Review:
    """End a locked review in which nothing is left to decide."""
    settled = domain.resolve(review, Outcome.SETTLED, by=by, at=at)
    await store.save(session, settled)
    await tell(session, settled, "decided", by, at, outcome=Outcome.SETTLED, **details)
    await outbox.append(session, event_of(DECIDED, settled, at, outcome=Outcome.SETTLED))
    return settled
