"""Signing in and staying signed in: sessions, their refresh tokens, and how they end."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from cardwright.access import Principal
from cardwright.authentication import store
from cardwright.authentication.domain import (
    REFRESH_IDLE_LIFETIME,
    SESSION_LIFETIME,
    AuthSession,
    Credentials,
    Rotation,
    judge_refresh,
)
from cardwright.authentication.passwords import PasswordCheck
from cardwright.authentication.tokens import (
    AccessClaims,
    AccessToken,
    TokenSigner,
    new_refresh_token,
    refresh_token_hash,
)
from cardwright.core.errors import Forbidden, NotFound, Unauthenticated
from cardwright.core.ids import new_id
from cardwright.db import outbox
from cardwright.db.outbox import Event
from cardwright.db.session import Session


@dataclass(frozen=True, slots=True)
class TokenPair:
    """What a client is given to make requests with, and to ask for more."""

    access: AccessToken
    refresh_token: str = field(repr=False)


async def find_credentials(session: Session, program_id: str, email: str) -> Credentials | None:
    """Return whose normalized address it is and the hash to check a password against; or None.

    The hash of an unproven address is the one that its newest registration waits with.
    """
    return await store.find_credentials_to_check(session, program_id, email)


async def open_session(
    session: Session,
    signer: TokenSigner,
    credentials: Credentials | None,
    check: PasswordCheck,
    *,
    user_agent: str | None,
    at: datetime,
) -> TokenPair:
    """Sign in whoever `check` was made for; the check is slow and is made before, outside of the transaction.

    Raises Unauthenticated `credentials_invalid` and Forbidden `email_unverified`.
    """
    if credentials is None or not check.is_correct:
        raise _wrong_credentials()
    identity = credentials.identity
    current = await store.credentials_for_update(session, identity.program_id, identity.email)
    if current is None:
        raise _wrong_credentials()
    # The right password of a registration that waits: only who made it gets this far.
    if current.password_hash is None:
        raise Forbidden(
            "email_unverified", "Prove the e-mail address first, with the code that was sent to it."
        )
    # Another may have been confirmed or set while this one was being checked.
    if current.password_hash != credentials.password_hash:
        raise _wrong_credentials()
    if check.replacement_hash is not None:
        await store.save_password_hash(session, identity.user_id, check.replacement_hash)
    opened = AuthSession(
        new_id("ses"), identity.user_id, identity.program_id, user_agent, at, at + SESSION_LIFETIME
    )
    await store.add_session(session, opened)
    return await _issue(session, signer, opened, generation=1, at=at)


async def refresh_session(
    session: Session, signer: TokenSigner, token: str, at: datetime
) -> TokenPair | None:
    """Exchange a refresh token for a new pair, as `judge_refresh` rules; None when it is refused.

    A spent token ends the session, so the caller commits before telling anybody that it was refused.
    """
    found = await store.find_refresh_token(session, refresh_token_hash(token))
    if found is None:
        return None
    session_id, generation, expires_at = found
    held = await store.session_for_update(session, session_id)
    if held is None or not held.is_alive(at) or at >= expires_at:
        return None
    rotation = judge_refresh(held, generation, at)
    if rotation is Rotation.REUSED:
        await _end_for_reuse(session, held, at)
        return None
    if rotation is Rotation.ROTATED:
        await store.save_generation(session, held.id, generation, at=at)
    return await _issue(session, signer, held, generation=generation + 1, at=at)


async def find_principal(session: Session, claims: AccessClaims, at: datetime) -> Principal | None:
    """Return who a genuine access token stands for while its session is alive."""
    held = await store.find_session(session, claims.session_id)
    if held is None or held.user_id != claims.user_id or not held.is_alive(at):
        return None
    return Principal(held.user_id, held.program_id, held.id)


async def list_sessions(
    session: Session, user_id: str, *, at: datetime, before: str | None, limit: int
) -> Sequence[AuthSession]:
    """Return the living sessions of a person, newest first."""
    return await store.list_living_sessions(session, user_id, at=at, before=before, limit=limit)


async def revoke_session(session: Session, user_id: str, session_id: str, at: datetime) -> None:
    """End one of a person's own sessions; NotFound for any other. Ending it again changes nothing."""
    held = await store.session_for_update(session, session_id)
    if held is None or held.user_id != user_id:
        raise NotFound("session_not_found", "You have no session with this id.")
    await store.save_revoked(session, session_id, at)


async def _end_for_reuse(session: Session, held: AuthSession, at: datetime) -> None:
    await store.save_revoked(session, held.id, at)
    payload = {"session_id": held.id}
    await outbox.append(
        session, Event("authentication.refresh_token_reused", held.program_id, held.user_id, at, payload)
    )


async def _issue(
    session: Session, signer: TokenSigner, held: AuthSession, *, generation: int, at: datetime
) -> TokenPair:
    token = new_refresh_token()
    expires_at = min(at + REFRESH_IDLE_LIFETIME, held.expires_at)
    await store.add_refresh_token(
        session, refresh_token_hash(token), session_id=held.id, generation=generation, expires_at=expires_at
    )
    return TokenPair(signer.issue(user_id=held.user_id, session_id=held.id, at=at), token)


def _wrong_credentials() -> Unauthenticated:
    return Unauthenticated("credentials_invalid", "The e-mail address or the password is not right.")
