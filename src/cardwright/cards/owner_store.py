"""Whose a card is, by what is printed on it."""

from collections.abc import Sequence

from sqlalchemy import select

from cardwright.cards.store import cards
from cardwright.db.session import Session


async def owners_of_last4(
    session: Session, program_id: str, last4: str, *, before: str | None, limit: int
) -> Sequence[str]:
    """Return who has or had a card that ends so, newest first, those after the user id `before`."""
    query = select(cards.c.user_id).where(cards.c.program_id == program_id, cards.c.last4 == last4)
    if before is not None:
        query = query.where(cards.c.user_id < before)
    rows = await session.execute(query.distinct().order_by(cards.c.user_id.desc()).limit(limit))
    return rows.scalars().all()
