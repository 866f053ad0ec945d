"""Signing in with an e-mail address and a password."""

from datetime import datetime

from cardwright import audit
from cardwright.authentication import store
from cardwright.authentication.domain import Credentials
from cardwright.authentication.factors import has_factor
from cardwright.authentication.passwords import PasswordCheck
from cardwright.authentication.sessions import OpenedSession, open_session
from cardwright.core.errors import Unauthenticated
from cardwright.db.session import Session


async def find_credentials(session: Session, program_id: str, email: str) -> Credentials | None:
    """Return whose normalized address it is and the hash to check a password against; or None.

    The hash of an address that nobody has proven is None, so that its password is wrong like any other.
    """
    return await store.find_credentials(session, program_id, email)


async def sign_in_with_password(
    session: Session,
    credentials: Credentials | None,
    check: PasswordCheck,
    *,
    user_agent: str | None,
    at: datetime,
) -> OpenedSession:
    """Sign in whoever `check` was made for; the check is slow and is made before, outside of the transaction.

    The session of somebody who has a second factor awaits it.
    Raises Unauthenticated `credentials_invalid` for whatever reason it does not come to that.
    """
    if credentials is None or not check.is_correct:
        raise _wrong_credentials()
    identity = credentials.identity
    current = await store.credentials_for_update(session, identity.program_id, identity.email)
    # Another may have been confirmed or set while this one was being checked.
    if current is None or current.password_hash != credentials.password_hash:
        raise _wrong_credentials()
    if check.replacement_hash is not None:
        await store.save_password_hash(session, identity.user_id, check.replacement_hash)
    return await open_session(
        session,
        current.identity,
        methods=["pwd"],
        user_agent=user_agent,
        at=at,
        awaits_factor=await has_factor(session, identity.user_id),
    )


async def record_refusal(
    session: Session, program_id: str, credentials: Credentials | None, at: datetime
) -> None:
    """Record that somebody could not sign in, with the same work whether anybody has the address or not."""
    user_id = credentials.identity.user_id if credentials else "unknown"
    await audit.record(session, "anonymous", program_id, "session.refused", user_id, {}, at)


def _wrong_credentials() -> Unauthenticated:
    return Unauthenticated("credentials_invalid", "The e-mail address or the password is not right.")
