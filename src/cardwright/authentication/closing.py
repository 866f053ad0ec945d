"""Closing an account: nobody signs in as its owner any more, and soon nobody knows who it was."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from cardwright.authentication import (
    email_change_store,
    reset_store,
    session_store,
    store,
    verification_store,
)
from cardwright.authentication.domain import Identity
from cardwright.authentication.factors import forget_factors
from cardwright.authentication.federation import forget_links
from cardwright.authentication.passwords import NOBODYS_HASH
from cardwright.authentication.sessions import revoke_all_sessions
from cardwright.core.errors import NotFound
from cardwright.db.session import Session

FAREWELL: Final = timedelta(hours=1)
"""For so long the address of a closed account is kept, to tell its owner that it was closed."""
_AT_ONCE: Final = 100


async def close_account(session: Session, user_id: str, at: datetime) -> Identity:
    """End all sessions, links and codes of a person and let nobody sign in as them again.

    Raises NotFound `user_not_found` for nobody and for whoever is gone already.
    """
    held = await store.credentials_of_for_update(session, user_id)
    if held is None or held.identity.closed_at is not None:
        raise NotFound("user_not_found", "There is nobody with this id.")
    await store.save_closed(session, user_id, NOBODYS_HASH, at)
    await reset_store.save_used(session, user_id, at)
    await email_change_store.end_all(session, user_id, at)
    await forget_links(session, user_id)
    await revoke_all_sessions(session, user_id, at=at)
    return held.identity


async def list_erasable(session: Session, at: datetime) -> Sequence[Identity]:
    """Return and lock accounts that were closed long enough ago to be forgotten."""
    return await store.list_closed(session, at - FAREWELL, limit=_AT_ONCE)


async def erase_closed(session: Session, identity: Identity, at: datetime) -> None:
    """Forget the addresses of a closed account, its factors, and where and in what its owner signed in."""
    await store.erase_address(session, identity, at)
    await verification_store.remove_verifications_of(session, [identity.user_id])
    await email_change_store.remove_changes_of(session, identity.user_id)
    await forget_factors(session, identity.user_id)
    await session_store.erase_origins(session, identity.user_id)
