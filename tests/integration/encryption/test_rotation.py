"""Keys are replaced under load: no read fails, all records end under the new key, the old one is done."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncEngine

from builders import KEY_FILE
from cardwright.adapters.key_file import FileKeyProvider, add_key
from cardwright.core.clock import MovableClock
from cardwright.db.session import transaction
from cardwright.encryption import (
    EncryptionError,
    Keyring,
    KeyStatus,
    Rotation,
    blind_index,
    list_key_status,
    rewrap,
    with_keyring,
)
from cardwright.encryption.domain import key_id_of
from cardwright.encryption.store import data_keys
from integration.encryption.letters import (
    BODY,
    COLUMNS,
    engine_with_letters,
    letters,
    read,
    rewrite,
    stored,
    write,
)

LETTERS = 250


def rotation_on(engine: AsyncEngine, clock: MovableClock) -> Rotation:
    """What the command has: a keyring of its own, unlike that of the engine it shares here."""
    keyring = Keyring(FileKeyProvider(KEY_FILE, accept_demo=True), COLUMNS, clock)
    return Rotation(with_keyring(engine, keyring), keyring, "prog_a")


@pytest.fixture
def rotation(engine: AsyncEngine, clock: MovableClock) -> Rotation:
    return rotation_on(engine, clock)


async def status(rotation: Rotation) -> list[KeyStatus]:
    async with transaction(rotation.engine) as session:
        found = await list_key_status(session, rotation.keyring, "prog_a")
    return [key for key in found if key.purpose == "sealing"]


async def write_many(engine: AsyncEngine, count: int = LETTERS) -> list[str]:
    async with transaction(engine) as session:
        return [
            await write(session, "prog_a", f"letter {n}", f"p.s. {n}" if n % 2 else None)
            for n in range(count)
        ]


async def test_rotating_under_load_fails_no_read_and_leaves_nothing_under_the_old_key(
    engine: AsyncEngine, database_url: str, rotation: Rotation
) -> None:
    letter_ids = await write_many(engine)
    old = key_id_of((await stored(engine))[0])
    elsewhere = await engine_with_letters(database_url, pool_size=8)
    finished = asyncio.Event()
    reads, writes, failures = 0, 0, []

    async def repeat(do: Callable[[int], Awaitable[None]]) -> None:
        turn = 0
        while not finished.is_set():
            turn += 1
            try:
                await do(turn)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is counted
                failures.append(error)
                return

    async def look(turn: int) -> None:
        nonlocal reads
        letter_id = letter_ids[turn * 7 % LETTERS]
        async with transaction((engine, elsewhere)[turn % 2]) as session:
            found = await read(session, letter_id)
            # What was read before a record is written anew is opened after it, too.
            assert found["body"] == f"letter {letter_ids.index(letter_id)}"
        reads += 1

    async def change(turn: int) -> None:
        nonlocal writes
        number = turn * 13 % LETTERS
        async with transaction((engine, elsewhere)[turn % 2]) as session:
            await rewrite(session, letter_ids[number], "prog_a", f"letter {number}", f"changed {turn}")
            await write(session, "prog_a", "a new letter")
        writes += 1

    load = [asyncio.create_task(repeat(do)) for do in (look, look, look, change, change)]
    new = ""
    for _ in range(3):
        add_key(KEY_FILE)
        new = await rotation.begin()
        await rotation.finish(lambda _done, _total: None)
        await rewrap(rotation.engine, rotation.keyring, "prog_a")
    finished.set()
    await asyncio.gather(*load)
    assert failures == []
    assert min(reads, writes) > 20
    await rotation.finish(lambda _done, _total: None)
    assert {key_id_of(record) for record in await stored(engine)} == {new}
    first, *between, last = await status(rotation)
    assert (first.key_id, first.state, first.records) == (old, "retired", 0)
    assert {key.state for key in between} == {"retired"}
    assert (last.key_id, last.state, last.records) == (new, "current", len(await stored(engine)))
    assert len({key.provider_key_id for key in (first, *between, last)}) == 1
    await elsewhere.dispose()


async def test_a_new_epoch_is_used_at_once_by_processes_that_run(
    engine: AsyncEngine, rotation: Rotation
) -> None:
    await write_many(engine, 1)
    new = await rotation.begin()
    async with transaction(engine) as session:
        await write(session, "prog_a", "after it")
    assert key_id_of((await stored(engine))[-1]) == new


async def test_the_old_epoch_stays_fit_for_sealing_only_while_somebody_is_at_it(
    engine: AsyncEngine, rotation: Rotation
) -> None:
    await write_many(engine, 3)
    async with transaction(engine) as session:
        await write(session, "prog_a", "begun before the rotation")
        await rotation.begin()
        finishing = asyncio.create_task(rotation.finish(lambda _done, _total: None))
        await asyncio.sleep(0.3)
        assert not finishing.done()
        assert [key.state for key in await status(rotation)] == ["current", "current"]
    assert await finishing == 5
    assert [key.state for key in await status(rotation)] == ["retired", "current"]


async def test_rows_that_are_in_use_are_written_anew_later(engine: AsyncEngine, rotation: Rotation) -> None:
    letter_ids = await write_many(engine, 5)
    await rotation.begin()
    async with transaction(engine) as session:
        await session.execute(select(letters).where(letters.c.id == letter_ids[2]).with_for_update())
        finishing = asyncio.create_task(rotation.finish(lambda _done, _total: None))
        await asyncio.sleep(0.3)
        assert not finishing.done()
        assert len({key_id_of(record) for record in await stored(engine)}) == 2
        await rewrite(session, letter_ids[2], "prog_a", "changed meanwhile", None)
    await finishing
    async with transaction(engine) as session:
        assert (await read(session, letter_ids[2]))["body"] == "changed meanwhile"
        assert (await read(session, letter_ids[3]))["body"] == "letter 3"
    assert len({key_id_of(record) for record in await stored(engine)}) == 1


async def test_a_rotation_that_was_interrupted_goes_on_where_it_was(
    engine: AsyncEngine, rotation: Rotation
) -> None:
    class Interrupted(Exception):
        pass

    def interrupt(done: int, _total: int) -> None:
        if done >= 100:
            raise Interrupted

    await write_many(engine)
    new = await rotation.begin()
    with pytest.raises(Interrupted):
        await rotation.finish(interrupt)
    assert len({key_id_of(record) for record in await stored(engine)}) == 2
    told: list[tuple[int, int]] = []
    left = await rotation.finish(lambda done, total: told.append((done, total)))
    assert 0 < left < LETTERS * 3 // 2
    assert (told[0], told[-1]) == ((0, left), (left, left))
    assert {key_id_of(record) for record in await stored(engine)} == {new}
    before = await stored(engine)
    assert await rotation.finish(lambda _done, _total: None) == 0
    assert await stored(engine) == before


async def test_two_rotations_at_once_leave_one_key(
    engine: AsyncEngine, rotation: Rotation, clock: MovableClock
) -> None:
    await write_many(engine, 20)
    begun = await asyncio.gather(rotation.begin(), rotation_on(engine, clock).begin(), return_exceptions=True)
    assert [found for found in begun if not isinstance(found, str | EncryptionError)] == []
    await asyncio.gather(
        rotation.finish(lambda _done, _total: None),
        rotation_on(engine, clock).finish(lambda _done, _total: None),
    )
    assert len({key_id_of(record) for record in await stored(engine)}) == 1
    assert [key.state for key in await status(rotation)].count("current") == 1


async def test_other_programs_and_the_blind_index_stay_as_they_are(
    engine: AsyncEngine, rotation: Rotation
) -> None:
    async with transaction(engine) as session:
        theirs = await write(session, "prog_b", "theirs")
        index = await blind_index(session, BODY, "prog_a", "x")
    before = await stored(engine)
    await rotation.begin()
    await rotation.finish(lambda _done, _total: None)
    assert await stored(engine) == before
    async with transaction(rotation.engine) as session:
        assert await blind_index(session, BODY, "prog_a", "x") == index
        assert (await read(session, theirs))["body"] == "theirs"


async def test_a_retired_key_is_destroyed_after_a_day_unless_a_record_needs_it(
    engine: AsyncEngine, rotation: Rotation, clock: MovableClock
) -> None:
    letter_ids = await write_many(engine, 2)
    early = (await stored(engine))[0]
    for _ in range(2):
        await rotation.begin()
        await rotation.finish(lambda _done, _total: None)
    assert [key.state for key in await status(rotation)] == ["retired", "retired", "current"]
    clock.advance(timedelta(hours=23))
    await rotation.finish(lambda _done, _total: None)
    assert "destroyed" not in {key.state for key in await status(rotation)}
    clock.advance(timedelta(hours=2))
    await rotation.finish(lambda _done, _total: None)
    assert [key.state for key in await status(rotation)] == ["destroyed", "destroyed", "current"]
    async with transaction(engine) as session:
        wrapped = select(data_keys.c.wrapped_key).where(data_keys.c.id == key_id_of(early))
        assert (await session.execute(wrapped)).scalar_one() is None
        await session.execute(update(letters).where(letters.c.id == letter_ids[0]).values(body=early))
    cold = rotation_on(engine, clock)
    async with transaction(cold.engine) as session:
        with pytest.raises(EncryptionError, match="was destroyed"):
            await read(session, letter_ids[0])


async def test_a_tampered_record_stops_a_rotation_and_is_not_sealed_anew(
    engine: AsyncEngine, rotation: Rotation
) -> None:
    first, second = await write_many(engine, 2)
    async with transaction(engine) as session:
        record = select(letters.c.body).where(letters.c.id == first).scalar_subquery()
        await session.execute(update(letters).where(letters.c.id == second).values(body=record))
    await rotation.begin()
    with pytest.raises(EncryptionError, match="belongs elsewhere"):
        await rotation.finish(lambda _done, _total: None)
    assert [key.state for key in await status(rotation)] == ["superseded", "current"]


async def test_rewrapping_changes_no_record_and_makes_the_old_key_encryption_key_dispensable(
    engine: AsyncEngine, rotation: Rotation, database_url: str
) -> None:
    letter_ids = await write_many(engine, 2)
    before = await stored(engine)
    newest = add_key(KEY_FILE)
    async with transaction(engine) as session:
        await blind_index(session, BODY, "prog_a", "x")
    assert await rewrap(rotation.engine, rotation.keyring, "prog_a") == 2
    assert await stored(engine) == before
    async with transaction(engine) as session:
        under = (
            (await session.execute(text("SELECT DISTINCT provider_key_id FROM data_keys"))).scalars().all()
        )
    assert under == [newest]
    cold = await engine_with_letters(database_url)
    async with transaction(cold) as session:
        assert (await read(session, letter_ids[0]))["body"] == "letter 0"
    await cold.dispose()
