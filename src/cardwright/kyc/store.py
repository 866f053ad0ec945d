"""The table of identity verifications."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Index, Row, Table, bindparam, select, update
from sqlalchemy.dialects.postgresql import insert

from cardwright.db.base import id_column, instant, metadata, reference, text
from cardwright.db.session import Session
from cardwright.db.together import joinable
from cardwright.kyc.domain import OPEN_STATES, RejectionReason, Verification, VerificationState

_IS_OPEN = "state IN ('requested', 'collecting', 'processing')"

verifications = Table(
    "identity_verifications",
    metadata,
    id_column(),
    reference("program_id"),
    reference("user_id"),
    text("state"),
    text("provider_reference", nullable=True, unique=True),
    text("url", nullable=True),
    text("reason", nullable=True),
    instant("created_at"),
    instant("updated_at"),
    instant("heard_at"),
    Index("uq_identity_verifications_open", "user_id", unique=True, postgresql_where=_IS_OPEN),
    Index("ix_identity_verifications_user_id", "user_id", "id"),
)


async def insert_verification(session: Session, verification: Verification) -> bool:
    """Insert a requested verification; False when another one of the person is open."""
    inserted = await session.execute(
        insert(verifications)
        .values(
            id=verification.id,
            program_id=verification.program_id,
            user_id=verification.user_id,
            state=verification.state,
            created_at=verification.created_at,
            updated_at=verification.updated_at,
            heard_at=verification.created_at,
        )
        .on_conflict_do_nothing()
        .returning(verifications.c.id)
    )
    return inserted.scalar_one_or_none() is not None


async def find_verification(session: Session, verification_id: str) -> Verification | None:
    """Return one verification."""
    row = (
        await session.execute(select(verifications).where(verifications.c.id == verification_id))
    ).one_or_none()
    return _verification(row) if row is not None else None


async def find_for_update(
    session: Session, *, provider_reference: str, verification_id: str | None
) -> Verification | None:
    """Return the verification a vendor means, by its reference or else by our id, locked."""
    query = select(verifications).with_for_update()
    by_reference = query.where(verifications.c.provider_reference == provider_reference)
    row = (await session.execute(by_reference)).one_or_none()
    if row is None and verification_id is not None:
        row = (await session.execute(query.where(verifications.c.id == verification_id))).one_or_none()
    return _verification(row) if row is not None else None


_OF_USER: Final = joinable(
    select(verifications)
    .where(verifications.c.user_id == bindparam("user_id"))
    .order_by(verifications.c.id.desc())
)


async def list_of_user(session: Session, user_id: str) -> Sequence[Verification]:
    """Return all verifications of a person, newest first."""
    rows = await session.execute(_OF_USER, {"user_id": user_id})
    return [_verification(row) for row in rows]


async def page_of_user(
    session: Session, *, program_id: str, user_id: str, cursor: str | None, limit: int
) -> Sequence[Verification]:
    """Return up to `limit` verifications of a person that are older than `cursor`, newest first."""
    query = select(verifications).where(
        verifications.c.program_id == program_id, verifications.c.user_id == user_id
    )
    if cursor is not None:
        query = query.where(verifications.c.id < cursor)
    rows = await session.execute(query.order_by(verifications.c.id.desc()).limit(limit))
    return [_verification(row) for row in rows]


async def silent_references(session: Session, *, since: datetime, limit: int) -> Sequence[str]:
    """Return the vendor's references of open verifications not heard of since then, longest first."""
    rows = await session.execute(
        select(verifications.c.provider_reference)
        .where(
            verifications.c.state.in_(OPEN_STATES),
            verifications.c.provider_reference.is_not(None),
            verifications.c.heard_at < since,
        )
        .order_by(verifications.c.heard_at)
        .limit(limit)
    )
    return [reference for reference in rows.scalars() if reference is not None]


async def save(session: Session, verification: Verification, *, heard_at: datetime) -> None:
    """Store a locked verification after the vendor answered at `heard_at`, with news or without."""
    await session.execute(
        update(verifications)
        .where(verifications.c.id == verification.id)
        .values(
            state=verification.state,
            provider_reference=verification.provider_reference,
            url=verification.url,
            reason=verification.reason,
            updated_at=verification.updated_at,
            heard_at=heard_at,
        )
    )


def _verification(row: Row[Any]) -> Verification:
    return Verification(
        id=row.id,
        program_id=row.program_id,
        user_id=row.user_id,
        state=VerificationState(row.state),
        created_at=row.created_at,
        updated_at=row.updated_at,
        provider_reference=row.provider_reference,
        url=row.url,
        reason=RejectionReason(row.reason) if row.reason is not None else None,
    )
