"""The table of top-ups."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import CheckConstraint, Index, Row, Table, func, insert, or_, select, update

from cardwright.access import Viewer
from cardwright.core.sensitive import Sensitive
from cardwright.db.base import id_column, instant, metadata, minor_units, reference, text
from cardwright.db.session import Session
from cardwright.encryption import SealedColumn, open_sealed, seal
from cardwright.funding.domain import (
    IN_FLIGHT_STATES,
    OPEN_STATES,
    AutoUsage,
    Origin,
    TopUp,
    TopUpReason,
    TopUpState,
)

top_ups = Table(
    "top_ups",
    metadata,
    id_column(),
    reference("program_id"),
    reference("user_id"),
    minor_units("amount"),
    text("currency"),
    text("state"),
    text("payment_method_token", nullable=True),
    text("provider_reference", nullable=True, unique=True),
    text("reason_code", nullable=True),
    text("action_url", nullable=True),
    text("origin", server_default="holder"),
    reference("payment_method_id", nullable=True),
    instant("attempted_at", nullable=True),
    instant("cancel_requested_at", nullable=True),
    instant("created_at"),
    instant("updated_at"),
    instant("heard_at"),
    CheckConstraint("amount > 0", name="amount"),
    CheckConstraint("origin IN ('holder', 'auto')", name="origin"),
    CheckConstraint("payment_method_token IS NULL OR state = 'requested'", name="token_forgotten"),
    Index("ix_top_ups_user_id", "user_id", "id"),
    Index("ix_top_ups_program_id", "program_id", "id"),
    Index("ix_top_ups_in_flight", "heard_at", postgresql_where="state IN ('pending', 'requires_action')"),
    # The rule of a person never has two top-ups under way, whoever asks for them.
    Index(
        "uq_top_ups_auto_open",
        "user_id",
        unique=True,
        postgresql_where="origin = 'auto' AND state IN ('requested', 'pending', 'requires_action')",
    ),
)
_TOKEN: Final = SealedColumn(top_ups, "payment_method_token")
SEALED_COLUMNS: Final = (_TOKEN,)


async def insert_top_up(session: Session, top_up: TopUp, *, token: Sensitive | None) -> None:
    """Insert a requested top-up with the token it will be charged to, unless that is a saved method."""
    place = _TOKEN.place(top_up.id, top_up.program_id)
    await session.execute(
        insert(top_ups).values(
            id=top_up.id,
            program_id=top_up.program_id,
            user_id=top_up.user_id,
            amount=top_up.amount,
            currency=top_up.currency,
            state=top_up.state,
            payment_method_token=None if token is None else await seal(session, place, token.reveal()),
            origin=top_up.origin,
            payment_method_id=top_up.payment_method_id,
            created_at=top_up.created_at,
            updated_at=top_up.updated_at,
            heard_at=top_up.created_at,
        )
    )


async def find_top_up(session: Session, top_up_id: str) -> TopUp | None:
    """Return one top-up."""
    row = (await session.execute(select(top_ups).where(top_ups.c.id == top_up_id))).one_or_none()
    return _top_up(row) if row is not None else None


async def begin_attempt(
    session: Session, top_up_id: str, *, at: datetime
) -> tuple[TopUp, Sensitive | None] | None:
    """Return a top-up that no gateway has answered for yet, with its token, and note that it is tried."""
    row = (
        await session.execute(
            update(top_ups)
            .where(top_ups.c.id == top_up_id, top_ups.c.state == TopUpState.REQUESTED)
            .values(attempted_at=func.coalesce(top_ups.c.attempted_at, at))
            .returning(*top_ups.c)
        )
    ).one_or_none()
    if row is None:
        return None
    if row.payment_method_token is None:
        return _top_up(row), None
    place = _TOKEN.place(row.id, row.program_id)
    return _top_up(row), Sensitive(await open_sealed(session, place, row.payment_method_token))


async def lock_top_up(session: Session, top_up_id: str) -> TopUp | None:
    """Return one top-up, locked."""
    row = (
        await session.execute(select(top_ups).where(top_ups.c.id == top_up_id).with_for_update())
    ).one_or_none()
    return _top_up(row) if row is not None else None


async def mark_cancel_requested(session: Session, top_up_id: str, *, at: datetime) -> None:
    """Note that a locked top-up is to be given up."""
    await session.execute(update(top_ups).where(top_ups.c.id == top_up_id).values(cancel_requested_at=at))


async def find_for_update(
    session: Session, *, provider_reference: str | None, top_up_id: str | None
) -> TopUp | None:
    """Return the top-up a gateway means, by its reference or else by our id, locked."""
    query = select(top_ups).with_for_update()
    row = None
    if provider_reference is not None:
        by_reference = query.where(top_ups.c.provider_reference == provider_reference)
        row = (await session.execute(by_reference)).one_or_none()
    if row is None and top_up_id is not None:
        row = (await session.execute(query.where(top_ups.c.id == top_up_id))).one_or_none()
    return _top_up(row) if row is not None else None


async def find_by_reference(session: Session, provider_reference: str) -> TopUp | None:
    """Return the top-up of a charge, not locked."""
    query = select(top_ups).where(top_ups.c.provider_reference == provider_reference)
    row = (await session.execute(query)).one_or_none()
    return _top_up(row) if row is not None else None


async def page_visible(
    session: Session, viewer: Viewer, *, cursor: str | None, limit: int
) -> Sequence[TopUp]:
    """Return up to `limit` top-ups within a viewer's sight that are older than `cursor`, newest first."""
    query = select(top_ups).where(top_ups.c.program_id == viewer.program_id)
    if viewer.owner_id is not None:
        query = query.where(top_ups.c.user_id == viewer.owner_id)
    if cursor is not None:
        query = query.where(top_ups.c.id < cursor)
    rows = await session.execute(query.order_by(top_ups.c.id.desc()).limit(limit))
    return [_top_up(row) for row in rows]


