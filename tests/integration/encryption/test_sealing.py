"""Sealing through a session: keys are made when needed, shared by processes, and asked for once."""

import asyncio

import pytest
from sqlalchemy import event, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from builders import KEY_FILE
from cardwright.adapters.key_file import FileKeyProvider
from cardwright.core.clock import SystemClock
from cardwright.db.confinement import confine_to_customer
from cardwright.db.session import create_engine, transaction
from cardwright.encryption import (
    EncryptionError,
    Keyring,
    Place,
    SealedColumn,
    blind_index,
    open_sealed,
    seal,
    warm,
    with_keyring,
)
from cardwright.encryption.domain import key_id_of
from cardwright.encryption.store import data_keys
from integration.encryption.counting import CountingProvider
from integration.encryption.letters import (
    BODY,
    COLUMNS,
    POSTSCRIPT,
    engine_with_letters,
    letters,
    read,
    stored,
    write,
)


async def test_one_process_opens_what_another_sealed(engine: AsyncEngine, database_url: str) -> None:
    async with transaction(engine) as session:
        letter_id = await write(session, "prog_a", "Dear Ada", "write soon")
    other = await engine_with_letters(database_url)
    async with transaction(other) as session:
        assert await read(session, letter_id) == {"body": "Dear Ada", "postscript": "write soon"}
    await other.dispose()
    assert not [record for record in await stored(engine) if "Ada" in record or "soon" in record]


async def test_many_first_writers_of_a_program_agree_on_one_key(engine: AsyncEngine) -> None:
    async def first() -> None:
        async with transaction(engine) as session:
            await write(session, "prog_a", "me first")

    # Fewer than connections: whoever makes the first key needs a second one.
    await asyncio.gather(*(first() for _ in range(8)))
    assert len({key_id_of(record) for record in await stored(engine)}) == 1


async def test_a_key_survives_the_transaction_that_first_needed_it(engine: AsyncEngine) -> None:
    async with engine.connect() as session:
        index = await blind_index(session, BODY, "prog_a", "x")
        await write(session, "prog_a", "never stored")
        await session.rollback()
    async with transaction(engine) as session:
        assert await blind_index(session, BODY, "prog_a", "x") == index
        letter_id = await write(session, "prog_a", "stored")
        assert (await read(session, letter_id))["body"] == "stored"


async def test_a_record_moved_in_the_database_does_not_open(engine: AsyncEngine) -> None:
    async with transaction(engine) as session:
        mine, theirs = [await write(session, "prog_a", text, text) for text in ("mine", "theirs")]
        record = select(letters.c.body).where(letters.c.id == theirs).scalar_subquery()
        await session.execute(update(letters).where(letters.c.id == mine).values(body=record))
        with pytest.raises(EncryptionError, match="belongs elsewhere"):
            await read(session, mine)
        await session.execute(update(letters).where(letters.c.id == theirs).values(postscript=letters.c.body))
        with pytest.raises(EncryptionError, match="belongs elsewhere"):
            await read(session, theirs)
    async with transaction(engine) as session:
        other = await write(session, "prog_b", "another program's")
        await session.execute(update(letters).where(letters.c.id == other).values(program_id="prog_a"))
        with pytest.raises(EncryptionError, match="not a key of the program"):
            await read(session, other)


async def test_a_wrapped_key_given_to_another_program_does_not_unwrap(
    engine: AsyncEngine, database_url: str
) -> None:
    async with transaction(engine) as session:
        await write(session, "prog_a", "x")
        await session.execute(update(data_keys).values(program_id="prog_b"))
    other = await engine_with_letters(database_url)
    async with transaction(other) as session:
        with pytest.raises(EncryptionError, match="belongs elsewhere"):
            await write(session, "prog_b", "x")
    await other.dispose()


async def test_a_column_that_rotation_does_not_know_is_not_sealed(engine: AsyncEngine) -> None:
    async with transaction(engine) as session:
        with pytest.raises(EncryptionError, match="not among the sealed columns"):
            await seal(session, Place("letters", "id", "letter_1", "prog_a"), "x")
    with pytest.raises(ValueError, match="letters has no column colour"):
        SealedColumn(letters, "colour")


