"""Bring a database to the newest schema: our tables by Alembic, the queue's by PgQueuer."""

import asyncio
from pathlib import Path

import asyncpg
from alembic import command
from alembic.config import Config
from pgqueuer import AsyncpgDriver, Queries


def upgrade(database_url: str) -> None:
    """Apply every migration that is missing; running it twice changes nothing."""
    command.upgrade(config(database_url), "head")
    asyncio.run(_install_queue(database_url))


def config(database_url: str) -> Config:
    """Return Alembic's configuration for a `postgresql://` address."""
    settings = Config()
    settings.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    settings.attributes["database_url"] = database_url
    return settings


async def _install_queue(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    try:
        queries = Queries(AsyncpgDriver(connection))
        if await queries.schema_is_installed():
            await queries.upgrade()
        else:
            await queries.install()
    finally:
        await connection.close()
