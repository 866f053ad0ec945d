"""Sessions and their refresh tokens, on a real PostgreSQL and with many requests at once."""

import asyncio
from datetime import timedelta

import pytest
from joserfc.jwk import OKPKey
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright.authentication import TokenSigner, create_verified_identity
from cardwright.authentication.passwords import PasswordCheck
from cardwright.authentication.registration import NewCredentials, register
from cardwright.authentication.sessions import (
    TokenPair,
    find_credentials,
    find_principal,
    open_session,
    refresh_session,
)
from cardwright.authentication.store import save_password_hash, save_verified
from cardwright.core.clock import MovableClock
from cardwright.core.errors import Forbidden, Unauthenticated
from cardwright.core.ids import new_id
from cardwright.core.sensitive import Sensitive
from cardwright.db import outbox
from cardwright.db.session import Session, transaction

SIGNER = TokenSigner(
    Sensitive(OKPKey.generate_key("Ed25519").as_pem(private=True).decode()), issuer="tests", audience="tests"
)
PROGRAM = new_id("prog")
EMAIL = "ada@example.com"
RIGHT = PasswordCheck(is_correct=True)


async def signed_in(session: Session, clock: MovableClock) -> TokenPair:
    await create_verified_identity(session, EMAIL, "correct horse battery staple", PROGRAM, clock.now())
    credentials = await find_credentials(session, PROGRAM, EMAIL)
    return await open_session(session, SIGNER, credentials, RIGHT, user_agent=None, at=clock.now())


async def refreshed(engine: AsyncEngine, clock: MovableClock, token: str) -> TokenPair | None:
    async with transaction(engine) as session:
        return await refresh_session(session, SIGNER, token, clock.now())


async def is_signed_in(engine: AsyncEngine, clock: MovableClock, pair: TokenPair) -> bool:
    async with transaction(engine) as session:
        claims = SIGNER.verify(pair.access.text, at=clock.now())
        return await find_principal(session, claims, clock.now()) is not None


async def test_each_refresh_hands_out_the_next_token(engine: AsyncEngine, clock: MovableClock) -> None:
    async with transaction(engine) as session:
        pair = await signed_in(session, clock)
    seen = {pair.refresh_token}
    for _ in range(5):
        clock.advance(timedelta(minutes=9))
        following = await refreshed(engine, clock, pair.refresh_token)
        assert following is not None
        pair = following
        seen.add(pair.refresh_token)
        assert await is_signed_in(engine, clock, pair)
    assert len(seen) == 6


async def test_a_retry_within_thirty_seconds_gets_another_token_and_both_belong_to_the_session(
    engine: AsyncEngine, clock: MovableClock
) -> None:
    async with transaction(engine) as session:
        first = await signed_in(session, clock)
    lost = await refreshed(engine, clock, first.refresh_token)
    clock.advance(timedelta(seconds=30))
    retried = await refreshed(engine, clock, first.refresh_token)
    assert lost is not None
    assert retried is not None
    assert lost.refresh_token != retried.refresh_token
    assert await is_signed_in(engine, clock, retried)
    clock.advance(timedelta(minutes=9))
    assert await refreshed(engine, clock, retried.refresh_token) is not None


async def test_a_spent_token_that_comes_later_ends_the_session_and_is_told(
    engine: AsyncEngine, clock: MovableClock
) -> None:
    async with transaction(engine) as session:
        first = await signed_in(session, clock)
    second = await refreshed(engine, clock, first.refresh_token)
    assert second is not None
    clock.advance(timedelta(seconds=31))
    assert await refreshed(engine, clock, first.refresh_token) is None
    assert not await is_signed_in(engine, clock, second)
    assert await refreshed(engine, clock, second.refresh_token) is None
    async with transaction(engine) as session:
        events = await outbox.take(session, 10)
    assert [event.type for event in events] == ["authentication.refresh_token_reused"]
    assert set(events[0].payload) == {"session_id"}


async def test_a_token_older_than_the_last_spent_one_ends_the_session_at_once(
    engine: AsyncEngine, clock: MovableClock
) -> None:
    async with transaction(engine) as session:
        first = await signed_in(session, clock)
    second = await refreshed(engine, clock, first.refresh_token)
    assert second is not None
    third = await refreshed(engine, clock, second.refresh_token)
    assert third is not None
    assert await refreshed(engine, clock, first.refresh_token) is None
    assert await refreshed(engine, clock, third.refresh_token) is None


async def test_twenty_uses_of_one_token_at_once_leave_one_session_that_goes_on(
    engine: AsyncEngine, clock: MovableClock
) -> None:
    async with transaction(engine) as session:
        first = await signed_in(session, clock)
    pairs = await asyncio.gather(*(refreshed(engine, clock, first.refresh_token) for _ in range(20)))
    tokens = [pair.refresh_token for pair in pairs if pair is not None]
    assert len(set(tokens)) == 20
    clock.advance(timedelta(minutes=9))
    assert await refreshed(engine, clock, tokens[7]) is not None
    clock.advance(timedelta(minutes=9))
    assert await refreshed(engine, clock, tokens[11]) is None
    assert await refreshed(engine, clock, tokens[7]) is None


