"""The file of a review: everything there is to judge a person by, on one page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cardwright import users, worklists
from cardwright.access import Actor
from cardwright.db.session import Session
from cardwright.kyc import store as verifications
from cardwright.kyc.documents import Document
from cardwright.kyc.documents import store as documents
from cardwright.kyc.domain import Verification
from cardwright.kyc.review import store, working
from cardwright.kyc.review.domain import Review
from cardwright.kyc.screening import hit_store
from cardwright.kyc.screening.deciding import HitFile, get_hit
from cardwright.users import Profile
from cardwright.worklists import Activity, Note

MOST_LISTED: Final = 50
"""So many of each are shown, the newest."""


@dataclass(frozen=True, slots=True)
class ReviewFile:
    """A review with what the person said and showed, what vendors and lists say, and what was done before."""

    review: Review
    profile: Profile | None
    verifications: Sequence[Verification]
    documents: Sequence[Document]
    hits: Sequence[HitFile]
    earlier: Sequence[Review]
    activities: Sequence[Activity]
    notes: Sequence[Note]


async def get_file(session: Session, review_id: str, *, by: Actor) -> ReviewFile:
    """Return the file of a review of the reader's program; raise NotFound `review_unknown`."""
    review = await working.get_review(session, review_id, by=by)
    user_id = review.user_id
    hits = await hit_store.hits_of(session, user_id, limit=MOST_LISTED)
    others = await store.reviews_of(session, user_id, MOST_LISTED)
    return ReviewFile(
        review,
        await users.find_profile(session, user_id),
        (await verifications.list_of_user(session, user_id))[:MOST_LISTED],
        await documents.page_of_user(
            session, program_id=review.program_id, user_id=user_id, before=None, limit=MOST_LISTED
        ),
        [await get_hit(session, hit.id, by=by) for hit in hits],
        [other for other in others if other.id < review.id],
        await worklists.activities_of(session, store.HISTORY, review.id),
        await worklists.notes_of(session, store.HISTORY, review),
    )
