"""Keeping a card's number and giving it back; who may see it is decided before anybody asks here.

Give these a short transaction of their own: for as long as they look, it acts as the vault's role.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from cardwright.core.errors import Conflict, NotFound
from cardwright.core.sensitive import Sensitive
from cardwright.db.session import Session
from cardwright.encryption import open_sealed, seal
from cardwright.vault import store

KEPT_AFTER_CANCELLATION: Final = timedelta(days=30)
"""How long the number of a canceled card is kept: nobody is shown it, but an incident may have to name it."""
_AT_ONCE: Final = 500


async def keep(session: Session, *, card_id: str, program_id: str, number: Sensitive, at: datetime) -> None:
    """Keep a card's number; keeping it again does nothing, and another number is a Conflict."""
    # Sealed before it is a parameter of any statement: whatever PostgreSQL logs holds no number.
    sealed = await seal(session, store.NUMBER.place(card_id, program_id), number.reveal())
    if await store.add_number(session, card_id=card_id, program_id=program_id, sealed=sealed, at=at):
        return
    kept = await reveal(session, card_id=card_id, program_id=program_id)
    if not kept.matches(number.reveal()):
        raise Conflict("card_number_kept", "The vault keeps another number of this card.")


async def reveal(session: Session, *, card_id: str, program_id: str) -> Sensitive:
    """Return a card's number; raise NotFound when none is kept, EncryptionError when it was moved there."""
    sealed = await store.find_number(session, card_id=card_id, program_id=program_id)
    if sealed is None:
        raise NotFound("card_number_unknown", "The number of this card is not kept here.")
    return Sensitive(await open_sealed(session, store.NUMBER.place(card_id, program_id), sealed))


async def let_go(session: Session, *, card_id: str, program_id: str, at: datetime) -> None:
    """Erase the number of a card that was canceled, if one is kept, KEPT_AFTER_CANCELLATION from now."""
    after = at + KEPT_AFTER_CANCELLATION
    await store.mark_for_erasure(session, card_id=card_id, program_id=program_id, after=after)


async def erase_due(session: Session, at: datetime) -> Sequence[tuple[str, str]]:
    """Erase numbers that were let go and whose time is over; return the (card, program) of each."""
    return await store.erase_due(session, at, limit=_AT_ONCE)


async def is_kept(session: Session, *, card_id: str, program_id: str) -> bool:
    """Say whether the vault has the number of a card."""
    return await store.find_number(session, card_id=card_id, program_id=program_id) is not None
