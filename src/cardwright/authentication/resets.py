"""Forgotten passwords: asked for by address, proven by a link in the mailbox, replaced once.

Asking writes the same two rows for every address; whose it is, is looked up in the background. A reset
proves what registering proved, the mailbox, and therefore replaces the password alone: second factors stay.
"""

from datetime import datetime, timedelta
from typing import Final

from cardwright import audit
from cardwright.authentication import reset_store, store
from cardwright.authentication.codes import EmailCodes
from cardwright.authentication.domain import Identity
from cardwright.authentication.letters import AccountLinks, Letter
from cardwright.authentication.reset_store import PasswordReset
from cardwright.authentication.sessions import revoke_all_sessions
from cardwright.core.ids import new_id
from cardwright.db import outbox
from cardwright.db.jobs import Work
from cardwright.db.outbox import Event
from cardwright.db.session import Session

RESET_LIFETIME: Final = timedelta(minutes=30)
REQUESTED: Final = "authentication.password_reset_requested"
_USE: Final = "password_reset"


async def request_reset(session: Session, *, program_id: str, email: str, at: datetime) -> None:
    """Note that somebody forgot the password of a normalized address, whether anybody has it or not."""
    reset = PasswordReset(new_id("reset"), program_id, email, at + RESET_LIFETIME)
    await reset_store.add_reset(session, reset)
    await outbox.append(session, Event(REQUESTED, program_id, reset.id, at))
    await audit.record(session, "anonymous", program_id, "password.reset_requested", reset.id, {}, at)


async def issue_reset(work: Work, event: Event) -> None:
    """Have the link sent, if the address is proven and its account is open; else forget that it was asked."""
    async with work.transaction() as session:
        reset = await reset_store.reset_for_update(session, event.subject_id)
        if reset is None or reset.email is None:
            return
        found = await store.find_credentials(session, reset.program_id, reset.email)
        if found is None or found.identity.verified_at is None or found.identity.closed_at is not None:
            await reset_store.remove_reset(session, reset.id)
            return
        await give_reset(session, reset, found.identity, event.occurred_at)


async def give_reset(session: Session, reset: PasswordReset, identity: Identity, at: datetime) -> None:
    """Make a stored reset somebody's and have its link sent to their address."""
    await reset_store.save_owner(session, reset.id, identity.user_id)
    issued = Event(
        "authentication.password_reset_issued", identity.program_id, identity.user_id, at,
        {"reset_id": reset.id},
    )  # fmt: skip
    await outbox.append(session, issued)


async def find_reset_letter(
    session: Session, codes: EmailCodes, links: AccountLinks, reset_id: str
) -> Letter | None:
    """Return the link to send and where to; None when it is good for nothing any more."""
    reset = await reset_store.find_reset(session, reset_id)
    if reset is None or reset.user_id is None or reset.used_at is not None:
        return None
    identity = await store.find_identity(session, reset.user_id)
    if identity is None:
        return None
    link = links.reset(f"{reset.id}.{codes.token(_USE, reset.id)}")
    return Letter(identity.email, {"link": link}, reset.expires_at)


async def find_open_reset(
    session: Session, codes: EmailCodes, token: str, at: datetime
) -> tuple[PasswordReset, Identity] | None:
    """Return what a token from a link may be used for, and whose it is; None for any other token."""
    reset_id, _, proof = token.partition(".")
    if not codes.is_token(_USE, reset_id, proof):
        return None
    reset = await reset_store.find_reset(session, reset_id)
    if reset is None or reset.user_id is None or not reset.is_open(at):
        return None
    identity = await store.find_identity(session, reset.user_id)
    return None if identity is None or identity.closed_at is not None else (reset, identity)


async def complete_reset(session: Session, reset_id: str, password_hash: str, at: datetime) -> bool:
    """Replace the password of a reset that is still open and end all sessions; False when it is not.

    All other resets of the person end too. It signs nobody in.
    """
    found = await reset_store.find_reset(session, reset_id)
    if found is None or found.user_id is None:
        return False
    # The identity is locked before what hangs on it, as everywhere, so that nobody waits in a circle.
    held = await store.credentials_of_for_update(session, found.user_id)
    reset = await reset_store.reset_for_update(session, reset_id)
    if held is None or held.identity.closed_at is not None or reset is None or not reset.is_open(at):
        return False
    identity = held.identity
    await store.save_password_hash(session, identity.user_id, password_hash)
    await reset_store.save_used(session, identity.user_id, at)
    await revoke_all_sessions(session, identity.user_id, at=at)
    await audit.record(
        session, identity.user_id, identity.program_id, "password.reset", identity.user_id,
        {"reset_id": reset_id}, at,
    )  # fmt: skip
    await outbox.append(
        session, Event("authentication.password_changed", identity.program_id, identity.user_id, at)
    )
    return True
