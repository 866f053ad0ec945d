"""Empty databases for tests: copies of one migrated template, wiped and lent again instead of made anew."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from secrets import token_hex
from typing import Final

import asyncpg
from sqlalchemy.engine import make_url

from cardwright.db.migrate import upgrade

_KEPT: Final = "alembic_version"
"""The one table that is not empty in a fresh database."""
_CHANGED_SCHEMA: Final = " OR ".join(
    f"EXISTS (SELECT FROM {catalog} WHERE age(xmin) < age($1::text::xid))"
    for catalog in ("pg_class", "pg_attribute", "pg_constraint", "pg_trigger", "pg_proc", "pg_policy")
)


class Databases:
    """The databases of one server; nobody else uses them."""

    def __init__(self, server_url: str) -> None:
        self._server_url = server_url
        self._template = f"cardwright_template_{token_hex(4)}"
        self._clean: list[str] = []
        self._made_at: dict[str, str] = {}
        self._filled = ""

    async def prepare(self) -> None:
        """Make the template: the newest schema and nothing in it."""
        await self._ask_server(f"CREATE DATABASE {self._template}")
        await asyncio.to_thread(upgrade, self._url(self._template))
        connection = await asyncpg.connect(self._url(self._template))
        tables = await connection.fetch(
            "SELECT format('%I.%I', schemaname, relname) FROM pg_stat_user_tables WHERE relname <> $1", _KEPT
        )
        filled = [f"SELECT '{it}' WHERE EXISTS (SELECT FROM {it})" for [it] in tables]  # noqa: S608 - quoted above
        self._filled = " UNION ALL ".join(filled)
        assert await connection.fetch(self._filled) == []
        await connection.close()

    @asynccontextmanager
    async def lent(self) -> AsyncIterator[str]:
        """The address of a database with nothing in it, which nobody else has meanwhile."""
        url = self._clean.pop() if self._clean else await self._make()
        yield url
        await self._take_back(url)

    async def drop_all(self) -> None:
        """Leave a server that is not ours as it was."""
        for name in (*(make_url(it).database for it in self._clean), self._template):
            await self._ask_server(f"DROP DATABASE {name} WITH (FORCE)")

    async def _take_back(self, url: str) -> None:
        # Wiped for whoever comes next; one whose schema was changed is dropped.
        connection = await asyncpg.connect(url)
        try:
            is_as_made = await self._wiped(connection, self._made_at[url])
        finally:
            await connection.close()
        if is_as_made:
            self._clean.append(url)
        else:
            await self._ask_server(f"DROP DATABASE {make_url(url).database} WITH (FORCE)")

    async def _make(self) -> str:
        name = f"cardwright_test_{token_hex(4)}"
        await self._ask_server(f"CREATE DATABASE {name} TEMPLATE {self._template} STRATEGY file_copy")
        url = self._url(name)
        connection = await asyncpg.connect(url)
        self._made_at[url] = await connection.fetchval("SELECT pg_current_xact_id()::xid::text")
        await connection.close()
        return url

    async def _wiped(self, connection: asyncpg.Connection, made_at: str) -> bool:
        # Whatever still runs for the test that ended must not write into the next one.
        await connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        if await connection.fetchval(f"SELECT {_CHANGED_SCHEMA}", made_at):
            return False
        async with connection.transaction():
            # Without triggers: most tables refuse a DELETE, and foreign keys ask for an order.
            await connection.execute("SET LOCAL session_replication_role = replica")
            for [table] in await connection.fetch(self._filled):
                await connection.execute(f"DELETE FROM {table}")  # noqa: S608 - quoted when it was found
            await connection.execute(
                "SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false)"
                " FROM pg_sequences WHERE last_value IS NOT NULL"
            )
        return True

    async def _ask_server(self, statement: str) -> None:
        connection = await asyncpg.connect(self._server_url)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    def _url(self, name: str) -> str:
        return make_url(self._server_url).set(database=name).render_as_string(hide_password=False)
