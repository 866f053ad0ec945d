"""The migrations and the tables in code are the same schema, and both directions work."""

import asyncio

import asyncpg
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright.db.base import metadata
from cardwright.db.migrate import config, upgrade

_OF_THE_QUEUE = "pgqueuer"


async def test_the_tables_in_code_are_the_tables_that_migrations_make(engine: AsyncEngine) -> None:
    def differences(connection: Connection) -> list[object]:
        opts = {"include_name": _is_ours, "include_schemas": True}
        context = MigrationContext.configure(connection, opts=opts)
        return list(compare_metadata(context, metadata))

    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []


def _is_ours(name: str | None, kind: str, _parents: object) -> bool:
    if kind == "schema":
        return name in (None, "vault")
    return not (kind == "table" and name is not None and name.startswith(_OF_THE_QUEUE))


async def test_migrating_twice_changes_nothing(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    catalogue = "SELECT count(*) FROM pg_class UNION ALL SELECT count(*) FROM pg_trigger"
    before = await connection.fetch(catalogue)
    await asyncio.to_thread(upgrade, database_url)
    assert await connection.fetch(catalogue) == before
    await connection.close()


async def test_migrations_can_be_taken_back_and_made_again(database_url: str) -> None:
    await asyncio.to_thread(command.downgrade, config(database_url), "base")
    connection = await asyncpg.connect(database_url)
    ours = "schemaname IN ('public', 'vault') AND tablename !~ 'pgqueuer|alembic'"
    tables = f"SELECT tablename FROM pg_tables WHERE {ours}"  # noqa: S608
    assert await connection.fetch(tables) == []
    await asyncio.to_thread(upgrade, database_url)
    assert len(await connection.fetch(tables)) == len(metadata.tables)
    await connection.close()


async def test_two_migrations_at_once_wait_for_each_other(database_url: str) -> None:
    await asyncio.to_thread(command.downgrade, config(database_url), "base")
    await asyncio.gather(*(asyncio.to_thread(upgrade, database_url) for _ in range(3)))
    connection = await asyncpg.connect(database_url)
    assert await connection.fetchval("SELECT count(*) FROM alembic_version") == 1
    await connection.close()
