"""Changing one's password, with the one before it."""

from datetime import datetime

from cardwright import audit
from cardwright.access import Actor
from cardwright.authentication import reset_store, store
from cardwright.authentication.domain import Credentials
from cardwright.authentication.factors import has_factor
from cardwright.authentication.passwords import PasswordCheck, check_password
from cardwright.authentication.sessions import revoke_all_sessions
from cardwright.core.errors import Invalid, NotFound
from cardwright.db import outbox
from cardwright.db.outbox import Event
from cardwright.db.session import Session


async def get_credentials(session: Session, user_id: str) -> Credentials:
    """Return a person's credentials; NotFound `user_not_found` for a closed account and for nobody."""
    found = await store.find_credentials_of(session, user_id)
    if found is None or found.identity.closed_at is not None:
        raise NotFound("user_not_found", "There is nobody with this id.")
    return found


async def ensure_factor_if_any(session: Session, actor: Actor, at: datetime) -> None:
    """Raise StepUpRequired when somebody has a second factor and has not just used it."""
    if await has_factor(session, actor.user_id):
        actor.ensure_recent_factor(at)


async def ensure_password(credentials: Credentials, password: str) -> None:
    """Raise Invalid `password_wrong` unless it is theirs; slow, so call it with no transaction open."""
    check: PasswordCheck = await check_password(password, credentials.password_hash)
    if not check.is_correct:
        raise Invalid("password_wrong", "This is not your password.")


async def save_new_password(
    session: Session, checked: Credentials, password_hash: str, *, session_id: str | None, at: datetime
) -> None:
    """Replace a password that was just checked, end every other session and every reset, tell the owner.

    Raises Invalid `password_wrong` when another password was set while this one was being checked.
    """
    user_id, program_id = checked.identity.user_id, checked.identity.program_id
    current = await store.credentials_of_for_update(session, user_id)
    if current is None or current.password_hash != checked.password_hash:
        raise Invalid("password_wrong", "This is not your password any more.")
    await store.save_password_hash(session, user_id, password_hash)
    await reset_store.save_used(session, user_id, at)
    await revoke_all_sessions(session, user_id, except_id=session_id, at=at)
    await audit.record(session, user_id, program_id, "password.changed", user_id, {}, at)
    await outbox.append(session, Event("authentication.password_changed", program_id, user_id, at))
