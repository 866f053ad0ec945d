"""Statements of the sweeps: which cards are over, expire soon, may be used up; what processors call them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select, update

from cardwright.cards.domain import CardState
from cardwright.cards.store import cards
from cardwright.db.session import Session

_MONTHS = 12


async def over_card_ids(session: Session, at: datetime, *, limit: int) -> Sequence[str]:
    """Return ids of open cards whose validity or whose month of expiry is over; `at` is in UTC."""
    is_over = or_(cards.c.valid_until <= at, _expires_until(at))
    query = select(cards.c.id).where(cards.c.state != CardState.CANCELED, is_over)
    return (await session.execute(query.order_by(cards.c.id).limit(limit))).scalars().all()


async def expiring_card_ids(session: Session, until: datetime, *, limit: int) -> Sequence[str]:
    """Return ids of cards that expire until an instant in UTC, whose holders have not been told."""
    query = select(cards.c.id).where(*_untold(), _expires_until(until))
    return (await session.execute(query.order_by(cards.c.id).limit(limit))).scalars().all()


async def mark_told(session: Session, card_id: str, at: datetime) -> bool:
    """Write that a holder is told of the expiry; answer False where that is done or needless."""
    marked = await session.execute(
        update(cards).where(cards.c.id == card_id, *_untold()).values(expiry_told_at=at).returning(cards.c.id)
    )
    return marked.scalar_one_or_none() is not None


async def limited_card_ids(session: Session, *, after: str, limit: int) -> Sequence[str]:
    """Return ids of open cards that may be used only so often, in order."""
    query = select(cards.c.id).where(
        cards.c.id > after, cards.c.uses.is_not(None), cards.c.state != CardState.CANCELED
    )
    return (await session.execute(query.order_by(cards.c.id).limit(limit))).scalars().all()


async def processor_references(session: Session, card_ids: Sequence[str]) -> Mapping[str, str]:
    """Return what the processors call these cards, by our ids; cards that are not issued are left out."""
    query = select(cards.c.id, cards.c.processor_reference).where(
        cards.c.id.in_(card_ids), cards.c.processor_reference.is_not(None)
    )
    return {row.id: row.processor_reference for row in await session.execute(query)}


async def issued_among(session: Session, references: Collection[str]) -> set[str]:
    """Return those of processors' names for cards that are ours."""
    query = select(cards.c.processor_reference).where(cards.c.processor_reference.in_(references))
    return {str(found) for found in (await session.execute(query)).scalars()}


def _untold() -> tuple[ColumnElement[bool], ...]:
    return (
        cards.c.state.in_((CardState.ACTIVE, CardState.FROZEN)),
        cards.c.expiry_told_at.is_(None),
        cards.c.replaced_by.is_(None),
    )


def _expires_until(at: datetime) -> ColumnElement[bool]:
    # A card is good through the last instant of its month.
    return cards.c.exp_year * _MONTHS + cards.c.exp_month < at.year * _MONTHS + at.month
