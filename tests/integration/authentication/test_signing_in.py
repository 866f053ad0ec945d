"""Signing in with a password that changes, waits or is replaced meanwhile, on a real PostgreSQL."""

import pytest

from cardwright.authentication import OpenedSession, create_verified_identity
from cardwright.authentication.passwords import PasswordCheck
from cardwright.authentication.registration import NewCredentials, register
from cardwright.authentication.signing_in import find_credentials, sign_in_with_password
from cardwright.authentication.store import save_password_hash, save_verified
from cardwright.core.clock import MovableClock
from cardwright.core.errors import Unauthenticated
from cardwright.core.ids import new_id
from cardwright.db.session import Session

PROGRAM = new_id("prog")
EMAIL = "ada@example.com"
RIGHT = PasswordCheck(is_correct=True)


async def signed_in(session: Session, clock: MovableClock) -> OpenedSession:
    await create_verified_identity(session, EMAIL, "correct horse battery staple", PROGRAM, clock.now())
    credentials = await find_credentials(session, PROGRAM, EMAIL)
    return await sign_in_with_password(session, credentials, RIGHT, user_agent=None, at=clock.now())


async def test_each_sign_in_is_a_session_of_its_own(session: Session, clock: MovableClock) -> None:
    first, second = await signed_in(session, clock), await signed_in(session, clock)
    assert first.session.id != second.session.id
    assert first.secret.reveal() != second.secret.reveal()
    assert first.session.methods == ("pwd",)


async def test_a_password_that_changes_while_it_is_checked_does_not_sign_in(
    session: Session, clock: MovableClock
) -> None:
    await signed_in(session, clock)
    credentials = await find_credentials(session, PROGRAM, EMAIL)
    assert credentials is not None
    await save_password_hash(session, credentials.identity.user_id, "another hash")
    with pytest.raises(Unauthenticated):
        await sign_in_with_password(session, credentials, RIGHT, user_agent=None, at=clock.now())


async def test_the_password_of_a_waiting_registration_is_not_even_known_to_signing_in(
    session: Session, clock: MovableClock
) -> None:
    for password_hash in ("hash 1", "hash 2"):
        new = NewCredentials(EMAIL, password_hash)
        await register(session, new, program_id=PROGRAM, at=clock.now())
    waiting = await find_credentials(session, PROGRAM, EMAIL)
    assert waiting is not None
    assert waiting.password_hash is None


async def test_an_address_proven_while_nothing_could_be_checked_does_not_sign_in(
    session: Session, clock: MovableClock
) -> None:
    new = NewCredentials(EMAIL, "the attacker's")
    await register(session, new, program_id=PROGRAM, at=clock.now())
    waiting = await find_credentials(session, PROGRAM, EMAIL)
    assert waiting is not None
    await save_verified(session, waiting.identity.user_id, "the victim's", clock.now())
    with pytest.raises(Unauthenticated):
        await sign_in_with_password(session, waiting, RIGHT, user_agent=None, at=clock.now())


async def test_a_replacement_hash_is_kept_on_sign_in(session: Session, clock: MovableClock) -> None:
    await signed_in(session, clock)
    credentials = await find_credentials(session, PROGRAM, EMAIL)
    check = PasswordCheck(is_correct=True, replacement_hash="a stronger hash")
    await sign_in_with_password(session, credentials, check, user_agent=None, at=clock.now())
    kept = await find_credentials(session, PROGRAM, EMAIL)
    assert kept is not None
    assert kept.password_hash == "a stronger hash"