async def test_a_confined_session_seals_and_opens_for_its_program_and_changes_no_key(
    engine: AsyncEngine, database_url: str
) -> None:
    place = BODY.place("letter_1", "prog_a")
    for program_id in ("prog_a", "prog_b"):
        async with transaction(engine) as session:
            await warm(session, program_id)
    cold = await engine_with_letters(database_url)
    async with transaction(cold) as session:
        await confine_to_customer(session, program_id="prog_a", user_id="user_a")
        assert await open_sealed(session, place, await seal(session, place, "Dear Ada")) == "Dear Ada"
        assert await blind_index(session, BODY, "prog_a", "x")
        assert set((await session.execute(select(data_keys.c.program_id))).scalars()) == {"prog_a"}
    async with cold.connect() as session:
        await confine_to_customer(session, program_id="prog_a", user_id="user_a")
        assert (await session.execute(data_keys.delete())).rowcount == 0
        with pytest.raises(DBAPIError, match="row-level security"):
            await session.execute(update(data_keys).values(epoch=9))
    await cold.dispose()


async def test_a_session_without_a_keyring_says_so(database_url: str) -> None:
    engine = create_engine(database_url)
    async with transaction(engine) as session:
        with pytest.raises(EncryptionError, match="carries no keyring"):
            await open_sealed(session, BODY.place("letter_1", "prog_a"), "s1:dek:AAAA")
    await engine.dispose()


async def test_a_record_under_an_unknown_or_an_index_key_is_refused(engine: AsyncEngine) -> None:
    async with transaction(engine) as session:
        await blind_index(session, BODY, "prog_a", "x")
        index_key = (await session.execute(select(data_keys.c.id))).scalar_one()
        for key_id in ("dek_unknown", index_key):
            with pytest.raises(EncryptionError, match="there is no sealing key"):
                await open_sealed(session, BODY.place("letter_1", "prog_a"), f"s1:{key_id}:{'A' * 40}")


async def test_a_warm_process_neither_unwraps_nor_asks_the_database_to_open(engine: AsyncEngine) -> None:
    place = BODY.place("letter_1", "prog_a")
    async with transaction(engine) as session:
        sealed = await seal(session, place, "Dear Ada")
    provider = CountingProvider()
    statements: list[str] = []
    warmed = with_keyring(engine, Keyring(provider, COLUMNS, SystemClock()))
    async with transaction(warmed) as session:
        await warm(session, "prog_a")
        event.listen(warmed.sync_engine, "before_cursor_execute", lambda *call: statements.append(call[2]))
        for _ in range(100):
            assert await open_sealed(session, place, sealed) == "Dear Ada"
    # The sealing key, and the index key that warming makes.
    assert (provider.unwrapped, statements) == (2, [])
    async with transaction(warmed) as session:
        await read(session, await write(session, "prog_a", "a statement that is seen"))
    assert len(statements) == 3


async def test_many_who_meet_a_new_key_at_once_unwrap_it_once(engine: AsyncEngine) -> None:
    async with transaction(engine) as session:
        letter_id = await write(session, "prog_a", "Dear Ada")
    provider = CountingProvider()
    cold = with_keyring(engine, Keyring(provider, COLUMNS, SystemClock()))

    async def look() -> str | None:
        async with transaction(cold) as session:
            return (await read(session, letter_id))["body"]

    assert await asyncio.gather(*(look() for _ in range(15))) == ["Dear Ada"] * 15
    assert provider.unwrapped == 1


async def test_blind_indexes_are_equal_for_equal_texts_of_one_column_and_program_only(
    engine: AsyncEngine, database_url: str
) -> None:
    async with transaction(engine) as session:
        known = await blind_index(session, BODY, "prog_a", "ada@example.org")
        others = [
            await blind_index(session, BODY, "prog_a", "ada@example.com"),
            await blind_index(session, POSTSCRIPT, "prog_a", "ada@example.org"),
            await blind_index(session, BODY, "prog_b", "ada@example.org"),
        ]
    assert len({known, *others}) == 4
    other = await engine_with_letters(database_url)
    async with transaction(other) as session:
        assert await blind_index(session, BODY, "prog_a", "ada@example.org") == known
    await other.dispose()


def test_a_keyring_shows_no_key() -> None:
    keyring = Keyring(FileKeyProvider(KEY_FILE, accept_demo=True), COLUMNS, SystemClock())
    assert repr(keyring) == "Keyring(0 keys)"
