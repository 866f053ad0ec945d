"""Registering and proving an address, on a real PostgreSQL."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright.authentication import (
    EmailCodes,
    create_verified_identity,
    find_identity,
    forget_abandoned,
    list_identities,
)
from cardwright.authentication.registration import (
    NewCredentials,
    find_verification_letter,
    register,
    resend_code,
    verify_email,
)
from cardwright.authentication.store import find_credentials
from cardwright.core.clock import MovableClock
from cardwright.core.errors import Invalid
from cardwright.core.ids import ensure_id, new_id
from cardwright.core.sensitive import Sensitive
from cardwright.db import outbox
from cardwright.db.jobs import Work
from cardwright.db.session import Session, transaction

CODES = EmailCodes(Sensitive("a key of the tests, long enough to be one"))
PROGRAM = new_id("prog")
EMAIL = "ada@example.com"
PASSWORD = "correct horse battery staple"
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class SignUp:
    """A registration and the verification that was asked for it."""

    registration_id: str
    verification_id: str

    @property
    def code(self) -> str:
        return CODES.derive(self.verification_id)


async def signed_up(session: Session, clock: MovableClock, password_hash: str = "hash 1") -> SignUp:  # noqa: S107 - not a secret
    """Register and return what was opened."""
    new = NewCredentials(EMAIL, password_hash)
    registration_id = await register(session, new, program_id=PROGRAM, at=clock.now())
    return SignUp(registration_id, await requested(session))


async def resent(session: Session, clock: MovableClock, registration_id: str, email: str = EMAIL) -> None:
    await resend_code(
        session, program_id=PROGRAM, registration_id=registration_id, email=email, at=clock.now()
    )


async def requested(session: Session) -> str:
    (event,) = await outbox.take(session, 10)
    assert event.type == "authentication.verification_requested"
    return str(event.payload["verification_id"])


async def proves(
    session: Session, clock: MovableClock, registration_id: str, code: str, email: str = EMAIL
) -> bool:
    return await verify_email(
        session,
        CODES,
        program_id=PROGRAM,
        registration_id=registration_id,
        email=email,
        code=code,
        at=clock.now(),
    )


async def kept_hash(session: Session) -> str | None:
    """The password that the address has been proven with, if any."""
    found = await find_credentials(session, PROGRAM, EMAIL)
    assert found is not None
    return found.password_hash


async def pending_hashes(session: Session) -> list[str]:
    query = "SELECT pending_password_hash FROM email_verifications WHERE pending_password_hash IS NOT NULL"
    return sorted((await session.execute(text(query))).scalars())


def wrong(code: str) -> str:
    return str((int(code) + 1) % 10**6).zfill(6)


async def test_the_code_that_is_sent_proves_the_address_once(session: Session, clock: MovableClock) -> None:
    mine = await signed_up(session, clock)
    assert await kept_hash(session) is None
    sent = await find_verification_letter(session, CODES, mine.verification_id)
    assert sent is not None
    assert (sent.address, sent.expires_at) == (EMAIL, clock.now() + 10 * MINUTE)
    assert await proves(session, clock, mine.registration_id, sent.facts["code"])
    found = await find_credentials(session, PROGRAM, EMAIL)
    assert found is not None
    assert found.identity.verified_at == clock.now()
    assert found.password_hash == "hash 1"
    assert await pending_hashes(session) == []
    assert [event.type for event in await outbox.take(session, 10)] == ["authentication.email_verified"]
    assert not await proves(session, clock, mine.registration_id, sent.facts["code"])
    assert await find_verification_letter(session, CODES, mine.verification_id) is None


async def test_the_code_itself_is_not_stored(session: Session, clock: MovableClock) -> None:
    mine = await signed_up(session, clock)
    (row,) = (await session.execute(text("SELECT row_to_json(v)::text FROM email_verifications v"))).scalars()
    assert mine.code not in row.replace(mine.verification_id, "").replace(mine.registration_id, "")


async def test_a_code_ends_after_ten_minutes(session: Session, clock: MovableClock) -> None:
    mine = await signed_up(session, clock)
    clock.advance(10 * MINUTE)
    assert not await proves(session, clock, mine.registration_id, mine.code)
    clock.advance(timedelta(seconds=-1))
    assert await proves(session, clock, mine.registration_id, mine.code)


async def test_a_code_ends_after_five_wrong_tries(session: Session, clock: MovableClock) -> None:
    mine = await signed_up(session, clock)
    for _ in range(5):
        assert not await proves(session, clock, mine.registration_id, wrong(mine.code))
    assert not await proves(session, clock, mine.registration_id, mine.code)
    await resent(session, clock, mine.registration_id)
    assert await proves(session, clock, mine.registration_id, CODES.derive(await requested(session)))


async def test_the_fifth_try_may_still_be_right(session: Session, clock: MovableClock) -> None:
    mine = await signed_up(session, clock)
    for _ in range(4):
        assert not await proves(session, clock, mine.registration_id, wrong(mine.code))
    assert await proves(session, clock, mine.registration_id, mine.code)


async def test_fifty_tries_at_once_are_counted_one_by_one(engine: AsyncEngine, clock: MovableClock) -> None:
    async with transaction(engine) as session:
        mine = await signed_up(session, clock)

    async def try_once() -> bool:
        async with transaction(engine) as session:
            return await proves(session, clock, mine.registration_id, wrong(mine.code))

    assert not any(await asyncio.gather(*(try_once() for _ in range(50))))
    async with transaction(engine) as session:
        attempts = (await session.execute(text("SELECT attempts FROM email_verifications"))).scalar_one()
        assert attempts == 5
        assert not await proves(session, clock, mine.registration_id, mine.code)


async def test_a_fresh_code_ends_the_ones_before_of_its_registration(
    session: Session, clock: MovableClock
) -> None:
    mine = await signed_up(session, clock)
    clock.advance(11 * MINUTE)
    await resent(session, clock, mine.registration_id, "Ada@Example.com")
    second = CODES.derive(await requested(session))
    assert mine.code != second
    assert await pending_hashes(session) == ["hash 1"]
    assert await find_verification_letter(session, CODES, mine.verification_id) is None
    assert not await proves(session, clock, mine.registration_id, mine.code)
    assert await proves(session, clock, mine.registration_id, second)
    assert await kept_hash(session) == "hash 1"


async def test_nothing_is_sent_to_addresses_that_wait_for_no_code(
    session: Session, clock: MovableClock
) -> None:
    mine = await signed_up(session, clock)
    await resent(session, clock, mine.registration_id, "nobody@example.com")
    await resent(session, clock, new_id("reg"))
    seeded = "grace@example.com"
    await create_verified_identity(session, seeded, PASSWORD, PROGRAM, clock.now())
    await resent(session, clock, mine.registration_id, seeded)
    assert await outbox.take(session, 10) == []
    assert not await proves(session, clock, mine.registration_id, mine.code, email="nobody@example.com")
    assert not await proves(session, clock, mine.registration_id, mine.code, email=seeded)
    assert await proves(session, clock, mine.registration_id, mine.code)
    await outbox.take(session, 10)
    await resent(session, clock, mine.registration_id)
    assert await outbox.take(session, 10) == []


async def test_registrations_of_one_unproven_address_share_its_identity(
    session: Session, clock: MovableClock
) -> None:
    await signed_up(session, clock, "hash 1")
    await signed_up(session, clock, "hash 2")
    assert await kept_hash(session) is None
    assert await pending_hashes(session) == ["hash 1", "hash 2"]
    assert len(await list_identities(session, program_id=PROGRAM, before=None, limit=10)) == 1


@pytest.mark.parametrize("is_attacker_first", [True, False])
@pytest.mark.parametrize("is_foreign_code_tried_first", [True, False])
async def test_the_owner_of_a_mailbox_proves_it_for_the_password_they_chose(
    session: Session, clock: MovableClock, *, is_attacker_first: bool, is_foreign_code_tried_first: bool
) -> None:
    hashes = ["the attacker's", "the victim's"] if is_attacker_first else ["the victim's", "the attacker's"]
    made = {password_hash: await signed_up(session, clock, password_hash) for password_hash in hashes}
    victim, attacker = made["the victim's"], made["the attacker's"]
    # Both codes arrive in the victim's mailbox, but only one registration id is the victim's.
    if is_foreign_code_tried_first:
        assert not await proves(session, clock, victim.registration_id, attacker.code)
        assert await kept_hash(session) is None
    assert await proves(session, clock, victim.registration_id, victim.code)
    assert not await proves(session, clock, victim.registration_id, attacker.code)
    assert not await proves(session, clock, attacker.registration_id, attacker.code)
    assert not await proves(session, clock, attacker.registration_id, victim.code)
    assert await kept_hash(session) == "the victim's"


async def test_a_proof_ends_the_other_registrations_of_the_address(
    session: Session, clock: MovableClock
) -> None:
    attacker = await signed_up(session, clock, "the attacker's")
    victim = await signed_up(session, clock, "the victim's")
    assert await proves(session, clock, victim.registration_id, victim.code)
    assert await pending_hashes(session) == []
    assert await find_verification_letter(session, CODES, attacker.verification_id) is None
    await outbox.take(session, 10)
    await resent(session, clock, attacker.registration_id)
    assert await outbox.take(session, 10) == []


async def test_a_proof_leaves_registrations_of_other_addresses_alone(
    session: Session, clock: MovableClock
) -> None:
    mine = await signed_up(session, clock, "hash 1")
    graces = NewCredentials("grace@example.com", "hash 2")
    other = await register(session, graces, program_id=PROGRAM, at=clock.now())
    code = CODES.derive(await requested(session))
    assert not await proves(session, clock, other, code)
    assert await proves(session, clock, mine.registration_id, mine.code)
    assert await pending_hashes(session) == ["hash 2"]
    assert await proves(session, clock, other, code, email="grace@example.com")


async def test_wrong_guesses_in_ones_own_registration_cost_no_other_its_tries(
    session: Session, clock: MovableClock
) -> None:
    victim = await signed_up(session, clock, "the victim's")
    attacker = await signed_up(session, clock, "the attacker's")
    for _ in range(6):
        assert not await proves(session, clock, attacker.registration_id, wrong(attacker.code))
        assert not await proves(session, clock, new_id("reg"), victim.code)
    await resent(session, clock, attacker.registration_id)
    assert await proves(session, clock, victim.registration_id, victim.code)


async def test_guesses_in_somebody_elses_registration_gain_its_password_only(
    session: Session, clock: MovableClock
) -> None:
    victim = await signed_up(session, clock, "the victim's")
    attacker = await signed_up(session, clock, "the attacker's")
    assert not await proves(session, clock, victim.registration_id, attacker.code)
    for _ in range(4):
        assert not await proves(session, clock, victim.registration_id, wrong(victim.code))
    assert not await proves(session, clock, victim.registration_id, victim.code)
    await resent(session, clock, victim.registration_id)
    assert await proves(session, clock, victim.registration_id, CODES.derive(await requested(session)))
    assert await kept_hash(session) == "the victim's"


async def test_two_registrations_confirmed_at_once_leave_one_password(
    engine: AsyncEngine, clock: MovableClock
) -> None:
    async with transaction(engine) as session:
        made = [await signed_up(session, clock, f"hash {number}") for number in range(5)]

    async def confirm(one: SignUp) -> bool:
        async with transaction(engine) as session:
            return await proves(session, clock, one.registration_id, one.code)

    outcomes = await asyncio.gather(*(confirm(one) for one in made))
    assert outcomes.count(True) == 1
    async with transaction(engine) as session:
        assert await kept_hash(session) == f"hash {outcomes.index(True)}"
        assert await pending_hashes(session) == []


async def test_the_database_keeps_no_password_on_an_unproven_identity(
    session: Session, clock: MovableClock
) -> None:
    await signed_up(session, clock)
    with pytest.raises(IntegrityError, match="password_proven"):
        async with session.begin_nested():
            await session.execute(text("UPDATE identities SET password_hash = 'the attacker''s'"))


async def test_a_proven_address_cannot_be_registered_again(session: Session, clock: MovableClock) -> None:
    user_id = await create_verified_identity(session, EMAIL, PASSWORD, PROGRAM, clock.now())
    before = await find_credentials(session, PROGRAM, EMAIL)
    new = NewCredentials(EMAIL, "hash 2")
    registration_id = await register(session, new, program_id=PROGRAM, at=clock.now())
    (event,) = await outbox.take(session, 10)
    assert (event.type, event.subject_id, event.payload) == (
        "authentication.registration_repeated",
        user_id,
        {},
    )
    assert await find_credentials(session, PROGRAM, EMAIL) == before
    assert await pending_hashes(session) == []
    assert ensure_id(registration_id, "reg") == registration_id
    assert not await proves(session, clock, registration_id, "000000")


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


async def test_a_seeded_identity_needs_an_acceptable_password(session: Session, clock: MovableClock) -> None:
    with pytest.raises(Invalid, match="15"):
        await create_verified_identity(session, EMAIL, "short", PROGRAM, clock.now())


async def test_whoever_registered_without_proof_loses_the_address_to_the_one_who_is_seeded(
    session: Session, clock: MovableClock
) -> None:
    squatter = await signed_up(session, clock, "the squatter's")
    seeded = await create_verified_identity(session, EMAIL, PASSWORD, PROGRAM, clock.now())
    identity = await find_identity(session, seeded)
    assert identity is not None
    assert (identity.email, identity.verified_at) == (EMAIL, clock.now())
    assert await pending_hashes(session) == []
    assert not await proves(session, clock, squatter.registration_id, squatter.code)
    assert await kept_hash(session) != "the squatter's"


async def test_what_was_never_proven_is_forgotten_after_a_day_and_nothing_else_is(
    engine: AsyncEngine, clock: MovableClock
) -> None:
    async with transaction(engine) as session:
        await create_verified_identity(session, "grace@example.com", PASSWORD, PROGRAM, clock.now())
        await signed_up(session, clock, "the abandoned one")
    clock.advance(timedelta(hours=25))
    async with transaction(engine) as session:
        new = NewCredentials("max@example.com", "the fresh one")
        await register(session, new, program_id=PROGRAM, at=clock.now())
    await forget_abandoned(Work(engine, clock, {}))
    async with transaction(engine) as session:
        left = await list_identities(session, program_id=PROGRAM, before=None, limit=10)
        assert [identity.email for identity in left] == ["max@example.com", "grace@example.com"]
        assert await pending_hashes(session) == ["the fresh one"]


async def test_an_address_that_is_registered_again_in_time_is_not_forgotten(
    engine: AsyncEngine, clock: MovableClock
) -> None:
    async with transaction(engine) as session:
        await signed_up(session, clock, "the first")
    clock.advance(timedelta(hours=25))
    async with transaction(engine) as session:
        mine = await signed_up(session, clock, "the second")
    await forget_abandoned(Work(engine, clock, {}))
    async with transaction(engine) as session:
        assert await pending_hashes(session) == ["the second"]
        assert await proves(session, clock, mine.registration_id, mine.code)


async def test_clearing_up_while_people_register_loses_nobody(
    engine: AsyncEngine, clock: MovableClock
) -> None:
    async with transaction(engine) as session:
        await signed_up(session, clock)
    clock.advance(timedelta(days=2))

    async def register_once(number: int) -> str:
        async with transaction(engine) as session:
            new = NewCredentials(EMAIL, f"hash {number}")
            return await register(session, new, program_id=PROGRAM, at=clock.now())

    work = Work(engine, clock, {})
    await asyncio.gather(*(it for n in range(20) for it in (register_once(n), forget_abandoned(work))))
    async with transaction(engine) as session:
        assert len(await pending_hashes(session)) == 20
        assert len(await list_identities(session, program_id=PROGRAM, before=None, limit=30)) == 1
