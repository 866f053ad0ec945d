"""The table of identity verifications."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    CheckConstraint,
    Column,
    Index,
    Integer,
    Row,
    Table,
    Text,
    bindparam,
    case,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import insert

from cardwright.db.base import id_column, instant, metadata, reference, text
from cardwright.db.session import Session
from cardwright.db.together import joinable
from cardwright.encryption import SealedColumn, open_sealed, seal
from cardwright.kyc.documents import DocumentKind
from cardwright.kyc.domain import (
    MANUAL,
    OPEN_STATES,
    RejectionReason,
    Verification,
    VerificationState,
)
from cardwright.kyc.screening.domain import Standing

_IS_OPEN = "state IN ('requested', 'collecting', 'submitted', 'in_review')"

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
    instant("state_since"),
    text("answer", nullable=True),
    text("answer_reason", nullable=True),
    text("contradicted_by", nullable=True),
    reference("decided_by", nullable=True),
    instant("sent_back_at", nullable=True),
    Column("missing", postgresql.ARRAY(Text), nullable=False, server_default="{}"),
    text("message", nullable=True),
    Column("good_for_days", Integer, nullable=False, server_default="730"),
    instant("good_until", nullable=True),
    instant("renew_from", nullable=True),
    text("told", nullable=True),
    text("hold_told", nullable=True),
    CheckConstraint(
        "state IN ('requested', 'collecting', 'submitted', 'in_review', 'canceled', 'expired', 'rejected',"
        " 'approved')",
        name="state",
    ),
    CheckConstraint(
        "CASE state WHEN 'approved' THEN good_until IS NOT NULL AND renew_from IS NOT NULL"
        " ELSE good_until IS NULL AND renew_from IS NULL END",
        name="approved_until",
    ),
    CheckConstraint("told IN ('due', 'over') AND hold_told IN ('open', 'confirmed')", name="told"),
    CheckConstraint("good_for_days >= 1", name="good_for_days"),
    Index("uq_identity_verifications_open", "user_id", unique=True, postgresql_where=_IS_OPEN),
    Index("ix_identity_verifications_user_id", "user_id", "id"),
    Index("ix_identity_verifications_collecting", "state_since", postgresql_where="state = 'collecting'"),
    Index(
        "ix_identity_verifications_renew_from", "renew_from",
        postgresql_where="state = 'approved' AND told IS DISTINCT FROM 'over'",
    ),
)  # fmt: skip


_MESSAGE: Final = SealedColumn(verifications, "message")
SEALED_COLUMNS: Final = (_MESSAGE,)


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
            state_since=verification.created_at,
            good_for_days=verification.good_for.days,
        )
        .on_conflict_do_nothing()
        .returning(verifications.c.id)
    )
    return inserted.scalar_one_or_none() is not None


async def find_verification(
    session: Session, verification_id: str, *, lock: bool = False
) -> Verification | None:
    """Return one verification, perhaps locked."""
    query = select(verifications).where(verifications.c.id == verification_id)
    row = (await session.execute(query.with_for_update() if lock else query)).one_or_none()
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


async def list_of_user(session: Session, user_id: str, *, lock: bool = False) -> Sequence[Verification]:
    """Return all verifications of a person, newest first, perhaps locked."""
    query = (
        select(verifications).where(verifications.c.user_id == user_id).order_by(verifications.c.id.desc())
    )
    rows = await session.execute(query.with_for_update() if lock else query)
    return [_verification(row) for row in rows]


_STATUS: Final = joinable(
    select(
        select(func.max(verifications.c.good_until))
        .where(verifications.c.user_id == bindparam("user_id"))
        .scalar_subquery()
        .label("good_until"),
        func.screening_standing(bindparam("user_id")).label("screened"),
    )
)


async def find_status(session: Session, user_id: str) -> tuple[datetime | None, Standing]:
    """Return until when the longest approval of a person is good, and how they stand with screening."""
    row = (await session.execute(_STATUS, {"user_id": user_id})).one()
    return row.good_until, Standing(row.screened)


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
            verifications.c.provider != MANUAL,
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


async def silent_for_update(session: Session, *, since: datetime, limit: int) -> Sequence[Verification]:
    """Return verifications that have been collecting since before then, locked; those in use are skipped."""
    query = (
        select(verifications)
        .where(
            verifications.c.state == VerificationState.COLLECTING, verifications.c.state_since < since
        )
        .order_by(verifications.c.state_since)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )  # fmt: skip
    return [_verification(row) for row in await session.execute(query)]


async def untold_for_update(session: Session, *, at: datetime, limit: int) -> Sequence[Verification]:
    """Return approvals that are due or over of which nobody was told, locked; those in use are skipped."""
    told = verifications.c.told
    query = (
        select(verifications)
        .where(
            verifications.c.state == VerificationState.APPROVED,
            told.is_distinct_from("over"),
            verifications.c.renew_from <= at,
            or_(told.is_(None), verifications.c.good_until <= at),
        )
        .order_by(verifications.c.renew_from)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [_verification(row) for row in await session.execute(query)]


async def save_told(session: Session, verification_id: str, told: str) -> None:
    """Note that a person was told that an approval is `due` or `over`."""
    await session.execute(
        update(verifications).where(verifications.c.id == verification_id).values(told=told)
    )


async def find_hold_told(session: Session, verification_id: str) -> Standing | None:
    """Return what screening last meant for an approval as its holder was told; None for clear."""
    query = select(verifications.c.hold_told).where(verifications.c.id == verification_id)
    kept = (await session.execute(query)).scalar_one()
    return None if kept is None else Standing(kept)


async def save_hold_told(session: Session, verification_id: str, told: Standing | None) -> None:
    """Note what a person was told of how screening left them standing."""
    await session.execute(
        update(verifications).where(verifications.c.id == verification_id).values(hold_told=told)
    )


async def save_heard(session: Session, verification: Verification, *, heard_at: datetime) -> None:
    """Store a locked verification after the vendor answered at `heard_at`, with news or without."""
    await save(session, verification)
    await session.execute(
        update(verifications).where(verifications.c.id == verification.id).values(heard_at=heard_at)
    )


async def save_submitted(session: Session, verification: Verification) -> None:
    """Store that a person handed in a locked verification: all that they may change of it."""
    await session.execute(
        update(verifications)
        .where(verifications.c.id == verification.id)
        .values(
            state=verification.state, state_since=verification.state_since, updated_at=verification.updated_at
        )
    )  # fmt: skip


async def save_message(session: Session, verification: Verification, message: str | None) -> None:
    """Store, sealed, what a person reads beside what is missing."""
    place = _MESSAGE.place(verification.id, verification.program_id)
    sealed = None if message is None else await seal(session, place, message)
    await session.execute(
        update(verifications).where(verifications.c.id == verification.id).values(message=sealed)
    )


async def read_message(session: Session, verification: Verification) -> str | None:
    """Return what a person was told last when they were asked for more; None where that was nothing."""
    query = select(verifications.c.message).where(verifications.c.id == verification.id)
    sealed = (await session.execute(query)).scalar_one()
    if sealed is None:
        return None
    return await open_sealed(session, _MESSAGE.place(verification.id, verification.program_id), sealed)


async def save(session: Session, verification: Verification) -> None:
    """Store a locked verification."""
    await session.execute(
        update(verifications)
        .where(verifications.c.id == verification.id)
        .values(
            **{name: getattr(verification, name) for name in _CHANGING},
            missing=[kind.value for kind in verification.missing],
        )
    )


_CHANGING: Final = (
    "state", "provider_reference", "url", "reason", "updated_at", "state_since", "answer", "answer_reason",
    "contradicted_by", "decided_by", "sent_back_at", "good_until", "renew_from",
)  # fmt: skip


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
        reason=_reason(row.reason),
        state_since=row.state_since,
        answer=_state(row.answer),
        answer_reason=_reason(row.answer_reason),
        contradicted_by=_state(row.contradicted_by),
        decided_by=row.decided_by,
        sent_back_at=row.sent_back_at,
        missing=tuple(map(DocumentKind, row.missing)),
        good_for=timedelta(days=row.good_for_days),
        good_until=row.good_until,
        renew_from=row.renew_from,
    )


def _reason(kept: str | None) -> RejectionReason | None:
    return None if kept is None else RejectionReason(kept)


def _state(kept: str | None) -> VerificationState | None:
    return None if kept is None else VerificationState(kept)
