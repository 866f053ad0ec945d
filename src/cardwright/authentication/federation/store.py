"""The tables of visits to outside providers and of the outside people who are ours."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Index, Table, UniqueConstraint, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from cardwright.authentication.federation.domain import Attempt, Link, Purpose
from cardwright.db.base import id_column, instant, metadata, reference, text
from cardwright.db.session import Session

_SWEPT_AT_ONCE = 100

federation_attempts = Table(
    "federation_attempts",
    metadata,
    text("secret_hash", primary_key=True),
    reference("program_id"),
    text("provider_id"),
    text("purpose"),
    reference("session_id", nullable=True),
    instant("expires_at"),
    Index(None, "expires_at"),
)

linked_identities = Table(
    "linked_identities",
    metadata,
    id_column(),
    reference("program_id"),
    reference("user_id"),
    text("provider_id"),
    text("issuer"),
    text("subject"),
    instant("linked_at"),
    instant("last_used_at", nullable=True),
    UniqueConstraint("program_id", "issuer", "subject"),
    Index(None, "user_id", "id"),
)


async def add_attempt(session: Session, attempt: Attempt) -> None:
    """Store a visit to a provider."""
    await session.execute(insert(federation_attempts).values(**asdict(attempt)))


async def take_attempt(session: Session, secret_hash: str) -> Attempt | None:
    """Remove and return the visit that a browser is on; None when it is on none, or came back already."""
    taken = await session.execute(
        delete(federation_attempts)
        .where(federation_attempts.c.secret_hash == secret_hash)
        .returning(federation_attempts)
    )
    row = taken.mappings().one_or_none()
    return None if row is None else Attempt(**{**row, "purpose": Purpose(row["purpose"])})


async def sweep_attempts(session: Session, at: datetime) -> None:
    """Remove some visits that nobody came back from in time."""
    overdue = (
        select(federation_attempts.c.secret_hash)
        .where(federation_attempts.c.expires_at <= at)
        .limit(_SWEPT_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    await session.execute(delete(federation_attempts).where(federation_attempts.c.secret_hash.in_(overdue)))


async def add_link(session: Session, link: Link) -> bool:
    """Store whose an outside person is; False when they are somebody's already."""
    added = await session.execute(
        insert(linked_identities)
        .values(**asdict(link))
        .on_conflict_do_nothing(index_elements=["program_id", "issuer", "subject"])
        .returning(linked_identities.c.id)
    )
    return added.scalar_one_or_none() is not None


async def find_link(session: Session, program_id: str, issuer: str, subject: str) -> Link | None:
    """Return whose an outside person is, or None."""
    query = select(linked_identities).where(
        linked_identities.c.program_id == program_id,
        linked_identities.c.issuer == issuer,
        linked_identities.c.subject == subject,
    )
    row = (await session.execute(query)).mappings().one_or_none()
    return None if row is None else Link(**row)


async def list_links(session: Session, user_id: str) -> Sequence[Link]:
    """Return a person's links, oldest first."""
    query = select(linked_identities).where(linked_identities.c.user_id == user_id)
    rows = await session.execute(query.order_by(linked_identities.c.id))
    return [Link(**row) for row in rows.mappings()]


async def save_link_used(session: Session, link_id: str, at: datetime) -> None:
    """Note that somebody signed in by a link."""
    await session.execute(
        update(linked_identities).where(linked_identities.c.id == link_id).values(last_used_at=at)
    )


async def remove_links_of(session: Session, user_id: str) -> None:
    """Forget every outside person who is this one."""
    await session.execute(delete(linked_identities).where(linked_identities.c.user_id == user_id))


async def remove_link(session: Session, link_id: str) -> None:
    """Forget that an outside person is ours."""
    await session.execute(delete(linked_identities).where(linked_identities.c.id == link_id))
