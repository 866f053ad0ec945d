"""Recovery codes: ten, shown once, each good once."""

import asyncio
from collections.abc import Sequence

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright.authentication import forget_factors
from cardwright.authentication.factors import codes_store, recovery_codes
from cardwright.core.clock import MovableClock
from cardwright.db.session import transaction
from integration.authentication.factor_people import Person, somebody
from integration.kyc.people import drain


@pytest.fixture
async def ada(engine: AsyncEngine, clock: MovableClock) -> Person:
    person = await somebody(engine, clock)
    await person.with_app()
    await drain(engine)
    return person


async def fresh_codes(person: Person) -> Sequence[str]:
    async with transaction(person.engine) as session:
        codes = await recovery_codes.replace_recovery_codes(session, person.owner, person.clock.now())
    return [code.reveal() for code in codes]


async def use(person: Person, code: str) -> bool:
    async with transaction(person.engine) as session:
        return await recovery_codes.use_recovery_code(session, person.owner, code, person.clock.now())


async def left(person: Person) -> int:
    async with transaction(person.engine) as session:
        return await codes_store.count_recovery_codes(session, person.owner.user_id)


async def test_ten_codes_are_made_and_none_of_them_is_stored(ada: Person) -> None:
    codes = await fresh_codes(ada)
    assert len(set(codes)) == 10
    async with transaction(ada.engine) as session:
        stored = "".join((await session.execute(text("SELECT code_hash FROM recovery_codes"))).scalars())
    assert not any(code in stored or code.replace("-", "") in stored for code in codes)


async def test_a_code_used_twenty_times_at_once_works_once(ada: Person) -> None:
    code, *_ = await fresh_codes(ada)
    answers = await asyncio.gather(*(use(ada, code) for _ in range(20)))
    assert answers.count(True) == 1
    assert await left(ada) == 9
    assert (await ada.audited())[-1:] == ["recovery_code.used"]
    (event,) = await drain(ada.engine)
    assert (event.type, event.payload) == ("authentication.recovery_code_used", {"codes_left": 9})


async def test_each_code_works_once_however_it_is_typed(ada: Person) -> None:
    codes = await fresh_codes(ada)
    for number, code in enumerate(codes):
        typed = code.upper().replace("-", " " if number % 2 else "").replace("0", "O").replace("1", "l")
        assert await use(ada, typed)
        assert not await use(ada, code)
    assert await left(ada) == 0


async def test_codes_of_somebody_else_and_wrong_ones_are_refused(ada: Person) -> None:
    eve = await somebody(ada.engine, ada.clock, "eve@example.com")
    code, *_ = await fresh_codes(ada)
    assert not await use(eve, code)
    assert not await use(ada, "0000-0000-0000-0000")
    assert await left(ada) == 10


async def test_new_codes_end_the_ones_before(ada: Person) -> None:
    before = await fresh_codes(ada)
    after = await fresh_codes(ada)
    assert not await use(ada, before[0])
    assert await use(ada, after[0])
    assert await left(ada) == 9


async def count_waiting(person: Person) -> int:
    """Return how many transactions wait for another one; each look needs a transaction of its own."""
    here = "wait_event_type = 'Lock' AND datname = current_database()"
    async with transaction(person.engine) as session:
        found = await session.execute(text(f"SELECT count(*) FROM pg_stat_activity WHERE {here}"))  # noqa: S608
        return int(found.scalar_one())


async def test_codes_asked_for_at_once_are_one_set(ada: Person) -> None:
    await fresh_codes(ada)
    async with transaction(ada.engine) as session:
        # All of them are under way before the first can finish.
        await session.execute(text("SELECT FROM recovery_codes FOR UPDATE"))
        asking = [asyncio.create_task(fresh_codes(ada)) for _ in range(5)]
        async with asyncio.timeout(20):
            while await count_waiting(ada) < len(asking):  # noqa: ASYNC110 - the database tells nobody
                await asyncio.sleep(0.02)
    sets = await asyncio.gather(*asking)
    good = [codes for codes in sets if await use(ada, codes[0])]
    assert len(good) == 1
    assert await left(ada) == 9


async def test_a_second_factor_brings_no_second_set(ada: Person) -> None:
    at = ada.clock.now()
    async with transaction(ada.engine) as session:
        assert len(await recovery_codes.first_recovery_codes(session, ada.owner, at)) == 10
        assert await recovery_codes.first_recovery_codes(session, ada.owner, at) == []


async def test_an_account_that_is_closed_leaves_no_factor_behind(ada: Person) -> None:
    await fresh_codes(ada)
    await ada.registering()
    async with transaction(ada.engine) as session:
        await forget_factors(session, ada.owner.user_id)
        for table in ("totps", "recovery_codes", "passkeys", "passkey_handles"):
            assert (await session.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one() == 0  # noqa: S608
