"""The tables of saved payment methods and of the gateway's customers they belong to."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    Row,
    Select,
    Table,
    func,
    select,
    update,
)
from sqlalchemy import insert as plain_insert
from sqlalchemy.dialects.postgresql import insert

from cardwright.core.sensitive import Sensitive
from cardwright.db.base import id_column, instant, metadata, reference, text
from cardwright.db.session import Session
from cardwright.encryption import SealedColumn, open_sealed, seal
from cardwright.funding.domain import KEPT_STATES, CardDetails, MethodState, SavedMethod, TopUpReason

customers = Table(
    "gateway_customers",
    metadata,
    id_column("user_id"),
    reference("program_id"),
    text("provider_reference"),
    instant("created_at"),
)
methods = Table(
    "payment_methods",
    metadata,
    id_column(),
    reference("program_id"),
    reference("user_id"),
    text("state"),
    text("label", nullable=True),
    Column("is_default", Boolean, nullable=False),
    text("brand", nullable=True),
    text("last4", nullable=True),
    Column("exp_month", Integer, nullable=True),
    Column("exp_year", Integer, nullable=True),
    text("payment_method_token", nullable=True),
    text("setup_reference", nullable=True, unique=True),
    text("provider_reference", nullable=True, unique=True),
    text("reason_code", nullable=True),
    text("action_url", nullable=True),
    instant("created_at"),
    instant("updated_at"),
    instant("heard_at"),
    CheckConstraint("payment_method_token IS NULL OR state = 'requested'", name="token_forgotten"),
    CheckConstraint("NOT is_default OR state = 'active'", name="default_active"),
    CheckConstraint("last4 ~ '^[0-9]{4}$'", name="last4"),
    Index("ix_payment_methods_user_id", "user_id", "id"),
    Index("uq_payment_methods_default", "user_id", unique=True, postgresql_where="is_default"),
    Index("ix_payment_methods_waiting", "heard_at", postgresql_where="state = 'requires_action'"),
)
_TOKEN: Final = SealedColumn(methods, "payment_method_token")
SEALED_COLUMNS: Final = (_TOKEN,)


async def insert_method(session: Session, method: SavedMethod, *, token: Sensitive) -> None:
    """Insert a method that is to be kept, with the token it is known by until then."""
    place = _TOKEN.place(method.id, method.program_id)
    await session.execute(
        plain_insert(methods).values(
            id=method.id,
            program_id=method.program_id,
            user_id=method.user_id,
            state=method.state,
            label=method.label,
            is_default=False,
            payment_method_token=await seal(session, place, token.reveal()),
            created_at=method.created_at,
            updated_at=method.updated_at,
            heard_at=method.created_at,
        )
    )


async def find_token(session: Session, method_id: str) -> tuple[SavedMethod, Sensitive] | None:
    """Return a method that no gateway has answered for yet, with its token."""
    query = select(methods).where(methods.c.id == method_id, methods.c.payment_method_token.is_not(None))
    row = (await session.execute(query)).one_or_none()
    if row is None:
        return None
    place = _TOKEN.place(row.id, row.program_id)
    return _method(row), Sensitive(await open_sealed(session, place, row.payment_method_token))


async def find_method(session: Session, method_id: str) -> SavedMethod | None:
    """Return one method, not locked."""
    return await _one(session, select(methods).where(methods.c.id == method_id))


async def lock_method(session: Session, method_id: str) -> SavedMethod | None:
    """Return one method, locked."""
    return await _one(session, select(methods).where(methods.c.id == method_id).with_for_update())


async def find_for_update(
    session: Session, *, setup_reference: str | None, method_id: str | None
) -> SavedMethod | None:
    """Return the method a gateway means, by its reference or else by our id, locked."""
    found = None
    if setup_reference is not None:
        query = select(methods).where(methods.c.setup_reference == setup_reference)
        found = await _one(session, query.with_for_update())
    if found is None and method_id is not None:
        found = await lock_method(session, method_id)
    return found


async def find_by_reference_for_update(session: Session, provider_reference: str) -> SavedMethod | None:
    """Return the method of a gateway's id, locked."""
    query = select(methods).where(methods.c.provider_reference == provider_reference)
    return await _one(session, query.with_for_update())


