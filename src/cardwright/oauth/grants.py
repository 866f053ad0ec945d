"""Whether what was granted still counts, and how it ends."""

from datetime import datetime

from cardwright import audit
from cardwright.authentication import find_session
from cardwright.db import outbox
from cardwright.db.outbox import Event
from cardwright.db.session import Session
from cardwright.oauth.domain import Client, Grant
from cardwright.oauth.store import clients
from cardwright.oauth.store import grants as store


async def find_living_grant(session: Session, grant_id: str, at: datetime) -> Grant | None:
    """Return a grant whose tokens count at this moment, or None."""
    grant = await store.find_grant(session, grant_id)
    if grant is None:
        return None
    client = await clients.find_client(session, grant.client_id, grant.program_id)
    is_alive = client is not None and await is_grant_alive(session, grant, client, at)
    return grant if is_alive else None


async def is_grant_alive(session: Session, grant: Grant, client: Client, at: datetime) -> bool:
    """Answer whether a grant counts: itself, its client, and the session that it was given in.

    A grant outlives the natural end of that session, as a phone outlives an idle browser, but not the session
    being ended by somebody.
    """
    if not grant.is_alive(at) or client.disabled_at is not None:
        return False
    if grant.session_id is None:
        return True
    held = await find_session(session, grant.session_id)
    return held is not None and held.revoked_at is None


async def revoke_grant(session: Session, grant: Grant, *, by: str, at: datetime) -> None:
    """End a grant and all its tokens; ending it again changes nothing."""
    if await store.save_revoked(session, grant.id, at):
        details = {"client_id": grant.client_id}
        await audit.record(session, by, grant.program_id, "grant.revoked", grant.id, details, at)


async def end_stolen(session: Session, grant: Grant, event_type: str, at: datetime) -> None:
    """End a grant of which somebody showed a spent code or token, and let its owner be told."""
    if grant.revoked_at is None:
        await revoke_grant(session, grant, by="system", at=at)
        payload = {"grant_id": grant.id, "client_id": grant.client_id}
        await outbox.append(session, Event(event_type, grant.program_id, grant.user_id, at, payload))
