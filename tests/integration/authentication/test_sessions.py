"""Sessions: their secrets, how they are strengthened, and how they end, on a real PostgreSQL."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from browsers import opened_for
from cardwright.access import Role
from cardwright.authentication import create_verified_identity, session_store
from cardwright.authentication.domain import CARDHOLDERS, STAFF, Lifetime
from cardwright.authentication.sessions import (
    OpenedSession,
    find_living_session,
    find_session_of_secret,
    list_sessions,
    revoke_all_sessions,
    revoke_session,
    strengthen_session,
)
from cardwright.core.clock import MovableClock
from cardwright.core.errors import Unauthenticated
from cardwright.core.ids import new_id
from cardwright.db.session import transaction
from staff import grant_role

PROGRAM = new_id("prog")
SECOND = timedelta(seconds=1)


@pytest.fixture
async def user_id(engine: AsyncEngine, clock: MovableClock) -> str:
    async with transaction(engine) as session:
        return await create_verified_identity(
            session, "ada@example.com", "correct horse battery staple", PROGRAM, clock.now()
        )


async def is_signed_in(engine: AsyncEngine, clock: MovableClock, opened: OpenedSession) -> bool:
    async with transaction(engine) as session:
        found = await find_session_of_secret(session, opened.secret.reveal(), clock.now())
        return found is not None


async def become_staff(engine: AsyncEngine, clock: MovableClock, user_id: str) -> None:
    async with transaction(engine) as session:
        await grant_role(session, user_id, Role.SUPPORT, "system", clock.now())


async def test_secrets_are_stored_as_digests_only_and_never_shown(
    engine: AsyncEngine, clock: MovableClock, user_id: str
) -> None:
    opened = await opened_for(engine, clock, user_id)
    async with transaction(engine) as session:
        query = text("SELECT row_to_json(s)::text FROM auth_sessions s")
        (row,) = (await session.execute(query)).scalars()
    assert opened.secret.reveal() not in row
    assert opened.secret.reveal() not in repr(opened)
    assert opened.session.secret_hash not in repr(opened)
    assert len(opened.secret.reveal()) == 43


async def test_made_up_secrets_stand_for_nobody(
    engine: AsyncEngine, clock: MovableClock, user_id: str
) -> None:
    opened = await opened_for(engine, clock, user_id)
    right = opened.secret.reveal()
    async with transaction(engine) as session:
        for made_up in (
            "",
            "x",
            right + "x",
            right.swapcase(),
            opened.session.secret_hash,
            opened.session.id,
        ):
            assert await find_session_of_secret(session, made_up, clock.now()) is None


@pytest.mark.parametrize("lifetime", [CARDHOLDERS, STAFF], ids=["cardholder", "staff"])
async def test_idle_and_old_sessions_end(
    engine: AsyncEngine, clock: MovableClock, user_id: str, lifetime: Lifetime
) -> None:
    if lifetime is STAFF:
        await become_staff(engine, clock, user_id)
    idle, used = [await opened_for(engine, clock, user_id) for _ in range(2)]
    assert used.session.expires_at == clock.now() + lifetime.absolute
    begun = clock.now()
    while clock.now() + lifetime.idle < begun + lifetime.absolute:
        clock.advance(lifetime.idle - SECOND)
        assert await is_signed_in(engine, clock, used)
        assert await is_signed_in(engine, clock, idle) == (clock.now() == begun + lifetime.idle - SECOND)
        async with transaction(engine) as session:
            await session_store.save_seen(session, used.session.id, clock.now())
    assert not await is_signed_in(engine, clock, idle)
    clock.advance(begun + lifetime.absolute - clock.now())
    assert not await is_signed_in(engine, clock, used)


async def test_whoever_becomes_staff_has_staffs_short_sessions_from_then_on(
    engine: AsyncEngine, clock: MovableClock, user_id: str
) -> None:
    opened = await opened_for(engine, clock, user_id)
    clock.advance(timedelta(minutes=16))
    assert await is_signed_in(engine, clock, opened)
    await become_staff(engine, clock, user_id)
    assert not await is_signed_in(engine, clock, opened)
    async with transaction(engine) as session:
        assert await list_sessions(session, user_id, at=clock.now(), before=None, limit=10) == []


async def test_giving_a_factor_replaces_the_secret_and_the_old_cookie_dies(
    engine: AsyncEngine, clock: MovableClock, user_id: str
) -> None:
    opened = await opened_for(engine, clock, user_id)
    async with transaction(engine) as session:
        await session_store.save_strengthened(session, replace(opened.session, awaits_factor=True))
        assert await find_living_session(session, opened.session.id, clock.now()) is None
    clock.advance(timedelta(minutes=1))
    async with transaction(engine) as session:
        stronger = await strengthen_session(session, opened.session.id, method="otp", at=clock.now())
        held = await find_living_session(session, opened.session.id, clock.now())
    assert held == stronger.session
    assert (held.methods, held.awaits_factor, held.factor_used_at) == (("pwd", "otp"), False, clock.now())
    assert not await is_signed_in(engine, clock, opened)
    assert await is_signed_in(engine, clock, stronger)
    async with transaction(engine) as session:
        again = await strengthen_session(session, opened.session.id, method="otp", at=clock.now())
    assert again.session.methods == ("pwd", "otp")


async def test_a_factor_does_not_bring_back_a_session_that_is_over(
    engine: AsyncEngine, clock: MovableClock, user_id: str
) -> None:
    opened = await opened_for(engine, clock, user_id)
    async with transaction(engine) as session:
        await revoke_session(session, user_id, opened.session.id, clock.now())
        with pytest.raises(Unauthenticated, match="ended"):
            await strengthen_session(session, opened.session.id, method="otp", at=clock.now())


async def test_all_sessions_but_one_end_and_each_end_is_on_record(
    engine: AsyncEngine, clock: MovableClock, user_id: str
) -> None:
    mine, *others = [await opened_for(engine, clock, user_id) for _ in range(4)]
    async with transaction(engine) as session:
        await revoke_all_sessions(session, user_id, except_id=mine.session.id, at=clock.now())
    assert [await is_signed_in(engine, clock, it) for it in (mine, *others)] == [True, False, False, False]
    async with transaction(engine) as session:
        await revoke_all_sessions(session, user_id, at=clock.now())
        entries = await session.execute(
            text("SELECT subject_id FROM audit_entries WHERE action = 'session.revoked' ORDER BY id")
        )
        ended = list(entries.scalars())
    assert not await is_signed_in(engine, clock, mine)
    assert ended == [it.session.id for it in (*others, mine)]


async def test_browsers_that_end_each_others_sessions_at_once_do_not_wait_in_a_circle(
    engine: AsyncEngine, clock: MovableClock, user_id: str
) -> None:
    opened = [await opened_for(engine, clock, user_id) for _ in range(10)]

    async def end_all_but(kept: OpenedSession) -> None:
        async with transaction(engine) as session:
            await revoke_all_sessions(session, user_id, except_id=kept.session.id, at=clock.now())

    await asyncio.gather(*(end_all_but(kept) for kept in opened))
    alive = [await is_signed_in(engine, clock, it) for it in opened]
    assert sum(alive) <= 1


async def test_a_sighting_waits_for_nobody_and_never_goes_back(
    engine: AsyncEngine, clock: MovableClock, user_id: str
) -> None:
    opened = await opened_for(engine, clock, user_id)
    later, earlier = clock.now() + timedelta(minutes=2), clock.now() + timedelta(minutes=1)
    async with transaction(engine) as holder:
        await session_store.session_for_update(holder, opened.session.id)
        async with transaction(engine) as session:
            await session_store.save_seen(session, opened.session.id, later)
            unchanged = await session_store.find_session(session, opened.session.id)
    assert unchanged == opened.session
    async with transaction(engine) as session:
        for at in (later, earlier):
            await session_store.save_seen(session, opened.session.id, at)
        seen = await session_store.find_session(session, opened.session.id)
    assert seen == replace(opened.session, last_seen_at=later)