async def list_kept(session: Session, user_id: str) -> Sequence[SavedMethod]:
    """Return the methods that somebody keeps or is about to, newest first."""
    query = select(methods).where(methods.c.user_id == user_id, methods.c.state.in_(KEPT_STATES))
    return [_method(row) for row in await session.execute(query.order_by(methods.c.id.desc()))]


async def save(session: Session, method: SavedMethod, *, heard_at: datetime) -> None:
    """Store a locked method, and forget its token."""
    card = method.card
    await session.execute(
        update(methods)
        .where(methods.c.id == method.id)
        .values(
            state=method.state,
            label=method.label,
            is_default=method.is_default,
            brand=card and card.brand,
            last4=card and card.last4,
            exp_month=card and card.exp_month,
            exp_year=card and card.exp_year,
            payment_method_token=None,
            setup_reference=method.setup_reference,
            provider_reference=method.provider_reference,
            reason_code=method.reason_code,
            action_url=method.action_url,
            updated_at=method.updated_at,
            heard_at=heard_at,
        )
    )


async def save_label(session: Session, method_id: str, label: str | None, *, at: datetime) -> None:
    """Rename a method."""
    await session.execute(update(methods).where(methods.c.id == method_id).values(label=label, updated_at=at))


async def make_default(session: Session, method: SavedMethod) -> None:
    """Let an active method be the one that is taken when none is named, and no other."""
    await session.execute(
        update(methods)
        .where(methods.c.user_id == method.user_id, methods.c.is_default)
        .values(is_default=False)
    )
    await session.execute(update(methods).where(methods.c.id == method.id).values(is_default=True))


async def has_default(session: Session, user_id: str) -> bool:
    """Answer whether somebody has a default method."""
    query = select(func.count()).where(methods.c.user_id == user_id, methods.c.is_default)
    return bool((await session.execute(query)).scalar_one())


async def silent_setups(session: Session, *, since: datetime, limit: int) -> Sequence[str]:
    """Return the references of methods that wait for their owner and were not heard of since then."""
    rows = await session.execute(
        select(methods.c.setup_reference)
        .where(
            methods.c.state == MethodState.REQUIRES_ACTION,
            methods.c.setup_reference.is_not(None),
            methods.c.heard_at < since,
        )
        .order_by(methods.c.heard_at)
        .limit(limit)
    )
    return [found for found in rows.scalars() if found is not None]


async def find_customer(session: Session, user_id: str) -> str | None:
    """Return the gateway's id of a person."""
    query = select(customers.c.provider_reference).where(customers.c.user_id == user_id)
    found: str | None = (await session.execute(query)).scalar_one_or_none()
    return found


async def keep_customer(
    session: Session, *, program_id: str, user_id: str, provider_reference: str, at: datetime
) -> str:
    """Store the gateway's id of a person, and return the one that was stored first."""
    await session.execute(
        insert(customers)
        .values(user_id=user_id, program_id=program_id, provider_reference=provider_reference, created_at=at)
        .on_conflict_do_nothing()
    )
    return await find_customer(session, user_id) or provider_reference


async def _one(session: Session, query: Select[Any]) -> SavedMethod | None:
    row = (await session.execute(query)).one_or_none()
    return None if row is None else _method(row)


def _method(row: Row[Any]) -> SavedMethod:
    has_card = row.last4 is not None
    return SavedMethod(
        id=row.id,
        program_id=row.program_id,
        user_id=row.user_id,
        state=MethodState(row.state),
        created_at=row.created_at,
        updated_at=row.updated_at,
        label=row.label,
        is_default=row.is_default,
        card=CardDetails(row.brand, row.last4, row.exp_month, row.exp_year) if has_card else None,
        setup_reference=row.setup_reference,
        provider_reference=row.provider_reference,
        reason_code=TopUpReason(row.reason_code) if row.reason_code is not None else None,
        action_url=row.action_url,
    )
