"""The vault: what it keeps opens in its own row alone, and nobody reads it but the vault's role."""

import asyncio
from collections.abc import AsyncIterator
from secrets import token_hex

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from builders import engine_for_tests
from cardwright import vault
from cardwright.core.clock import MovableClock
from cardwright.core.errors import Conflict, NotFound
from cardwright.core.ids import new_id
from cardwright.core.sensitive import Sensitive
from cardwright.db.base import metadata
from cardwright.db.confinement import VAULT, acting_as, confine_to_customer, confine_to_program
from cardwright.db.session import Session, transaction
from cardwright.encryption import EncryptionError, Keyring, Rotation
from cardwright.encryption.service import keyring_of

NUMBER = Sensitive("4000009990123456")
OTHER_NUMBER = Sensitive("4000009990654321")
PROGRAM = "prog_of_the_vault"
READ = text("SELECT * FROM vault.card_numbers")


async def keep(engine: AsyncEngine, clock: MovableClock, card_id: str, number: Sensitive = NUMBER) -> None:
    async with transaction(engine) as session:
        await vault.keep(session, card_id=card_id, program_id=PROGRAM, number=number, at=clock.now())


async def revealed(engine: AsyncEngine, card_id: str, program_id: str = PROGRAM) -> str:
    async with transaction(engine) as session:
        return (await vault.reveal(session, card_id=card_id, program_id=program_id)).reveal()


@pytest.fixture
async def card_id(engine: AsyncEngine, clock: MovableClock) -> str:
    made = new_id("card")
    await keep(engine, clock, made)
    return made


@pytest.fixture
async def plain_engine(engine: AsyncEngine, database_url: str) -> AsyncIterator[AsyncEngine]:
    """The database as a login that is no superuser and may become the vault's role."""
    login = f"cardwright_login_{token_hex(4)}"
    async with transaction(engine) as session:
        await session.execute(text(f"CREATE ROLE {login} LOGIN BYPASSRLS"))
        await session.execute(text(f"GRANT {VAULT} TO {login} WITH INHERIT FALSE, SET TRUE"))
        await session.execute(text(f"GRANT SELECT, UPDATE ON data_keys TO {login}"))
    url = make_url(database_url).set(username=login).render_as_string(hide_password=False)
    made = engine_for_tests(url)
    yield made
    await made.dispose()
    async with transaction(engine) as session:
        await session.execute(text(f"DROP OWNED BY {login}"))
        await session.execute(text(f"DROP ROLE {login}"))


async def test_a_number_comes_back_as_it_was_kept(engine: AsyncEngine, card_id: str) -> None:
    assert await revealed(engine, card_id) == NUMBER.reveal()


async def test_what_is_stored_has_neither_the_number_nor_a_part_of_it(
    engine: AsyncEngine, card_id: str
) -> None:
    async with transaction(engine) as session:
        (row,) = (await session.execute(READ)).all()
    assert row.card_id == card_id
    assert NUMBER.reveal() not in str(row)


async def test_keeping_the_same_number_again_does_nothing(
    engine: AsyncEngine, clock: MovableClock, card_id: str
) -> None:
    async with transaction(engine) as session:
        before = (await session.execute(READ)).all()
    await keep(engine, clock, card_id)
    async with transaction(engine) as session:
        assert (await session.execute(READ)).all() == before


async def test_another_number_for_the_same_card_is_refused(
    engine: AsyncEngine, clock: MovableClock, card_id: str
) -> None:
    with pytest.raises(Conflict, match="another number"):
        await keep(engine, clock, card_id, OTHER_NUMBER)
    assert await revealed(engine, card_id) == NUMBER.reveal()


