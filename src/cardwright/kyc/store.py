"""The table of identity verifications."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Column, Index, Integer, Row, Table, bindparam, case, select, update
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
    text("provider", server_default="stripe"),
    text("provider_reference", nullable=True, unique=True),
    text("url", nullable=True),
    text("reason", nullable=True),
    instant("created_at"),
    instant("updated_at"),
    instant("heard_at"),
    Column("start_attempts", Integer, nullable=False, server_default="0"),
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
    session: Session, *, provider: str, provider_reference: str, verification_id: str | None
) -> Verification | None:
    """Return the verification a vendor means, by its reference or else by our id, locked.

    None for one that is at another vendor, whatever this one says of it.
    """
    query = select(verifications).where(verifications.c.provider == provider).with_for_update()
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


async def silent_references(session: Session, *, since: datetime, limit: int) -> Sequence[tuple[str, str]]:
    """Return vendors and their references of open verifications not heard of since then, longest first."""
    rows = await session.execute(
        select(verifications.c.provider, verifications.c.provider_reference)
        .where(
            verifications.c.state.in_(OPEN_STATES),
            verifications.c.provider_reference.is_not(None),
            verifications.c.heard_at < since,
        )
        .order_by(verifications.c.heard_at)
        .limit(limit)
    )
    return [(row.provider, row.provider_reference) for row in rows]


async def note_attempt(session: Session, verification_id: str, *, first: str) -> tuple[str, bool] | None:
    """Note that a requested verification is about to be started; None when it waits for that no longer.

    Returns the vendor and whether nobody has tried before: otherwise it may have begun there unheard.
    """
    attempts, provider = verifications.c.start_attempts, verifications.c.provider
    noted = await session.execute(
        update(verifications)
        .where(verifications.c.id == verification_id, verifications.c.state == VerificationState.REQUESTED)
        .values(provider=case((attempts == 0, first), else_=provider), start_attempts=attempts + 1)
        .returning(provider, attempts)
    )
    row = noted.one_or_none()
    return (row.provider, row.start_attempts == 1) if row is not None else None


async def pass_on(session: Session, verification_id: str, *, to: str | None) -> bool:
    """After an only attempt that began nothing: go on at another vendor, or with None anew another time.

    False when it was tried beside us or heard of meanwhile; then it stays where it is.
    """
    values: dict[str, Any] = {"start_attempts": 0} if to is None else {"provider": to}
    passed = await session.execute(
        update(verifications)
        .where(
            verifications.c.id == verification_id,
            verifications.c.state == VerificationState.REQUESTED,
            verifications.c.start_attempts == 1,
        )
        .values(values)
        .returning(verifications.c.id)
    )
    return passed.scalar_one_or_none() is not None


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
        provider=row.provider,
        provider_reference=row.provider_reference,
        url=row.url,
        reason=RejectionReason(row.reason) if row.reason is not None else None,
    )
