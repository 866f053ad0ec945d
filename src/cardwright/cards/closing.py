"""Which cards hold an account back from being closed."""

from collections.abc import Sequence

from cardwright.cards.store import count_open_cards
from cardwright.db.session import Session
from cardwright.users import Obstacle


async def find_obstacles(session: Session, *, program_id: str, user_id: str) -> Sequence[Obstacle]:
    """Return that cards have to be canceled first; nobody cancels one without its owner's asking."""
    count = await count_open_cards(session, program_id, user_id)
    return (Obstacle("cards_open", f"Cancel your cards: {count} open."),) if count else ()
