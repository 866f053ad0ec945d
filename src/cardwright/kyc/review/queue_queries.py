"""Looking for reviews: the queue by deadline, and how many there are of which kind."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement

from cardwright import worklists
from cardwright.db.session import Session
from cardwright.kyc.review.domain import Cause, Review, ReviewState
from cardwright.kyc.review.store import review_from_row, reviews


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """What a review must be to be listed; None lets everything through, but without a state the resolved."""

    state: ReviewState | None = None
    cause: Cause | None = None
    assignee_id: str | None = None
    is_overdue: bool | None = None
    user_id: str | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """How many unresolved reviews there are, and of which kind; one with two causes counts for both."""

    states: Mapping[str, int]
    causes: Mapping[str, int]
    overdue: int
    mine: int


async def queue_page(
    session: Session, program_id: str, wanted: QueueFilter, *, after: str | None, at: datetime, limit: int
) -> Sequence[Review]:
    """Return a program's reviews by the time they are due, those after one."""
    conditions = [reviews.c.program_id == program_id, *_conditions(wanted, at)]
    rows = await worklists.page_by_deadline(session, reviews, conditions, after=after, limit=limit)
    return [review_from_row(row) for row in rows]


async def count_unresolved(session: Session, program_id: str, *, mine: str, at: datetime) -> Counts:
    """Return how many reviews wait, by state and cause, how many are late, and how many are somebody's."""
    states = [state for state in ReviewState if state is not ReviewState.RESOLVED]
    parts: dict[str, ColumnElement[bool]] = {
        **{f"state {state}": reviews.c.state == state for state in states},
        **{f"cause {cause}": reviews.c.causes.contains([cause]) for cause in Cause},
        "overdue": _overdue(at, wanted=True),
        "mine": reviews.c.assignee_id == mine,
    }
    found = await worklists.count_waiting(session, reviews, program_id, parts)
    return Counts(
        {state: found[f"state {state}"] for state in states},
        {cause: found[f"cause {cause}"] for cause in Cause}, found["overdue"], found["mine"],
    )  # fmt: skip


def _conditions(wanted: QueueFilter, at: datetime) -> Sequence[ColumnElement[bool]]:
    asked: list[Any] = [
        worklists.unresolved(reviews) if wanted.state is None else reviews.c.state == wanted.state
    ]
    if wanted.cause is not None:
        asked.append(reviews.c.causes.contains([wanted.cause]))
    if wanted.assignee_id is not None:
        asked.append(reviews.c.assignee_id == wanted.assignee_id)
    if wanted.user_id is not None:
        asked.append(reviews.c.user_id == wanted.user_id)
    if wanted.is_overdue is not None:
        asked.append(_overdue(at, wanted=wanted.is_overdue))
    return asked


def _overdue(at: datetime, *, wanted: bool) -> ColumnElement[bool]:
    # What waits for its person is late for nobody.
    late = worklists.overdue(reviews, at) & (reviews.c.state != ReviewState.WAITING)
    return late if wanted else ~late
