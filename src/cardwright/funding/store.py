"""The table of top-ups."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import CheckConstraint, Index, Row, Table, func, insert, select, update

from cardwright.core.sensitive import Sensitive
from cardwright.db.base import id_column, instant, metadata, minor_units, reference, text
from cardwright.db.session import Session
from cardwright.encryption import SealedColumn, open_sealed, seal
from cardwright.funding.domain import IN_FLIGHT_STATES, TopUp, TopUpReason, TopUpState

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
    instant("created_at"),
    instant("updated_at"),
    instant("heard_at"),
    CheckConstraint("amount > 0", name="amount"),
    CheckConstraint("payment_method_token IS NULL OR state = 'requested'", name="token_forgotten"),
    Index("ix_top_ups_user_id", "user_id", "id"),
    Index("ix_top_ups_in_flight", "heard_at", postgresql_where="state IN ('pending', 'requires_action')"),
)
_TOKEN: Final = SealedColumn(top_ups, "payment_method_token")
SEALED_COLUMNS: Final = (_TOKEN,)


async def insert_top_up(session: Session, top_up: TopUp, *, payment_method_token: Sensitive) -> None:
    """Insert a requested top-up with the token it will be charged to."""
    place = _TOKEN.place(top_up.id, top_up.program_id)
    await session.execute(
        insert(top_ups).values(
            id=top_up.id,
            program_id=top_up.program_id,
            user_id=top_up.user_id,
            amount=top_up.amount,
            currency=top_up.currency,
            state=top_up.state,
            payment_method_token=await seal(session, place, payment_method_token.reveal()),
            created_at=top_up.created_at,
            updated_at=top_up.updated_at,
            heard_at=top_up.created_at,
        )
    )


async def find_top_up(session: Session, top_up_id: str) -> TopUp | None:
    """Return one top-up."""
    row = (await session.execute(select(top_ups).where(top_ups.c.id == top_up_id))).one_or_none()
    return _top_up(row) if row is not None else None


async def find_uncharged(session: Session, top_up_id: str) -> tuple[TopUp, Sensitive] | None:
    """Return a top-up that no gateway has answered for yet, with its payment method's token."""
    row = (
        await session.execute(
            select(top_ups).where(top_ups.c.id == top_up_id, top_ups.c.payment_method_token.is_not(None))
        )
    ).one_or_none()
    if row is None:
        return None
    place = _TOKEN.place(row.id, row.program_id)
    return _top_up(row), Sensitive(await open_sealed(session, place, row.payment_method_token))


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


async def page_of_user(session: Session, *, user_id: str, cursor: str | None, limit: int) -> Sequence[TopUp]:
    """Return up to `limit` top-ups of a person that are older than `cursor`, newest first."""
    query = select(top_ups).where(top_ups.c.user_id == user_id)
    if cursor is not None:
        query = query.where(top_ups.c.id < cursor)
    rows = await session.execute(query.order_by(top_ups.c.id.desc()).limit(limit))
    return [_top_up(row) for row in rows]


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
