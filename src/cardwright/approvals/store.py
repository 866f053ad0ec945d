"""The tables of proposals and of their steps. Triggers hold the rules; what stands here only asks."""

import json
from collections.abc import Collection, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Row,
    Table,
    func,
    insert,
    or_,
    select,
    update,
)

from cardwright.approvals.domain import Approval, ApprovalState, Step
from cardwright.db.base import id_column, instant, metadata, reference, text
from cardwright.db.session import Session, canonical_json

approvals = Table(
    "approvals",
    metadata,
    id_column(),
    reference("program_id"),
    text("kind"),
    reference("subject_id"),
    text("payload"),
    text("payload_digest"),
    text("reason"),
    text("state"),
    reference("proposed_by"),
    instant("proposed_at"),
    instant("expires_at"),
    reference("decided_by", nullable=True),
    instant("decided_at", nullable=True),
    text("note", nullable=True),
    instant("changed_at"),
    Index(None, "program_id", "id"),
    Index("ix_approvals_open", "expires_at", postgresql_where="state = 'proposed'"),
    CheckConstraint("decided_by <> proposed_by AND decided_by <> subject_id", name="four_eyes"),
    CheckConstraint(
        "(decided_by IS NOT NULL) = (state IN ('approved', 'applied', 'rejected'))"
        " AND (decided_at IS NULL) = (decided_by IS NULL)",
        name="decided",
    ),
    CheckConstraint(
        "state IN ('proposed', 'approved', 'applied', 'rejected', 'withdrawn', 'expired')", name="state"
    ),
    CheckConstraint("payload_digest = encode(sha256(convert_to(payload, 'UTF8')), 'hex')", name="digest"),
    CheckConstraint("payload IS JSON OBJECT", name="payload"),
    CheckConstraint("length(reason) BETWEEN 1 AND 500", name="reason"),
)
approval_steps = Table(
    "approval_steps",
    metadata,
    reference("approval_id"),
    Column("sequence", Integer, nullable=False),
    text("state"),
    reference("actor_id"),
    instant("at"),
    text("note", nullable=True),
    PrimaryKeyConstraint("approval_id", "sequence"),
)


async def insert_proposal(session: Session, approval: Approval) -> None:
    """Store a proposal; its first step is written by the database."""
    payload = canonical_json(approval.payload)
    await session.execute(
        insert(approvals).values(
            id=approval.id, program_id=approval.program_id, kind=approval.kind,
            subject_id=approval.subject_id, payload=payload, payload_digest=approval.payload_digest,
            reason=approval.reason, state=approval.state.value, proposed_by=approval.proposed_by,
            proposed_at=approval.proposed_at, expires_at=approval.expires_at, changed_at=approval.proposed_at,
        )
    )  # fmt: skip


def digest_of(payload: Any) -> str:
    """Return the SHA-256 of a payload's canonical JSON, in hex; the database computes the same."""
    return sha256(canonical_json(payload).encode()).hexdigest()


async def lock_decisions(session: Session, program_id: str) -> None:
    """Let one decision of a program run at a time, so that roles cannot change under another's hands."""
    key = func.hashtextextended(f"approvals of {program_id}", 0)
    await session.execute(select(func.pg_advisory_xact_lock(key)))


async def find_approval(session: Session, program_id: str, approval_id: str) -> Approval | None:
    """Return a proposal of a program; None when there is none of this id."""
    query = select(approvals).where(approvals.c.id == approval_id, approvals.c.program_id == program_id)
    row = (await session.execute(query)).one_or_none()
    return None if row is None else _approval(row)


async def find_approval_for_update(session: Session, program_id: str, approval_id: str) -> Approval | None:
    """Return a proposal of a program, locked until the transaction ends."""
    query = select(approvals).where(approvals.c.id == approval_id, approvals.c.program_id == program_id)
    row = (await session.execute(query.with_for_update())).one_or_none()
    return None if row is None else _approval(row)


async def list_approvals(
    session: Session,
    program_id: str,
    *,
    proposed_by: str,
    kinds: Collection[str] | None,
    state: ApprovalState | None,
    before: str | None,
    limit: int,
) -> Sequence[Approval]:
    """Return what somebody proposed and whatever is of these kinds, None for every kind; newest first."""
    query = select(approvals).where(approvals.c.program_id == program_id)
    if kinds is not None:
        query = query.where(or_(approvals.c.proposed_by == proposed_by, approvals.c.kind.in_(kinds)))
    if state is not None:
        query = query.where(approvals.c.state == state.value)
    if before is not None:
        query = query.where(approvals.c.id < before)
    rows = await session.execute(query.order_by(approvals.c.id.desc()).limit(limit))
    return [_approval(row) for row in rows]


async def overdue_for_update(session: Session, at: datetime, limit: int) -> Sequence[Approval]:
    """Return open proposals whose time is over, locked; those that are being decided are left out."""
    rows = await session.execute(
        select(approvals)
        .where(approvals.c.state == ApprovalState.PROPOSED.value, approvals.c.expires_at <= at)
        .order_by(approvals.c.expires_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [_approval(row) for row in rows]


async def save_decision(
    session: Session, approval_id: str, state: ApprovalState, *, by: str, note: str | None, at: datetime
) -> None:
    """Store who decided what; the database refuses the proposer and whatever is not open."""
    decided = {"decided_by": by, "decided_at": at, "note": note}
    await _save(session, approval_id, state, at, **decided)


async def save_state(session: Session, approval_id: str, state: ApprovalState, at: datetime) -> None:
    """Store a state that is nobody's decision: applied, withdrawn, expired."""
    await _save(session, approval_id, state, at)


async def list_steps(session: Session, approval_id: str) -> Sequence[Step]:
    """Return what happened to a proposal, in order."""
    rows = await session.execute(
        select(approval_steps)
        .where(approval_steps.c.approval_id == approval_id)
        .order_by(approval_steps.c.sequence)
    )
    return [Step(ApprovalState(row.state), row.actor_id, row.at, row.note) for row in rows]


async def _save(
    session: Session, approval_id: str, state: ApprovalState, at: datetime, **decided: Any
) -> None:
    await session.execute(
        update(approvals)
        # What the effect's trigger has marked as applied already is left as it is.
        .where(approvals.c.id == approval_id, approvals.c.state != state.value)
        .values(state=state.value, changed_at=at, **decided)
    )


def _approval(row: Row[Any]) -> Approval:
    return Approval(
        id=row.id, program_id=row.program_id, kind=row.kind, subject_id=row.subject_id,
        payload=json.loads(row.payload), payload_digest=row.payload_digest, reason=row.reason,
        state=ApprovalState(row.state), proposed_by=row.proposed_by, proposed_at=row.proposed_at,
        expires_at=row.expires_at, decided_by=row.decided_by, decided_at=row.decided_at, note=row.note,
    )  # fmt: skip
