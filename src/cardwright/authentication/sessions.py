"""Sessions of browsers: opened by signing in, strengthened by a factor, ended by their owner or by time."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Final

from cardwright import audit
from cardwright.access import Role, find_roles
from cardwright.authentication import session_store
from cardwright.authentication.devices import browser_hash, device_name, new_browser_id
from cardwright.authentication.domain import CARDHOLDERS, STAFF, AuthSession, Identity, Lifetime
from cardwright.core.errors import NotFound, Unauthenticated
from cardwright.core.ids import new_id
from cardwright.core.sensitive import Sensitive
from cardwright.db import outbox
from cardwright.db.outbox import Event
from cardwright.db.session import Session
from cardwright.http.origin import current_origin

_SECRET_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class OpenedSession:
    """A session and the secret for the browser's cookie, which is known at this moment only.

    `browser_id` is for a browser that has none yet to be known again by.
    """

    session: AuthSession
    secret: Sensitive
    browser_id: Sensitive | None = None


async def open_session(
    session: Session,
    identity: Identity,
    *,
    methods: Sequence[str],
    user_agent: str | None,
    at: datetime,
    awaits_factor: bool = False,
    factor_used_at: datetime | None = None,
) -> OpenedSession:
    """Sign in somebody who proved by `methods` (RFC 8176) who they are; session and secret are new.

    Raises Unauthenticated `account_closed`.
    """
    if identity.closed_at is not None:
        raise Unauthenticated("account_closed", "This account was closed.")
    lifetime = await _lifetime_of(session, identity.user_id)
    origin = current_origin()
    secret, secret_hash = _new_secret()
    known_browser = browser_hash(origin.browser_id if origin else None)
    browser_id = new_browser_id() if known_browser is None else None
    opened = AuthSession(
        new_id("ses"), identity.user_id, identity.program_id, user_agent,
        created_at=at,
        last_seen_at=at,
        expires_at=at + lifetime.absolute,
        secret_hash=secret_hash,
        methods=tuple(methods),
        awaits_factor=awaits_factor,
        factor_used_at=factor_used_at,
        client_address=origin.client_address if origin else None,
        browser_hash=known_browser or browser_hash(browser_id),
    )  # fmt: skip
    await session_store.add_session(session, opened)
    await _record(session, opened, "session.opened", at)
    if not awaits_factor:
        await _tell_of_new_device(session, opened, at)
    return OpenedSession(opened, secret, None if browser_id is None else Sensitive(browser_id))


async def strengthen_session(
    session: Session, session_id: str, *, method: str, at: datetime
) -> OpenedSession:
    """Note that a factor was used in a living session; its secret is replaced, so that the old cookie dies.

    Raises Unauthenticated `session_ended` when it is over.
    """
    held = await session_store.session_for_update(session, session_id)
    if held is None or not await is_living(session, held, at):
        raise session_ended()
    secret, secret_hash = _new_secret()
    strengthened = replace(
        held,
        secret_hash=secret_hash,
        methods=held.methods if method in held.methods else (*held.methods, method),
        awaits_factor=False,
        factor_used_at=at,
        last_seen_at=at,
    )
    await session_store.save_strengthened(session, strengthened)
    await _record(session, strengthened, "session.strengthened", at)
    if held.awaits_factor:
        await _tell_of_new_device(session, strengthened, at)
    return OpenedSession(strengthened, secret)


async def find_session_of_secret(session: Session, secret: str, at: datetime) -> AuthSession | None:
    """Return the living session that a cookie belongs to, even while it awaits its factor; or None."""
    held = await session_store.find_session_by_secret(session, _hash(secret))
    return held if held is not None and await is_living(session, held, at) else None


async def find_living_session(session: Session, session_id: str, at: datetime) -> AuthSession | None:
    """Return a session by its id while it lives and awaits no factor, for what hangs on it; or None."""
    held = await session_store.find_session(session, session_id)
    if held is None or held.awaits_factor or not await is_living(session, held, at):
        return None
    return held


async def find_session(session: Session, session_id: str) -> AuthSession | None:
    """Return a session by its id, alive or over; or None."""
    return await session_store.find_session(session, session_id)


async def is_living(session: Session, held: AuthSession, at: datetime) -> bool:
    """Answer whether a session still counts; those of staff end sooner, also if opened before."""
    if held.is_alive(at, STAFF):
        return True
    return held.is_alive(at, CARDHOLDERS) and held.is_alive(at, await _lifetime_of(session, held.user_id))


async def list_sessions(
    session: Session, user_id: str, *, at: datetime, before: str | None, limit: int
) -> Sequence[AuthSession]:
    """Return the living sessions of a person, newest first."""
    lifetime = await _lifetime_of(session, user_id)
    return await session_store.list_living_sessions(
        session, user_id, lifetime, at=at, before=before, limit=limit
    )


async def revoke_session(session: Session, user_id: str, session_id: str, at: datetime) -> None:
    """End one of a person's own sessions; NotFound for any other. Ending it again changes nothing."""
    held = await session_store.session_for_update(session, session_id)
    if held is None or held.user_id != user_id:
        raise NotFound("session_not_found", "You have no session with this id.")
    if await session_store.save_revoked(session, session_id, at):
        await _record(session, held, "session.revoked", at)


async def end_replaced_session(session: Session, secret: str | None, at: datetime) -> None:
    """End the session that a browser gives up by signing in anew; `secret` is its cookie's, if it had one."""
    held = None if secret is None else await session_store.find_session_by_secret(session, _hash(secret))
    if held is not None and await session_store.save_revoked(session, held.id, at):
        await _record(session, held, "session.revoked", at)


async def revoke_all_sessions(
    session: Session, user_id: str, *, except_id: str | None = None, at: datetime
) -> None:
    """End all sessions of a person, but `except_id` where they go on."""
    for session_id in await session_store.save_all_revoked(session, user_id, except_id=except_id, at=at):
        held = await session_store.find_session(session, session_id)
        assert held is not None  # noqa: S101 - sessions are never deleted
        await _record(session, held, "session.revoked", at)


def session_ended() -> Unauthenticated:
    """Return the refusal of a cookie that stands for no living session."""
    return Unauthenticated("session_ended", "This session was ended or has expired; sign in again.")


async def _lifetime_of(session: Session, user_id: str) -> Lifetime:
    roles = (await find_roles(session, [user_id]))[user_id]
    return CARDHOLDERS if roles == {Role.CARDHOLDER} else STAFF


async def _tell_of_new_device(session: Session, held: AuthSession, at: datetime) -> None:
    if await session_store.is_new_device(session, held):
        payload = {"session_id": held.id, "device": device_name(held.user_agent)}
        event = Event("authentication.signed_in_from_new_device", held.program_id, held.user_id, at, payload)
        await outbox.append(session, event)


async def _record(session: Session, held: AuthSession, action: audit.Action, at: datetime) -> None:
    details = {"methods": list(held.methods), "awaits_factor": held.awaits_factor}
    await audit.record(session, held.user_id, held.program_id, action, held.id, details, at)


def _new_secret() -> tuple[Sensitive, str]:
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    return Sensitive(secret), _hash(secret)


def _hash(secret: str) -> str:
    # So many random bits need no slow hash.
    return sha256(secret.encode()).hexdigest()
