"""The tables of cards, their limits, their transitions, and of holders at the processor."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ColumnElement,
    Identity,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Row,
    Table,
    Text,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from cardwright.cards.domain import Card, CardState, Limit, Window
from cardwright.cards.ports import DEFAULT_PROCESSOR, IssuedCard
from cardwright.core.errors import NotFound
from cardwright.db.base import id_column, instant, metadata, minor_units, reference, text
from cardwright.db.session import Session

cards = Table(
    "cards",
    metadata,
    id_column(),
    reference("program_id"),
    reference("user_id"),
    text("label"),
    text("type"),
    text("currency"),
    text("state"),
    text("last4", nullable=True),
    Column("exp_month", Integer),
    Column("exp_year", Integer),
    Column("processor", Text, nullable=False, server_default=DEFAULT_PROCESSOR),
    text("processor_reference", nullable=True, unique=True),
    instant("created_at"),
    CheckConstraint("state IN ('inactive', 'active', 'frozen', 'canceled')", name="state"),
    Index("ix_cards_user_id", "user_id", "id"),
)
card_limits = Table(
    "card_limits",
    metadata,
    reference("card_id"),
    text("window"),
    minor_units("amount"),
    PrimaryKeyConstraint("card_id", "window"),
    CheckConstraint("amount >= 0", name="amount"),
)
card_transitions = Table(
    "card_transitions",
    metadata,
    Column("position", BigInteger, Identity(), primary_key=True),
    reference("card_id", index=True),
    text("from_state", nullable=True),
    text("to_state"),
    reference("actor_id"),
    text("reason"),
    instant("at"),
)
processor_holders = Table(
    "processor_holders",
    metadata,
    reference("user_id"),
    Column("processor", Text, nullable=False, server_default=DEFAULT_PROCESSOR),
    text("processor_reference", unique=True),
    PrimaryKeyConstraint("user_id", "processor"),
)


async def insert_card(session: Session, card: Card) -> None:
    """Insert a card with its limits."""
    await session.execute(
        insert(cards).values(
            id=card.id, program_id=card.program_id, user_id=card.user_id, label=card.label, type=card.type,
            currency=card.currency, state=card.state, processor=card.processor, created_at=card.created_at,
        )
    )  # fmt: skip
    await replace_limits(session, card.id, card.limits)


async def replace_limits(session: Session, card_id: str, limits: Sequence[Limit]) -> None:
    """Replace all limits of a card."""
    await session.execute(delete(card_limits).where(card_limits.c.card_id == card_id))
    if limits:
        rows = [{"card_id": card_id, "window": limit.window, "amount": limit.amount} for limit in limits]
        await session.execute(insert(card_limits), rows)


async def find_card(session: Session, card_id: str) -> Card | None:
    """Return a card, not locked."""
    return await _one(session, cards.c.id == card_id, lock=False)


async def card_for_update(session: Session, card_id: str) -> Card:
    """Return a card, locked until the transaction ends; raise NotFound."""
    card = await _one(session, cards.c.id == card_id, lock=True)
    if card is None:
        raise NotFound("card_unknown", "There is no such card.")
    return card


async def find_card_by_processor(session: Session, reference: str) -> Card | None:
    """Return the card that the processor knows under a reference, not locked."""
    return await _one(session, cards.c.processor_reference == reference, lock=False)


async def find_card_by_processor_for_update(session: Session, reference: str) -> Card | None:
    """Return the card that the processor knows under a reference, locked until the transaction ends."""
    return await _one(session, cards.c.processor_reference == reference, lock=True)


async def cards_page(session: Session, *, user_id: str, before: str | None, limit: int) -> Sequence[Card]:
    """Return a person's cards, newest first."""
    query = select(cards).where(cards.c.user_id == user_id)
    if before is not None:
        query = query.where(cards.c.id < before)
    rows = (await session.execute(query.order_by(cards.c.id.desc()).limit(limit))).all()
    limits = await _limits(session, [row.id for row in rows])
    return [_card(row, limits.get(row.id, ())) for row in rows]


async def save_state(
    session: Session, card: Card, wanted: CardState, *, actor_id: str, reason: str, at: datetime
) -> None:
    """Write a transition and the state it leads to."""
    await session.execute(update(cards).where(cards.c.id == card.id).values(state=wanted))
    await session.execute(
        insert(card_transitions).values(
            card_id=card.id, from_state=card.state, to_state=wanted, actor_id=actor_id, reason=reason, at=at
        )
    )


async def save_issued(session: Session, card_id: str, issued: IssuedCard) -> None:
    """Write what the processor answered."""
    await session.execute(
        update(cards)
        .where(cards.c.id == card_id)
        .values(
            processor_reference=issued.reference, last4=issued.last4, exp_month=issued.exp_month,
            exp_year=issued.exp_year,
        )
    )  # fmt: skip


async def find_holder_reference(session: Session, user_id: str, processor: str) -> str | None:
    """Return a processor's reference of a person."""
    found = await session.execute(
        select(processor_holders.c.processor_reference).where(
            processor_holders.c.user_id == user_id, processor_holders.c.processor == processor
        )
    )
    reference: str | None = found.scalar_one_or_none()
    return reference


async def save_holder_reference(session: Session, user_id: str, processor: str, reference: str) -> None:
    """Keep a processor's reference of a person; the first one stays."""
    await session.execute(
        upsert(processor_holders)
        .values(user_id=user_id, processor=processor, processor_reference=reference)
        .on_conflict_do_nothing()
    )


async def count_transitions(session: Session, card_id: str) -> int:
    """Return how many transitions a card has had: the version of its state."""
    query = select(func.count()).where(card_transitions.c.card_id == card_id)
    return (await session.execute(query)).scalar_one()


async def _one(session: Session, condition: ColumnElement[bool], *, lock: bool) -> Card | None:
    query = select(cards).where(condition)
    row = (await session.execute(query.with_for_update(key_share=True) if lock else query)).one_or_none()
    if row is None:
        return None
    return _card(row, (await _limits(session, [row.id])).get(row.id, ()))


async def _limits(session: Session, card_ids: Sequence[str]) -> dict[str, tuple[Limit, ...]]:
    rows = await session.execute(
        select(card_limits).where(card_limits.c.card_id.in_(card_ids)).order_by(card_limits.c.window)
    )
    found: dict[str, tuple[Limit, ...]] = {}
    for row in rows:
        found[row.card_id] = (*found.get(row.card_id, ()), Limit(Window(row.window), row.amount))
    return found


def _card(row: Row[Any], limits: tuple[Limit, ...]) -> Card:
    return Card(
        id=row.id, program_id=row.program_id, user_id=row.user_id, label=row.label, type=row.type,
        currency=row.currency, state=CardState(row.state), last4=row.last4, exp_month=row.exp_month,
        exp_year=row.exp_year, processor=row.processor, processor_reference=row.processor_reference,
        limits=limits, created_at=row.created_at,
    )  # fmt: skip


async def count_open_cards(session: Session, program_id: str, user_id: str) -> int:
    """Return how many cards of a person are not canceled."""
    query = (
        select(func.count())
        .select_from(cards)
        .where(
            cards.c.program_id == program_id, cards.c.user_id == user_id, cards.c.state != CardState.CANCELED
        )
    )
    return (await session.execute(query)).scalar_one()
