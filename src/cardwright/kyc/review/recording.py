"""What happened to a review, told twice: in its own history and in the audit trail."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from cardwright import audit, worklists
from cardwright.db.outbox import Event
from cardwright.db.session import Session
from cardwright.kyc.review import store
from cardwright.kyc.review.domain import Review
from cardwright.worklists import Activity

PROFILE_CHANGED: Final = "profile_changed"
_ACTIONS: Final[Mapping[str, audit.Action]] = {
    "opened": "identity_review.opened",
    "joined": "identity_review.joined",
    "assigned": "identity_review.assigned",
    "noted": "identity_review.noted",
    "asked_for_more": "identity_review.asked_for_more",
    "override_proposed": "identity_review.override_proposed",
    "hits_decided": "identity_review.hits_decided",
    PROFILE_CHANGED: "identity_review.profile_changed",
    "vendor_decided": "identity_review.vendor_decided",
    "overdue": "identity_review.overdue",
    "decided": "identity_review.decided",
}
SYSTEM: Final = "system"


async def tell(session: Session, review: Review, kind: str, by: str, at: datetime, **details: Any) -> None:
    """Write down what somebody did with a review."""
    await worklists.add_activity(session, store.HISTORY, review, Activity(kind, by, details, at))
    told = {"owner_id": review.user_id, **details}
    await audit.record(session, by, review.program_id, _ACTIONS[kind], review.id, told, at)


def event_of(type_: str, review: Review, at: datetime, **more: Any) -> Event:
    """Return an event about a review, for staff: no holder is told of any."""
    payload = {"review_id": review.id, "owner_id": review.user_id, "causes": list(review.causes), **more}
    return Event(type_, review.program_id, review.id, at, payload)
