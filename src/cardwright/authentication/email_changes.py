"""Changing one's e-mail address: a code proves the new mailbox, and the old one may undo it for a week."""

from datetime import datetime, timedelta
from typing import Final

from cardwright import audit
from cardwright.audit import Action
from cardwright.authentication import email_change_store, reset_store, store, verification_store
from cardwright.authentication.codes import EmailCodes
from cardwright.authentication.domain import CODE_LIFETIME, Credentials, Identity
from cardwright.authentication.email_change_store import EmailChange
from cardwright.authentication.federation import forget_links
from cardwright.authentication.letters import AccountLinks, Letter
from cardwright.authentication.passwords import NOBODYS_HASH
from cardwright.authentication.reset_store import PasswordReset
from cardwright.authentication.resets import RESET_LIFETIME, give_reset
from cardwright.authentication.sessions import revoke_all_sessions
from cardwright.core.errors import Invalid
from cardwright.core.ids import new_id
from cardwright.db import outbox
from cardwright.db.outbox import Event
from cardwright.db.session import Session

VETO_LIFETIME: Final = timedelta(days=7)
_USE: Final = "email_change_veto"


async def request_change(session: Session, checked: Credentials, new_email: str, at: datetime) -> str:
    """Ask for a change to a normalized address, in place of any before; return its id.

    The code goes to the new address, unless somebody has it already; the answer is the same. A notice with a
    link that undoes the change goes to the old one.
    """
    identity = checked.identity
    if new_email == identity.email:
        raise Invalid("email_unchanged", "This is your address already.")
    held = await store.credentials_of_for_update(session, identity.user_id)
    if held is None or held.password_hash != checked.password_hash:
        raise Invalid("password_wrong", "This is not your password any more.")
    await email_change_store.end_unconfirmed(session, identity.user_id, at)
    change = EmailChange(
        new_id("emch"), identity.program_id, identity.user_id, identity.email, new_email,
        expires_at=at + CODE_LIFETIME, veto_until=at + VETO_LIFETIME,
    )  # fmt: skip
    await email_change_store.add_change(session, change)
    await _record(session, change, "email.change_requested", at)
    for happened in ("email_code_requested", "email_change_requested"):
        await outbox.append(session, _event(f"authentication.{happened}", change, at))
    return change.id


async def confirm_change(
    session: Session,
    codes: EmailCodes,
    *,
    user_id: str,
    change_id: str,
    code: str,
    session_id: str | None,
    at: datetime,
) -> bool:
    """Make the new address a person's own with the code that was sent there; end their other sessions.

    False for whatever reason it does not come to that; a wrong code is counted, so the caller commits first.
    """
    held = await store.credentials_of_for_update(session, user_id)
    change = await email_change_store.change_for_update(session, change_id)
    if held is None or change is None or change.user_id != user_id or not change.is_open(at):
        return False
    is_correct = codes.is_correct(change.id, code) and await _make_room(session, change)
    if not is_correct or not await store.save_email(session, change.program_id, user_id, change.new_email):
        await email_change_store.save_try(session, change.id, confirmed_at=None)
        return False
    await email_change_store.save_try(session, change.id, confirmed_at=at)
    await reset_store.save_used(session, user_id, at)
    await revoke_all_sessions(session, user_id, except_id=session_id, at=at)
    await _record(session, change, "email.changed", at)
    await outbox.append(session, _event("authentication.email_changed", change, at))
    return True


async def veto_change(session: Session, codes: EmailCodes, token: str, at: datetime) -> bool:
    """Undo a change, confirmed or not, with the link that the old address was sent; False for any other.

    Whoever asked for the change knew the password: the account is taken out of their hands. All sessions end,
    the password is good for nothing, and the old address is sent a link to set another.
    """
    change_id, _, proof = token.partition(".")
    if not codes.is_token(_USE, change_id, proof):
        return False
    found = await email_change_store.find_change(session, change_id)
    held = None if found is None else await store.credentials_of_for_update(session, found.user_id)
    change = await email_change_store.change_for_update(session, change_id)
    if held is None or change is None or held.identity.closed_at is not None or not change.is_vetoable(at):
        return False
    if held.identity.email != change.old_email and not await _give_back(session, change):
        return False
    await email_change_store.end_all(session, change.user_id, at)
    await _secure(session, change, held.identity, at)
    return True


async def find_code_letter(session: Session, codes: EmailCodes, change_id: str) -> Letter | None:
    """Return the code for a new address; None when it is good for nothing, or the address is somebody's."""
    change = await email_change_store.find_change(session, change_id)
    if change is None or change.confirmed_at is not None or change.ended_at is not None:
        return None
    if await _is_taken(session, change, change.new_email):
        return None
    return Letter(change.new_email, {"code": codes.derive(change.id)}, change.expires_at)


async def find_veto_letter(
    session: Session, codes: EmailCodes, links: AccountLinks, change_id: str
) -> Letter | None:
    """Return the notice for an old address with the link that undoes the change; None once it cannot."""
    change = await email_change_store.find_change(session, change_id)
    if change is None or change.ended_at is not None:
        return None
    link = links.veto(f"{change.id}.{codes.token(_USE, change.id)}")
    return Letter(change.old_email, {"link": link}, change.veto_until)


async def _is_taken(session: Session, change: EmailChange, email: str) -> bool:
    found = await store.find_credentials(session, change.program_id, email)
    return found is not None and found.identity.verified_at is not None


async def _make_room(session: Session, change: EmailChange) -> bool:
    """Let an unproven registration of the new address go: its mailbox was just proven by somebody else."""
    await verification_store.remove_unproven(session, change.program_id, change.new_email)
    return not await _is_taken(session, change, change.new_email)


async def _give_back(session: Session, change: EmailChange) -> bool:
    await verification_store.remove_unproven(session, change.program_id, change.old_email)
    return await store.save_email(session, change.program_id, change.user_id, change.old_email)


async def _secure(session: Session, change: EmailChange, identity: Identity, at: datetime) -> None:
    await store.save_password_hash(session, change.user_id, NOBODYS_HASH)
    await forget_links(session, change.user_id)
    await reset_store.save_used(session, change.user_id, at)
    await revoke_all_sessions(session, change.user_id, at=at)
    await _record(session, change, "email.change_vetoed", at)
    reset = PasswordReset(new_id("reset"), change.program_id, None, at + RESET_LIFETIME)
    await reset_store.add_reset(session, reset)
    await give_reset(session, reset, identity, at)


async def _record(session: Session, change: EmailChange, action: Action, at: datetime) -> None:
    # The addresses themselves stay out of a trail that nobody can ever erase.
    details = {"email_change_id": change.id}
    await audit.record(session, change.user_id, change.program_id, action, change.user_id, details, at)


def _event(event_type: str, change: EmailChange, at: datetime) -> Event:
    return Event(event_type, change.program_id, change.user_id, at, {"email_change_id": change.id})
