"""The table of e-mail verifications: codes that prove an address for one registration."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, Integer, Row, Table, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from cardwright.authentication import store
from cardwright.authentication.domain import EmailVerification, Identity, Purpose
from cardwright.authentication.store import find_identity, identities
from cardwright.db.base import id_column, instant, metadata, reference, text
from cardwright.db.session import Session

email_verifications = Table(
    "email_verifications",
    metadata,
    id_column(),
    reference("registration_id"),
    reference("user_id"),
    text("purpose"),
    instant("expires_at"),
    text("pending_password_hash", nullable=True),
    Column("attempts", Integer, nullable=False),
    instant("used_at", nullable=True),
    Index(None, "user_id", "id"),
    Index(None, "registration_id", "id"),
    # One code of a registration counts at a time.
    Index(
        "uq_email_verifications_registration_id_pending",
        "registration_id",
        unique=True,
        postgresql_where="pending_password_hash IS NOT NULL",
    ),
)


async def add_verification(session: Session, verification: EmailVerification) -> None:
    """Store a verification; the one before of its registration, if any, has given up its pending hash."""
    await session.execute(insert(email_verifications).values(**asdict(verification)))


async def find_verification(session: Session, verification_id: str) -> EmailVerification | None:
    """Return a verification, or None."""
    query = select(email_verifications).where(email_verifications.c.id == verification_id)
    row = (await session.execute(query)).one_or_none()
    return None if row is None else _verification(row)


async def newest_verification_for_update(
    session: Session, user_id: str, registration_id: str
) -> EmailVerification | None:
    """Return and lock the verification of a registration that was asked for last, or None."""
    query = (
        select(email_verifications)
        .where(
            email_verifications.c.registration_id == registration_id,
            email_verifications.c.user_id == user_id,
        )
        .order_by(email_verifications.c.id.desc())
        .limit(1)
        .with_for_update()
    )
    row = (await session.execute(query)).one_or_none()
    return None if row is None else _verification(row)


async def find_registrant(session: Session, registration_id: str) -> Identity | None:
    """Return who a registration is about, or None."""
    query = (
        select(email_verifications.c.user_id)
        .where(email_verifications.c.registration_id == registration_id)
        .limit(1)
    )
    user_id = (await session.execute(query)).scalar_one_or_none()
    return None if user_id is None else await find_identity(session, user_id)


async def clear_pending_hash(session: Session, verification_id: str) -> None:
    """Make room for another verification of the same registration; this one counts no more."""
    await session.execute(
        update(email_verifications)
        .where(email_verifications.c.id == verification_id)
        .values(pending_password_hash=None)
    )


async def end_registrations(session: Session, user_id: str) -> None:
    """Forget every password that waits for a proof of this person's address."""
    await session.execute(
        update(email_verifications)
        .where(
            email_verifications.c.user_id == user_id,
            email_verifications.c.pending_password_hash.is_not(None),
        )
        .values(pending_password_hash=None)
    )


async def save_attempt(session: Session, verification_id: str, *, used_at: datetime | None) -> None:
    """Count one try of a code, and note when it was the right one."""
    await session.execute(
        update(email_verifications)
        .where(email_verifications.c.id == verification_id)
        .values(attempts=email_verifications.c.attempts + 1, used_at=used_at)
    )


async def remove_verifications_of(session: Session, user_ids: Sequence[str]) -> None:
    """Forget every registration of these people's addresses."""
    await session.execute(delete(email_verifications).where(email_verifications.c.user_id.in_(user_ids)))


async def remove_unproven(session: Session, program_id: str, email: str) -> None:
    """Forget an identity that nobody has proven, with its registrations; does nothing for any other."""
    await remove_verifications_of(session, await store.remove_unproven(session, program_id, email))


async def remove_abandoned(session: Session, before: datetime) -> None:
    """Forget registrations that expired before an instant: their passwords, then whoever has none left."""
    await session.execute(delete(email_verifications).where(email_verifications.c.expires_at < before))
    candidates = (
        select(identities.c.user_id)
        .where(identities.c.verified_at.is_(None), identities.c.created_at < before)
        .with_for_update(skip_locked=True)
    )
    # Looked at again once they are locked: somebody may be registering one of these addresses right now.
    locked = (await session.execute(candidates)).scalars().all()
    waits = select(email_verifications.c.id).where(email_verifications.c.user_id == identities.c.user_id)
    await session.execute(delete(identities).where(identities.c.user_id.in_(locked), ~waits.exists()))


def _verification(row: Row[Any]) -> EmailVerification:
    return EmailVerification(
        row.id,
        row.registration_id,
        row.user_id,
        Purpose(row.purpose),
        row.expires_at,
        row.pending_password_hash,
        row.attempts,
        row.used_at,
    )