async def test_a_stolen_token_used_at_once_with_its_successor_ends_the_session(
    engine: AsyncEngine, clock: MovableClock
) -> None:
    async with transaction(engine) as session:
        first = await signed_in(session, clock)
    second = await refreshed(engine, clock, first.refresh_token)
    assert second is not None
    clock.advance(timedelta(minutes=1))
    results = await asyncio.gather(
        *(refreshed(engine, clock, token) for token in [first.refresh_token, second.refresh_token] * 10)
    )
    survivors = [pair for pair in results if pair is not None]
    assert not any([await is_signed_in(engine, clock, pair) for pair in [second, *survivors]])
    assert [await refreshed(engine, clock, pair.refresh_token) for pair in survivors] == [None] * len(
        survivors
    )
    async with transaction(engine) as session:
        assert len(await outbox.take(session, 30)) == 1


async def test_idle_refresh_tokens_and_old_sessions_end(engine: AsyncEngine, clock: MovableClock) -> None:
    async with transaction(engine) as session:
        idle = await signed_in(session, clock)
        used = await signed_in(session, clock)
    clock.advance(timedelta(days=13))
    used_again = await refreshed(engine, clock, used.refresh_token)
    assert used_again is not None
    clock.advance(timedelta(days=1))
    assert await refreshed(engine, clock, idle.refresh_token) is None
    clock.advance(timedelta(days=12))
    used_last = await refreshed(engine, clock, used_again.refresh_token)
    assert used_last is not None
    clock.advance(timedelta(days=4))
    assert await refreshed(engine, clock, used_last.refresh_token) is None


async def test_made_up_tokens_are_refused(session: Session, clock: MovableClock) -> None:
    pair = await signed_in(session, clock)
    for token in ("", "x", pair.refresh_token + "x", pair.refresh_token.swapcase(), pair.access.text):
        assert await refresh_session(session, SIGNER, token, clock.now()) is None


async def test_refresh_tokens_are_stored_as_digests_only(session: Session, clock: MovableClock) -> None:
    pair = await signed_in(session, clock)
    (row,) = (await session.execute(text("SELECT row_to_json(t)::text FROM refresh_tokens t"))).scalars()
    assert pair.refresh_token not in row


async def test_a_genuine_token_of_somebody_elses_session_stands_for_nobody(
    session: Session, clock: MovableClock
) -> None:
    pair = await signed_in(session, clock)
    claims = SIGNER.verify(pair.access.text, at=clock.now())
    mixed = SIGNER.issue(user_id=new_id("user"), session_id=claims.session_id, at=clock.now())
    assert await find_principal(session, SIGNER.verify(mixed.text, at=clock.now()), clock.now()) is None


async def test_a_password_that_changes_while_it_is_checked_does_not_sign_in(
    session: Session, clock: MovableClock
) -> None:
    await signed_in(session, clock)
    credentials = await find_credentials(session, PROGRAM, EMAIL)
    assert credentials is not None
    await save_password_hash(session, credentials.identity.user_id, "another hash")
    with pytest.raises(Unauthenticated):
        await open_session(session, SIGNER, credentials, RIGHT, user_agent=None, at=clock.now())


async def test_the_right_password_of_a_waiting_registration_opens_no_session(
    session: Session, clock: MovableClock
) -> None:
    for password_hash in ("hash 1", "hash 2"):
        new = NewCredentials(EMAIL, password_hash)
        await register(session, new, program_id=PROGRAM, at=clock.now())
    waiting = await find_credentials(session, PROGRAM, EMAIL)
    assert waiting is not None
    assert waiting.password_hash == "hash 2"
    with pytest.raises(Forbidden):
        await open_session(session, SIGNER, waiting, RIGHT, user_agent=None, at=clock.now())
    wrong = PasswordCheck(is_correct=False)
    with pytest.raises(Unauthenticated):
        await open_session(session, SIGNER, waiting, wrong, user_agent=None, at=clock.now())


async def test_an_address_proven_for_another_password_while_one_is_checked_does_not_sign_in(
    session: Session, clock: MovableClock
) -> None:
    new = NewCredentials(EMAIL, "the attacker's")
    await register(session, new, program_id=PROGRAM, at=clock.now())
    waiting = await find_credentials(session, PROGRAM, EMAIL)
    assert waiting is not None
    await save_verified(session, waiting.identity.user_id, "the victim's", clock.now())
    with pytest.raises(Unauthenticated):
        await open_session(session, SIGNER, waiting, RIGHT, user_agent=None, at=clock.now())


async def test_a_replacement_hash_is_kept_on_sign_in(session: Session, clock: MovableClock) -> None:
    await signed_in(session, clock)
    credentials = await find_credentials(session, PROGRAM, EMAIL)
    check = PasswordCheck(is_correct=True, replacement_hash="a stronger hash")
    await open_session(session, SIGNER, credentials, check, user_agent=None, at=clock.now())
    kept = await find_credentials(session, PROGRAM, EMAIL)
    assert kept is not None
    assert kept.password_hash == "a stronger hash"
