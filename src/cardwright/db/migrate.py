"""Bring a database to the newest schema: our tables by Alembic, the queue's by PgQueuer."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import asyncpg
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from pgqueuer import AsyncpgDriver, Queries

from cardwright.db.session import plain_url

OLDEST_SERVER: Final = 16
_LOCK: Final = 7_061_716_311
"""Any number that nothing else locks: two migrations at once wait for each other."""


class ServerTooOld(Exception):
    """The database server is older than what is supported."""


def upgrade(database_url: str) -> None:
    """Apply every migration that is missing; running it twice, or twice at once, changes nothing.

    Raises ServerTooOld before anything is touched.
    """
    asyncio.run(_upgrade(plain_url(database_url)))


def config(database_url: str) -> Config:
    """Return Alembic's configuration for a `postgresql://` address."""
    settings = Config()
    settings.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    settings.attributes["database_url"] = database_url
    return settings


def known_revisions() -> Sequence[str]:
    """Return the migrations that this code has, the newest first."""
    scripts = ScriptDirectory.from_config(config("postgresql://"))
    # Migrations name constraints as they are loaded, for which they ask their context: one on no database.
    with Operations.context(MigrationContext.configure(dialect_name="postgresql")):
        return [script.revision for script in scripts.walk_revisions()]


async def _upgrade(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    try:
        version = connection.get_server_version()
        if version.major < OLDEST_SERVER:
            raise ServerTooOld(
                f"PostgreSQL {OLDEST_SERVER} or newer is needed, and DATABASE_URL leads to {version.major}."
            )
        await connection.execute("SELECT pg_advisory_lock($1)", _LOCK)
        # Alembic is synchronous and its environment runs a loop of its own, so it gets a thread.
        await asyncio.to_thread(command.upgrade, config(database_url), "head")
        await _install_queue(connection)
    finally:
        await connection.close()


async def _install_queue(connection: asyncpg.Connection) -> None:
    queries = Queries(AsyncpgDriver(connection))
    if await queries.schema_is_installed():
        await queries.upgrade()
    else:
        await queries.install()