async def unconfirmed_references(session: Session, *, before: datetime, limit: int) -> Sequence[str]:
    """Return the gateway's references of charges that wait for their payer since before then."""
    rows = await session.execute(
        select(top_ups.c.provider_reference)
        .where(
            top_ups.c.state == TopUpState.REQUIRES_ACTION,
            top_ups.c.provider_reference.is_not(None),
            top_ups.c.created_at < before,
        )
        .order_by(top_ups.c.created_at)
        .limit(limit)
    )
    return [reference for reference in rows.scalars() if reference is not None]


async def added_by(session: Session, user_id: str, *, since: datetime) -> tuple[int, int]:
    """Return how much of somebody's is under way, and how much they added since an instant, that included."""
    counting = top_ups.c.state.not_in([TopUpState.CANCELED, TopUpState.FAILED])
    total, is_open = func.sum(top_ups.c.amount), top_ups.c.state.in_(OPEN_STATES)
    query = select(
        func.coalesce(total.filter(is_open), 0),
        func.coalesce(total.filter(or_(is_open, top_ups.c.created_at >= since)), 0),
    ).where(top_ups.c.user_id == user_id, counting)
    row = (await session.execute(query)).one()
    return int(row[0]), int(row[1])


async def auto_usage(
    session: Session, user_id: str, *, since: datetime, day: datetime, month: datetime
) -> AutoUsage:
    """Return what somebody's rule has added, and how often it failed since it was set or last worked."""
    mine = (top_ups.c.user_id == user_id) & (top_ups.c.origin == Origin.AUTO)
    counting = top_ups.c.state.not_in([TopUpState.CANCELED, TopUpState.FAILED])
    total = func.sum(top_ups.c.amount)
    last_worked = (
        select(func.max(top_ups.c.created_at))
        .where(mine, top_ups.c.state == TopUpState.SUCCEEDED)
        .scalar_subquery()
    )
    has_failed = (
        (top_ups.c.state == TopUpState.FAILED)
        & (top_ups.c.created_at >= since)
        & (top_ups.c.created_at > func.coalesce(last_worked, since - timedelta(seconds=1)))
    )
    row = (
        await session.execute(
            select(
                func.coalesce(total.filter(counting, top_ups.c.created_at >= day), 0),
                func.coalesce(total.filter(counting, top_ups.c.created_at >= month), 0),
                func.count().filter(has_failed),
                func.count().filter(top_ups.c.state.in_(OPEN_STATES)),
            ).where(mine)
        )
    ).one()
    return AutoUsage(int(row[0]), int(row[1]), int(row[2]), is_one_open=bool(row[3]))


async def silent_references(session: Session, *, since: datetime, limit: int) -> Sequence[str]:
    """Return the gateway's references of charges in flight not heard of since then, longest first."""
    rows = await session.execute(
        select(top_ups.c.provider_reference)
        .where(
            top_ups.c.state.in_(IN_FLIGHT_STATES),
            top_ups.c.provider_reference.is_not(None),
            top_ups.c.heard_at < since,
        )
        .order_by(top_ups.c.heard_at)
        .limit(limit)
    )
    return [reference for reference in rows.scalars() if reference is not None]


async def save(session: Session, top_up: TopUp, *, heard_at: datetime) -> None:
    """Store a locked top-up after the gateway answered, with news or without, and forget its token."""
    await session.execute(
        update(top_ups)
        .where(top_ups.c.id == top_up.id)
        .values(
            state=top_up.state,
            payment_method_token=None,
            provider_reference=top_up.provider_reference,
            reason_code=top_up.reason_code,
            action_url=top_up.action_url,
            updated_at=top_up.updated_at,
            heard_at=heard_at,
        )
    )


def _top_up(row: Row[Any]) -> TopUp:
    return TopUp(
        id=row.id,
        program_id=row.program_id,
        user_id=row.user_id,
        amount=row.amount,
        currency=row.currency,
        state=TopUpState(row.state),
        created_at=row.created_at,
        updated_at=row.updated_at,
        provider_reference=row.provider_reference,
        reason_code=TopUpReason(row.reason_code) if row.reason_code is not None else None,
        action_url=row.action_url,
        origin=Origin(row.origin),
        payment_method_id=row.payment_method_id,
        attempted_at=row.attempted_at,
        cancel_requested_at=row.cancel_requested_at,
    )


async def count_unfinished(session: Session, program_id: str, user_id: str) -> int:
    """Return how many top-ups of a person have not come to an end."""
    query = (
        select(func.count())
        .select_from(top_ups)
        .where(
            top_ups.c.program_id == program_id,
            top_ups.c.user_id == user_id,
            top_ups.c.state.not_in([TopUpState.CANCELED, TopUpState.FAILED, TopUpState.SUCCEEDED]),
        )
    )
    return (await session.execute(query)).scalar_one()
