"""The tables of identities and e-mail verifications."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    CheckConstraint,
    Column,
    ColumnElement,
    Index,
    Integer,
    Row,
    Table,
    UniqueConstraint,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from cardwright.authentication.domain import Credentials, EmailVerification, Identity, Purpose
from cardwright.db.base import id_column, instant, metadata, reference, text
from cardwright.db.session import Session
from cardwright.encryption import SealedColumn, blind_index, open_sealed, seal

identities = Table(
    "identities",
    metadata,
    id_column("user_id"),
    reference("program_id"),
    text("email"),
    text("email_index"),
    text("password_hash", nullable=True),
    instant("verified_at", nullable=True),
    instant("created_at"),
    UniqueConstraint("program_id", "email_index"),
    CheckConstraint("password_hash IS NULL OR verified_at IS NOT NULL", name="password_proven"),
)

EMAIL: Final = SealedColumn(identities, "email", row_id="user_id")
SEALED_COLUMNS: Final = (EMAIL,)

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
    # One code of a registration counts at a time.
    Index(
        "uq_email_verifications_registration_id_pending",
        "registration_id",
        unique=True,
        postgresql_where="pending_password_hash IS NOT NULL",
    ),
)


async def add_identity(session: Session, credentials: Credentials) -> bool:
    """Store a new identity; False when the address is taken within the program."""
    identity = credentials.identity
    sealed = await seal(session, EMAIL.place(identity.user_id, identity.program_id), identity.email)
    index = await blind_index(session, EMAIL, identity.program_id, identity.email)
    added = await session.execute(
        insert(identities)
        .values(
            **{**asdict(identity), "email": sealed},
            email_index=index,
            password_hash=credentials.password_hash,
        )
        .on_conflict_do_nothing(index_elements=["program_id", "email_index"])
        .returning(identities.c.user_id)
    )
    return added.scalar_one_or_none() is not None


async def find_identity(session: Session, user_id: str) -> Identity | None:
    """Return who has this id, or None."""
    row = (await session.execute(select(identities).where(identities.c.user_id == user_id))).one_or_none()
    return None if row is None else await _identity(session, row)


async def list_identities(
    session: Session, *, program_id: str, before: str | None, limit: int
) -> Sequence[Identity]:
    """Return a program's identities, newest first, starting after the user id `before`."""
    query = select(identities).where(identities.c.program_id == program_id)
    if before is not None:
        query = query.where(identities.c.user_id < before)
    rows = await session.execute(query.order_by(identities.c.user_id.desc()).limit(limit))
    return [await _identity(session, row) for row in rows]


async def find_credentials(session: Session, program_id: str, email: str) -> Credentials | None:
    """Return whose normalized address it is within a program, or None."""
    return await _credentials(session, program_id, email, lock=False)


async def credentials_for_update(session: Session, program_id: str, email: str) -> Credentials | None:
    """Return whose address it is and lock it: what one person proves or changes happens in turn."""
    return await _credentials(session, program_id, email, lock=True)


async def credentials_of_for_update(session: Session, user_id: str) -> Credentials | None:
    """Return a person's credentials and lock them."""
    query = select(identities).where(identities.c.user_id == user_id).with_for_update()
    row = (await session.execute(query)).one_or_none()
    return None if row is None else Credentials(await _identity(session, row), row.password_hash)


async def _credentials(session: Session, program_id: str, email: str, *, lock: bool) -> Credentials | None:
    query = select(identities).where(*await _is_of(session, program_id, email))
    row = (await session.execute(query.with_for_update() if lock else query)).one_or_none()
    return None if row is None else Credentials(await _identity(session, row), row.password_hash)


async def _is_of(session: Session, program_id: str, email: str) -> tuple[ColumnElement[bool], ...]:
    index = await blind_index(session, EMAIL, program_id, email)
    return identities.c.program_id == program_id, identities.c.email_index == index


async def save_password_hash(session: Session, user_id: str, password_hash: str) -> None:
    """Replace the hash of a password."""
    await session.execute(
        update(identities).where(identities.c.user_id == user_id).values(password_hash=password_hash)
    )


async def save_verified(session: Session, user_id: str, password_hash: str | None, at: datetime) -> None:
    """Note that the address is proven, for whoever chose this password; None for whoever has none."""
    await session.execute(
        update(identities)
        .where(identities.c.user_id == user_id)
        .values(password_hash=password_hash, verified_at=at)
    )


async def add_verification(session: Session, verification: EmailVerification) -> None:
    """Store a verification; the one before of its registration, if any, has given up its pending hash."""
    await session.execute(insert(email_verifications).values(**asdict(verification)))


async def find_verification(session: Session, verification_id: str) -> EmailVerification | None:
    """Return a verification, or None."""
    query = select(email_verifications).where(email_verifications.c.id == verification_id)
    row = (await session.execute(query)).one_or_none()
    return None if row is None else _verification(row)


async def pending_verification_for_update(
    session: Session, user_id: str, registration_id: str
) -> EmailVerification | None:
    """Return and lock the one verification that still holds a registration's password, or None."""
    query = (
        select(email_verifications)
        .where(
            email_verifications.c.registration_id == registration_id,
            email_verifications.c.user_id == user_id,
            email_verifications.c.pending_password_hash.is_not(None),
        )
        .with_for_update()
    )
    row = (await session.execute(query)).one_or_none()
    return None if row is None else _verification(row)


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


async def _identity(session: Session, row: Row[Any]) -> Identity:
    email = await open_sealed(session, EMAIL.place(row.user_id, row.program_id), row.email)
    return Identity(row.user_id, row.program_id, email, row.verified_at, row.created_at)


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
