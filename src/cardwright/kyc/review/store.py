"""The tables of reviews, of what happened to them, and of how long there is to decide."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Row,
    Table,
    Text,
    literal_column,
    select,
    update,
)
from sqlalchemy.dialects import postgresql

from cardwright import worklists
from cardwright.db.base import id_column, instant, metadata, reference, text
from cardwright.db.session import Session
from cardwright.kyc.domain import RejectionReason
from cardwright.kyc.review.domain import Cause, Outcome, Review, ReviewState, Terms

_UNRESOLVED: Final = "state <> 'resolved'"
_WAITS_FOR_STAFF: Final = "state IN ('open', 'in_review')"
_CAUSES: Final = ", ".join(f"'{cause.value}'" for cause in Cause)
reviews = Table(
    "identity_reviews",
    metadata,
    id_column(),
    reference("program_id"),
    reference("user_id"),
    reference("verification_id", nullable=True),
    Column("causes", postgresql.ARRAY(Text), nullable=False),
    text("state"),
    instant("opened_at"),
    instant("due_at"),
    Column("version", Integer, nullable=False),
    reference("assignee_id", nullable=True),
    instant("overdue_at", nullable=True),
    reference("override_id", nullable=True),
    text("outcome", nullable=True),
    text("reason", nullable=True),
    instant("resolved_at", nullable=True),
    reference("resolved_by", nullable=True),
    CheckConstraint(f"cardinality(causes) > 0 AND causes <@ ARRAY[{_CAUSES}]", name="causes"),
    CheckConstraint("assignee_id <> user_id AND resolved_by <> user_id", name="not_by_oneself"),
    CheckConstraint("outcome IN ('approved', 'rejected', 'settled')", name="outcome"),
    CheckConstraint("(reason IS NOT NULL) = coalesce(outcome = 'rejected', false)", name="reason"),
    CheckConstraint(
        "CASE state WHEN 'open' THEN assignee_id IS NULL AND outcome IS NULL"
        " WHEN 'in_review' THEN assignee_id IS NOT NULL AND outcome IS NULL"
        " WHEN 'waiting' THEN outcome IS NULL"
        " WHEN 'resolved' THEN outcome IS NOT NULL AND resolved_at IS NOT NULL AND resolved_by IS NOT NULL"
        " ELSE false END",
        name="state",
    ),
    Index("uq_identity_reviews_unresolved", "user_id", unique=True, postgresql_where=_UNRESOLVED),
    Index("ix_identity_reviews_queue", "program_id", "due_at", "id", postgresql_where=_UNRESOLVED),
    Index("ix_identity_reviews_program_id_due_at", "program_id", "due_at", "id"),
    Index(
        "ix_identity_reviews_becoming_overdue", "due_at",
        postgresql_where=f"{_WAITS_FOR_STAFF} AND overdue_at IS NULL",
    ),
    Index("ix_identity_reviews_user_id_id", "user_id", "id"),
    Index("ix_identity_reviews_verification_id", "verification_id", postgresql_where=_UNRESOLVED),
)  # fmt: skip
HISTORY: Final = worklists.history_tables("identity_review", "review_id", "ir")
terms = Table(
    "identity_review_terms",
    metadata,
    reference("program_id"),
    text("cause"),
    Column("hours", Integer, nullable=False),
    PrimaryKeyConstraint("program_id", "cause"),
    CheckConstraint(f"cause IN ({_CAUSES})", name="cause"),
    CheckConstraint("hours BETWEEN 1 AND 8760", name="hours"),
)
SEALED_COLUMNS: Final = (HISTORY.words,)
_CHANGING: Final = (
    "verification_id", "causes", "state", "due_at", "version", "assignee_id", "overdue_at", "override_id",
    "outcome", "reason", "resolved_at", "resolved_by",
)  # fmt: skip


async def add_review(session: Session, review: Review) -> bool:
    """Insert a review; False when its person has one that is not resolved."""
    added = await session.execute(
        postgresql.insert(reviews)
        .values(**_values(review))
        # As text: with a bound value the index is found only until PostgreSQL plans for any value.
        .on_conflict_do_nothing(
            index_elements=["user_id"], index_where=literal_column(_UNRESOLVED, Boolean())
        )
    )
    return added.rowcount == 1


async def find_review(session: Session, review_id: str, *, lock: bool = False) -> Review | None:
    """Return a review, locked if asked for."""
    query = select(reviews).where(reviews.c.id == review_id)
    row = (await session.execute(query.with_for_update() if lock else query)).one_or_none()
    return None if row is None else review_from_row(row)


async def find_unresolved(session: Session, user_id: str) -> Review | None:
    """Return the review of a person that is not resolved."""
    query = select(reviews).where(reviews.c.user_id == user_id, worklists.unresolved(reviews))
    row = (await session.execute(query)).one_or_none()
    return None if row is None else review_from_row(row)


async def unresolved_for_update(session: Session, user_id: str) -> Review | None:
    """Return the review of a person that is not resolved, locked."""
    query = select(reviews).where(reviews.c.user_id == user_id, worklists.unresolved(reviews))
    row = (await session.execute(query.with_for_update())).one_or_none()
    return None if row is None else review_from_row(row)


async def unresolved_of_verification(session: Session, verification_id: str) -> Review | None:
    """Return the review that judges a verification and is not resolved, locked."""
    query = select(reviews).where(reviews.c.verification_id == verification_id, worklists.unresolved(reviews))
    row = (await session.execute(query.with_for_update())).one_or_none()
    return None if row is None else review_from_row(row)


async def reviews_of(session: Session, user_id: str, limit: int) -> Sequence[Review]:
    """Return up to so many reviews of a person, newest first."""
    query = select(reviews).where(reviews.c.user_id == user_id).order_by(reviews.c.id.desc()).limit(limit)
    return [review_from_row(row) for row in await session.execute(query)]


async def save(session: Session, review: Review) -> None:
    """Write what may change of a review."""
    values = _values(review)
    await session.execute(
        update(reviews).where(reviews.c.id == review.id).values({name: values[name] for name in _CHANGING})
    )


async def terms_of(session: Session, program_id: str) -> Terms:
    """Return how long a program gives its reviewers, where it decided."""
    rows = await session.execute(select(terms.c.cause, terms.c.hours).where(terms.c.program_id == program_id))
    return {Cause(row.cause): timedelta(hours=row.hours) for row in rows}


async def keep_term(session: Session, program_id: str, cause: Cause, hours: int) -> None:
    """Keep how long there is to decide from now on."""
    await session.execute(
        postgresql.insert(terms)
        .values(program_id=program_id, cause=cause, hours=hours)
        .on_conflict_do_update(index_elements=["program_id", "cause"], set_={"hours": hours})
    )


async def late_for_update(session: Session, at: datetime, limit: int) -> Sequence[Review]:
    """Return and lock reviews that became overdue and are not marked."""
    return [
        review_from_row(row)
        for row in await worklists.late_for_update(
            session, reviews, at, limit, reviews.c.state != ReviewState.WAITING
        )
    ]


def review_from_row(row: Row[Any]) -> Review:
    """Build a review from its row."""
    found = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's documented way to read a row by names
    return Review(
        **{
            **found,
            "causes": tuple(map(Cause, row.causes)), "state": ReviewState(row.state),
            "outcome": row.outcome and Outcome(row.outcome),
            "reason": row.reason and RejectionReason(row.reason),
        }
    )  # fmt: skip


def _values(review: Review) -> dict[str, Any]:
    return {**asdict(review), "causes": list(review.causes)}
