"""The table of disputes of top-ups."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, Row, Table, func, insert, select, update

from cardwright.access import Viewer
from cardwright.db.base import id_column, instant, json, metadata, minor_units, reference, text
from cardwright.db.session import Session
from cardwright.funding.domain import UNFINISHED_STATES, TopUpDispute, TopUpDisputeState

disputes = Table(
    "top_up_disputes",
    metadata,
    id_column(),
    reference("program_id"),
    reference("user_id"),
    reference("top_up_id"),
    minor_units("amount"),
    text("currency"),
    text("state"),
    text("reason"),
    instant("respond_by", nullable=True),
    text("provider_reference", unique=True),
    minor_units("taken"),
    json("posted"),
    instant("created_at"),
    instant("updated_at"),
    instant("heard_at"),
    CheckConstraint("state IN ('inquiry', 'open', 'closed', 'lost', 'won')", name="state"),
    Index("ix_top_up_disputes_user_id", "user_id", "id"),
    Index("ix_top_up_disputes_program_id", "program_id", "id"),
    Index("ix_top_up_disputes_top_up_id", "top_up_id"),
)


async def find_dispute(session: Session, dispute_id: str) -> TopUpDispute | None:
    """Return one dispute."""
    row = (await session.execute(select(disputes).where(disputes.c.id == dispute_id))).one_or_none()
    return None if row is None else _dispute(row)


async def find_by_reference(session: Session, provider_reference: str) -> TopUpDispute | None:
    """Return the dispute of a gateway's id; it changes only under the lock of its owner's wallet."""
    query = select(disputes).where(disputes.c.provider_reference == provider_reference)
    row = (await session.execute(query)).one_or_none()
    return None if row is None else _dispute(row)


async def insert_dispute(session: Session, dispute: TopUpDispute) -> None:
    """Insert a dispute that was never heard of."""
    await session.execute(
        insert(disputes).values(
            id=dispute.id, program_id=dispute.program_id, user_id=dispute.user_id,
            top_up_id=dispute.top_up_id, amount=dispute.amount, currency=dispute.currency,
            state=dispute.state, reason=dispute.reason, respond_by=dispute.respond_by,
            provider_reference=dispute.provider_reference, taken=0, posted=[],
            created_at=dispute.created_at, updated_at=dispute.updated_at, heard_at=dispute.created_at,
        )
    )  # fmt: skip


async def save_dispute(session: Session, dispute: TopUpDispute, *, heard_at: datetime) -> None:
    """Store a dispute after the gateway answered, with news or without."""
    await session.execute(
        update(disputes)
        .where(disputes.c.id == dispute.id)
        .values(
            amount=dispute.amount, state=dispute.state, respond_by=dispute.respond_by, taken=dispute.taken,
            posted=sorted(dispute.posted), updated_at=dispute.updated_at, heard_at=heard_at,
        )
    )  # fmt: skip


async def page_visible(
    session: Session, viewer: Viewer, *, cursor: str | None, limit: int
) -> Sequence[TopUpDispute]:
    """Return up to `limit` disputes within a viewer's sight that are older than `cursor`, newest first."""
    query = select(disputes).where(disputes.c.program_id == viewer.program_id)
    if viewer.owner_id is not None:
        query = query.where(disputes.c.user_id == viewer.owner_id)
    if cursor is not None:
        query = query.where(disputes.c.id < cursor)
    rows = await session.execute(query.order_by(disputes.c.id.desc()).limit(limit))
    return [_dispute(row) for row in rows]


async def count_unfinished(session: Session, program_id: str, user_id: str) -> int:
    """Return how many disputes of a person are not decided."""
    query = select(func.count()).where(
        disputes.c.program_id == program_id,
        disputes.c.user_id == user_id,
        disputes.c.state.in_(UNFINISHED_STATES),
    )
    return int((await session.execute(query)).scalar_one())


async def count_open(session: Session, program_id: str, user_id: str) -> int:
    """Return for how many of a person's top-ups a bank has taken the money back and not yet decided."""
    query = select(func.count()).where(
        disputes.c.program_id == program_id,
        disputes.c.user_id == user_id,
        disputes.c.state == TopUpDisputeState.OPEN,
    )
    return int((await session.execute(query)).scalar_one())


async def unknown_references(session: Session, references: Sequence[str]) -> Sequence[str]:
    """Return those of a gateway's references that no dispute has."""
    known = await session.execute(
        select(disputes.c.provider_reference).where(disputes.c.provider_reference.in_(references))
    )
    return sorted(set(references) - set(known.scalars()))


async def silent_references(session: Session, *, since: datetime, limit: int) -> Sequence[str]:
    """Return the references of undecided disputes that were not heard of since then, longest first."""
    rows = await session.execute(
        select(disputes.c.provider_reference)
        .where(disputes.c.state.in_(UNFINISHED_STATES), disputes.c.heard_at < since)
        .order_by(disputes.c.heard_at)
        .limit(limit)
    )
    return rows.scalars().all()


def _dispute(row: Row[Any]) -> TopUpDispute:
    return TopUpDispute(
        id=row.id, program_id=row.program_id, user_id=row.user_id, top_up_id=row.top_up_id,
        amount=row.amount, currency=row.currency, state=TopUpDisputeState(row.state), reason=row.reason,
        respond_by=row.respond_by, provider_reference=row.provider_reference, created_at=row.created_at,
        updated_at=row.updated_at, taken=row.taken, posted=frozenset(row.posted),
    )  # fmt: skip
