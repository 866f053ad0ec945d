"""The tables of withdrawals and of the refunds they are made of."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Index,
    Row,
    Select,
    Table,
    and_,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from cardwright.access import Viewer
from cardwright.db.base import id_column, instant, metadata, minor_units, reference, text
from cardwright.db.session import Session
from cardwright.funding.dispute_store import disputes
from cardwright.funding.domain import (
    CHARGED_BACK_STATES,
    Refund,
    RefundReason,
    RefundState,
    Source,
    TopUpState,
    Withdrawal,
    WithdrawalKind,
    WithdrawalOrder,
    WithdrawalState,
)
from cardwright.funding.store import top_ups

withdrawals = Table(
    "withdrawals",
    metadata,
    id_column(),
    reference("program_id"),
    reference("user_id"),
    text("kind"),
    minor_units("amount"),
    text("currency"),
    text("state"),
    minor_units("returned"),
    reference("requested_by"),
    text("reason", nullable=True),
    instant("created_at"),
    instant("updated_at"),
    CheckConstraint("kind IN ('withdrawal', 'refund')", name="kind"),
    CheckConstraint("amount > 0 AND returned BETWEEN 0 AND amount", name="amount"),
    Index("ix_withdrawals_user_id", "user_id", "id"),
    Index("ix_withdrawals_program_id", "program_id", "id"),
)
refunds = Table(
    "top_up_refunds",
    metadata,
    id_column(),
    reference("withdrawal_id"),
    reference("top_up_id"),
    reference("program_id"),
    reference("user_id"),
    minor_units("amount"),
    text("currency"),
    text("state"),
    instant("attempted_at", nullable=True),
    text("provider_reference", nullable=True, unique=True),
    text("reason_code", nullable=True),
    instant("created_at"),
    instant("updated_at"),
    instant("heard_at"),
    CheckConstraint("amount > 0", name="amount"),
    CheckConstraint("state IN ('requested', 'pending', 'succeeded', 'failed')", name="state"),
    Index("ix_top_up_refunds_withdrawal_id", "withdrawal_id"),
    Index("ix_top_up_refunds_top_up_id", "top_up_id"),
    Index("ix_top_up_refunds_watched", "heard_at", postgresql_where="state IN ('pending', 'succeeded')"),
)


async def sources(
    session: Session, *, program_id: str, user_id: str, currency: str, order: WithdrawalOrder,
    top_up_id: str | None = None,
) -> Sequence[Source]:  # fmt: skip
    """Return the top-ups that can give something back, in an order; the person's wallet must be locked.

    What is refunded or being refunded is gone from a top-up, and all of one that is charged back.
    """
    given = (
        select(func.coalesce(func.sum(refunds.c.amount), 0))
        .where(refunds.c.top_up_id == top_ups.c.id, refunds.c.state != RefundState.FAILED)
        .scalar_subquery()
    )
    is_charged_back = exists().where(
        disputes.c.top_up_id == top_ups.c.id, disputes.c.state.in_(CHARGED_BACK_STATES)
    )
    left = (top_ups.c.amount - given).label("left")
    query = select(top_ups.c.id, left).where(
        top_ups.c.program_id == program_id,
        top_ups.c.user_id == user_id,
        top_ups.c.currency == currency,
        top_ups.c.state == TopUpState.SUCCEEDED,
        top_ups.c.amount > given,
        ~is_charged_back,
    )
    if top_up_id is not None:
        query = query.where(top_ups.c.id == top_up_id)
    is_newest_first = order is WithdrawalOrder.NEWEST_FIRST
    query = query.order_by(top_ups.c.id.desc() if is_newest_first else top_ups.c.id)
    return [Source(row.id, int(row.left)) for row in await session.execute(query)]


async def insert_withdrawal(session: Session, withdrawal: Withdrawal, parts: Sequence[Refund]) -> None:
    """Insert a withdrawal with its refunds."""
    await session.execute(insert(withdrawals).values(asdict(withdrawal)))
    rows = [{**asdict(part), "heard_at": part.created_at} for part in parts]
    await session.execute(insert(refunds), rows)


async def find_withdrawal(session: Session, withdrawal_id: str) -> Withdrawal | None:
    """Return one withdrawal."""
    query = select(withdrawals).where(withdrawals.c.id == withdrawal_id)
    row = (await session.execute(query)).one_or_none()
    return None if row is None else _withdrawal(row)


async def page_visible(
    session: Session, viewer: Viewer, *, cursor: str | None, limit: int
) -> Sequence[Withdrawal]:
    """Return up to `limit` withdrawals within a viewer's sight that are older than `cursor`."""
    query = select(withdrawals).where(withdrawals.c.program_id == viewer.program_id)
    if viewer.owner_id is not None:
        query = query.where(withdrawals.c.user_id == viewer.owner_id)
    if cursor is not None:
        query = query.where(withdrawals.c.id < cursor)
    rows = await session.execute(query.order_by(withdrawals.c.id.desc()).limit(limit))
    return [_withdrawal(row) for row in rows]


