"""Registering and proving an address, on a real PostgreSQL."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright.authentication import (
    EmailCodes,
    create_verified_identity,
    find_email_code,
    find_identity,
    list_identities,
)
from cardwright.authentication.registration import (
    NewCredentials,
    register,
    resend_code,
    verify_email,
)
from cardwright.authentication.store import find_credentials
from cardwright.core.clock import MovableClock
from cardwright.core.errors import Conflict, Invalid
from cardwright.core.ids import new_id
from cardwright.core.sensitive import Sensitive
from cardwright.db import outbox
from cardwright.db.session import Session, transaction

CODES = EmailCodes(Sensitive("a key of the tests, long enough to be one"))
PROGRAM = new_id("prog")
EMAIL = "ada@example.com"
PASSWORD = "correct horse battery staple"
MINUTE = timedelta(minutes=1)


async def signed_up(session: Session, clock: MovableClock, password_hash: str = "hash 1") -> str:  # noqa: S107 - not a secret
    """Register and return the id of the verification that was asked for."""
    await register(session, NewCredentials(EMAIL, password_hash), program_id=PROGRAM, at=clock.now())
    return await requested(session)


async def requested(session: Session) -> str:
    (event,) = await outbox.take(session, 10)
    assert event.type == "authentication.verification_requested"
    return str(event.payload["verification_id"])


async def proves(session: Session, clock: MovableClock, code: str, email: str = EMAIL) -> bool:
    return await verify_email(session, CODES, program_id=PROGRAM, email=email, code=code, at=clock.now())


def wrong(code: str) -> str:
    return str((int(code) + 1) % 10**6).zfill(6)


async def test_the_code_that_is_sent_proves_the_address_once(session: Session, clock: MovableClock) -> None:
    verification_id = await signed_up(session, clock)
    sent = await find_email_code(session, CODES, verification_id)
    assert sent is not None
    assert (sent.address, sent.expires_at) == (EMAIL, clock.now() + 10 * MINUTE)
    assert await proves(session, clock, sent.code)
    found = await find_credentials(session, PROGRAM, EMAIL)
    assert found is not None
    assert found.identity.verified_at == clock.now()
    assert [event.type for event in await outbox.take(session, 10)] == ["authentication.email_verified"]
    assert not await proves(session, clock, sent.code)
    assert await find_email_code(session, CODES, verification_id) is None


async def test_the_code_itself_is_not_stored(session: Session, clock: MovableClock) -> None:
    verification_id = await signed_up(session, clock)
    code = CODES.derive(verification_id)
    (row,) = (await session.execute(text("SELECT row_to_json(v)::text FROM email_verifications v"))).scalars()
    assert code not in row.replace(verification_id, "")


async def test_a_code_ends_after_ten_minutes(session: Session, clock: MovableClock) -> None:
    code = CODES.derive(await signed_up(session, clock))
    clock.advance(10 * MINUTE)
    assert not await proves(session, clock, code)
    clock.advance(timedelta(seconds=-1))
    assert await proves(session, clock, code)


async def test_a_code_ends_after_five_wrong_tries(session: Session, clock: MovableClock) -> None:
    code = CODES.derive(await signed_up(session, clock))
    for _ in range(5):
        assert not await proves(session, clock, wrong(code))
    assert not await proves(session, clock, code)


async def test_the_fifth_try_may_still_be_right(session: Session, clock: MovableClock) -> None:
    code = CODES.derive(await signed_up(session, clock))
    for _ in range(4):
        assert not await proves(session, clock, wrong(code))
    assert await proves(session, clock, code)


async def test_fifty_tries_at_once_are_counted_one_by_one(engine: AsyncEngine, clock: MovableClock) -> None:
    async with transaction(engine) as session:
        code = CODES.derive(await signed_up(session, clock))

    async def try_once() -> bool:
        async with transaction(engine) as session:
            return await proves(session, clock, wrong(code))

    assert not any(await asyncio.gather(*(try_once() for _ in range(50))))
    async with transaction(engine) as session:
        attempts = (await session.execute(text("SELECT attempts FROM email_verifications"))).scalar_one()
        assert attempts == 5
        assert not await proves(session, clock, code)


async def test_a_fresh_code_ends_the_ones_before(session: Session, clock: MovableClock) -> None:
    first = CODES.derive(await signed_up(session, clock))
    await resend_code(session, "Ada@Example.com", program_id=PROGRAM, at=clock.now())
    second = CODES.derive(await requested(session))
    assert first != second
    assert not await proves(session, clock, first)
    assert await proves(session, clock, second)


async def test_nothing_is_sent_to_addresses_that_wait_for_no_code(
    session: Session, clock: MovableClock
) -> None:
    await resend_code(session, "nobody@example.com", program_id=PROGRAM, at=clock.now())
    await create_verified_identity(session, EMAIL, PASSWORD, PROGRAM, clock.now())
    await resend_code(session, EMAIL, program_id=PROGRAM, at=clock.now())
    assert await outbox.take(session, 10) == []
    assert not await proves(session, clock, "000000", email="nobody@example.com")


async def test_an_unproven_address_is_registered_anew(session: Session, clock: MovableClock) -> None:
    first = CODES.derive(await signed_up(session, clock, "hash 1"))
    second = CODES.derive(await signed_up(session, clock, "hash 2"))
    assert not await proves(session, clock, first)
    assert await proves(session, clock, second)
    found = await find_credentials(session, PROGRAM, EMAIL)
    assert found is not None
    assert found.password_hash == "hash 2"
    assert len(await list_identities(session, program_id=PROGRAM, before=None, limit=10)) == 1


async def test_a_proven_address_cannot_be_registered_again(session: Session, clock: MovableClock) -> None:
    user_id = await create_verified_identity(session, EMAIL, PASSWORD, PROGRAM, clock.now())
    before = await find_credentials(session, PROGRAM, EMAIL)
    await register(session, NewCredentials(EMAIL, "hash 2"), program_id=PROGRAM, at=clock.now())
    (event,) = await outbox.take(session, 10)
    assert (event.type, event.subject_id, event.payload) == (
        "authentication.registration_repeated",
        user_id,
        {},
    )
    assert await find_credentials(session, PROGRAM, EMAIL) == before


async def test_one_address_registered_twenty_times_at_once_is_one_identity(
    engine: AsyncEngine, clock: MovableClock
) -> None:
    async def register_once(number: int) -> str:
        async with transaction(engine) as session:
            new = NewCredentials(EMAIL, f"hash {number}")
            return await register(session, new, program_id=PROGRAM, at=clock.now())

    registration_ids = await asyncio.gather(*(register_once(number) for number in range(20)))
    assert len(set(registration_ids)) == 20
    async with transaction(engine) as session:
        assert len(await list_identities(session, program_id=PROGRAM, before=None, limit=30)) == 1
        assert len(await outbox.take(session, 30)) == 20


async def test_programs_do_not_share_addresses(session: Session, clock: MovableClock) -> None:
    other_program = new_id("prog")
    first = await create_verified_identity(session, EMAIL, PASSWORD, PROGRAM, clock.now())
    second = await create_verified_identity(session, EMAIL, PASSWORD, other_program, clock.now())
    assert first != second
    listed = await list_identities(session, program_id=other_program, before=None, limit=10)
    assert [identity.user_id for identity in listed] == [second]


async def test_a_seeded_identity_is_made_once_and_keeps_its_password(
    session: Session, clock: MovableClock
) -> None:
    first = await create_verified_identity(session, "Ada@example.com", PASSWORD, PROGRAM, clock.now())
    made = await find_credentials(session, PROGRAM, EMAIL)
    again = await create_verified_identity(
        session, EMAIL, "another password than before", PROGRAM, clock.now()
    )
    assert first == again
    assert await find_credentials(session, PROGRAM, EMAIL) == made
    identity = await find_identity(session, first)
    assert identity is not None
    assert identity.verified_at == clock.now()
    assert await find_identity(session, new_id("user")) is None


async def test_a_seeded_identity_needs_an_acceptable_password_and_an_unclaimed_address(
    session: Session, clock: MovableClock
) -> None:
    with pytest.raises(Invalid, match="15"):
        await create_verified_identity(session, EMAIL, "short", PROGRAM, clock.now())
    await signed_up(session, clock)
    with pytest.raises(Conflict) as caught:
        await create_verified_identity(session, EMAIL, PASSWORD, PROGRAM, clock.now())
    assert caught.value.code == "email_unproven"