async def test_of_two_numbers_at_once_one_is_kept_and_the_other_refused(
    engine: AsyncEngine, clock: MovableClock
) -> None:
    made = new_id("card")
    outcomes = await asyncio.gather(
        keep(engine, clock, made, NUMBER), keep(engine, clock, made, OTHER_NUMBER), return_exceptions=True
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Conflict", "NoneType"]


async def test_a_number_of_another_program_is_not_there(engine: AsyncEngine, card_id: str) -> None:
    with pytest.raises(NotFound):
        await revealed(engine, card_id, "prog_of_others")


async def test_a_sealed_number_does_not_open_in_another_cards_row(
    engine: AsyncEngine, clock: MovableClock, card_id: str
) -> None:
    own = new_id("card")
    await keep(engine, clock, own, OTHER_NUMBER)
    async with transaction(engine) as session:
        await session.execute(
            text(
                "UPDATE vault.card_numbers SET number = (SELECT number FROM vault.card_numbers WHERE"
                " card_id = :of) WHERE card_id = :to"
            ),
            {"of": card_id, "to": own},
        )
    with pytest.raises(EncryptionError):
        await revealed(engine, own)


async def test_confined_roles_are_denied_whatever_they_ask(engine: AsyncEngine, card_id: str) -> None:
    for confine in (confine_to_customer, confine_to_program):
        for statement in (
            "SELECT number FROM vault.card_numbers",
            "SELECT count(*) FROM vault.card_numbers",
            "UPDATE vault.card_numbers SET kept_at = now()",
            "DELETE FROM vault.card_numbers",
            f"INSERT INTO vault.card_numbers VALUES ('{card_id}', 'p', 'n', now())",  # noqa: S608
        ):
            async with transaction(engine) as session:
                await confine(session, program_id=PROGRAM, user_id="user_1")
                with pytest.raises(DBAPIError, match="permission denied for schema vault"):
                    await session.execute(text(statement))
                await session.rollback()


async def test_the_login_reads_nothing_as_long_as_it_does_not_become_the_vault(
    plain_engine: AsyncEngine, card_id: str
) -> None:
    async with transaction(plain_engine) as session:
        with pytest.raises(DBAPIError, match="permission denied for schema vault"):
            await session.execute(READ)
        await session.rollback()
    assert await revealed(plain_engine, card_id) == NUMBER.reveal()


async def test_after_a_look_the_transaction_is_whoever_it_was_before(
    engine: AsyncEngine, clock: MovableClock
) -> None:
    await keep(engine, clock, new_id("card"))

    async def role(session: Session) -> str:
        return str((await session.execute(text("SELECT current_user"))).scalar_one())

    async with transaction(engine) as session:
        await confine_to_customer(session, program_id=PROGRAM, user_id="user_1")
        async with acting_as(session, VAULT):
            assert await role(session) == VAULT
            assert len((await session.execute(READ)).all()) == 1
        assert await role(session) == "cardwright_customer"


async def test_the_vault_itself_reads_nothing_else(engine: AsyncEngine) -> None:
    async with transaction(engine) as session, acting_as(session, VAULT):
        readable = await session.execute(
            text(
                "SELECT relname FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace WHERE relkind = 'r'"
                " AND nspname IN ('public', 'vault') AND has_table_privilege(pg_class.oid, 'SELECT')"
            )
        )
        assert readable.scalars().all() == ["card_numbers"]


async def test_rotation_writes_numbers_anew_under_the_next_key(engine: AsyncEngine, card_id: str) -> None:
    async with transaction(engine) as session:
        keyring: Keyring = keyring_of(session)
        (before,) = (await session.execute(READ)).all()
    rotation = Rotation(engine, keyring, PROGRAM)
    await rotation.begin()
    assert await rotation.finish(lambda _done, _total: None) == 1
    async with transaction(engine) as session:
        (after,) = (await session.execute(READ)).all()
    assert before.number.split(":")[1] != after.number.split(":")[1]
    assert await revealed(engine, card_id) == NUMBER.reveal()


def test_no_table_has_a_column_for_a_security_code() -> None:
    names = {column.name for table in metadata.tables.values() for column in table.columns}
    assert not {name for name in names if {"cvc", "cvv", "cvv2", "csc"} & set(name.split("_"))}
    assert "security_code" not in names