async def refunds_of(session: Session, withdrawal_ids: Sequence[str]) -> Sequence[Refund]:
    """Return the refunds of withdrawals, in the order they were divided."""
    query = select(refunds).where(refunds.c.withdrawal_id.in_(withdrawal_ids)).order_by(refunds.c.id)
    return [_refund(row) for row in await session.execute(query)]


async def begin_attempt(session: Session, refund_id: str, *, at: datetime) -> tuple[Refund, str] | None:
    """Return a refund nobody has answered for, with the charge's reference; note that it is tried."""
    row = (
        await session.execute(
            update(refunds)
            .where(
                refunds.c.id == refund_id,
                refunds.c.state == RefundState.REQUESTED,
                top_ups.c.id == refunds.c.top_up_id,
            )
            .values(attempted_at=func.coalesce(refunds.c.attempted_at, at))
            .returning(*refunds.c, top_ups.c.provider_reference.label("charge_reference"))
        )
    ).one_or_none()
    return None if row is None else (_refund(row), row.charge_reference)


async def find_refund(
    session: Session, *, provider_reference: str | None, refund_id: str | None
) -> Refund | None:
    """Return the refund a gateway means, by its reference or else by our id, not locked."""
    found = None
    if provider_reference is not None:
        found = await _one(session, select(refunds).where(refunds.c.provider_reference == provider_reference))
    if found is None and refund_id is not None:
        found = await _one(session, select(refunds).where(refunds.c.id == refund_id))
    return found


async def lock_refund(session: Session, refund_id: str) -> Refund | None:
    """Return one refund, locked; its owner's wallet must have been locked before."""
    return await _one(session, select(refunds).where(refunds.c.id == refund_id).with_for_update())


async def save_refund(session: Session, refund: Refund, *, heard_at: datetime) -> None:
    """Store a locked refund after the gateway answered, with news or without."""
    await session.execute(
        update(refunds)
        .where(refunds.c.id == refund.id)
        .values(
            state=refund.state,
            provider_reference=refund.provider_reference,
            reason_code=refund.reason_code,
            updated_at=refund.updated_at,
            heard_at=heard_at,
        )
    )


async def save_withdrawal(session: Session, withdrawal: Withdrawal) -> None:
    """Store where a withdrawal stands; the owner's wallet is locked."""
    await session.execute(
        update(withdrawals)
        .where(withdrawals.c.id == withdrawal.id)
        .values(state=withdrawal.state, returned=withdrawal.returned, updated_at=withdrawal.updated_at)
    )


async def silent_references(
    session: Session,
    *,
    pending_since: datetime,
    succeeded_since: datetime,
    watched_from: datetime,
    limit: int,
) -> Sequence[str]:
    """Return the references of silent refunds: those under way, and those that a bank may send back."""
    is_silent = or_(
        and_(refunds.c.state == RefundState.PENDING, refunds.c.heard_at < pending_since),
        and_(
            refunds.c.state == RefundState.SUCCEEDED,
            refunds.c.heard_at < succeeded_since,
            refunds.c.created_at >= watched_from,
        ),
    )
    rows = await session.execute(
        select(refunds.c.provider_reference)
        .where(is_silent, refunds.c.provider_reference.is_not(None))
        .order_by(refunds.c.heard_at)
        .limit(limit)
    )
    return [found for found in rows.scalars() if found is not None]


async def count_pending(session: Session, program_id: str, user_id: str) -> int:
    """Return how many withdrawals of a person have not come to an end."""
    query = select(func.count()).where(
        withdrawals.c.program_id == program_id,
        withdrawals.c.user_id == user_id,
        withdrawals.c.state == WithdrawalState.PENDING,
    )
    return int((await session.execute(query)).scalar_one())


async def _one(session: Session, query: Select[Any]) -> Refund | None:
    row = (await session.execute(query)).one_or_none()
    return None if row is None else _refund(row)


def _refund(row: Row[Any]) -> Refund:
    return Refund(
        id=row.id, withdrawal_id=row.withdrawal_id, top_up_id=row.top_up_id, program_id=row.program_id,
        user_id=row.user_id, amount=row.amount, currency=row.currency, state=RefundState(row.state),
        created_at=row.created_at, updated_at=row.updated_at, attempted_at=row.attempted_at,
        provider_reference=row.provider_reference,
        reason_code=RefundReason(row.reason_code) if row.reason_code is not None else None,
    )  # fmt: skip


def _withdrawal(row: Row[Any]) -> Withdrawal:
    return Withdrawal(
        id=row.id, program_id=row.program_id, user_id=row.user_id, kind=WithdrawalKind(row.kind),
        amount=row.amount, currency=row.currency, state=WithdrawalState(row.state), returned=row.returned,
        requested_by=row.requested_by, reason=row.reason, created_at=row.created_at,
        updated_at=row.updated_at,
    )  # fmt: skip
