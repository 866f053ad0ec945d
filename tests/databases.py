"""Empty databases for tests: copies of one migrated template, wiped and lent again instead of made anew.

With each goes an engine that stays connected: a new connection knows no table, and to learn them all again
took longer than most tests.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from secrets import randbelow, token_hex
from typing import Any, Final

import asyncpg
from sqlalchemy import event
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine

from canary.watch import write_in_clear
from cardwright.db.migrate import upgrade
from cardwright.db.session import create_engine

LOWEST_OID: Final = 200_000
SOME_OIDS: Final = 1_000_000
_KEPT: Final = "alembic_version"
"""The one table that is not empty in a fresh database."""
_CHANGED_SCHEMA: Final = " OR ".join(
    f"EXISTS (SELECT FROM {catalog} WHERE age(xmin) < age($1::text::xid))"
    for catalog in ("pg_class", "pg_attribute", "pg_constraint", "pg_trigger", "pg_proc", "pg_policy")
)


_MOST_KEPT: Final = 12
"""Connections that a test leaves behind for the next; crowds are sent home."""
_WIPE: Final = """
CREATE FUNCTION pg_temp.wipe() RETURNS void LANGUAGE plpgsql AS $$
DECLARE filled text; BEGIN
    -- Without triggers: most tables refuse a DELETE, and foreign keys ask for an order.
    SET LOCAL session_replication_role = replica;
    FOR filled IN {filled} LOOP EXECUTE 'DELETE FROM ' || filled; END LOOP;
    PERFORM setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false)
        FROM pg_sequences WHERE last_value IS NOT NULL;
END $$"""


@dataclass(frozen=True, slots=True)
class _Database:
    url: str
    control: asyncpg.Connection
    made_at: str
    engine: AsyncEngine
    served_by: set[int] = field(default_factory=set)

    async def is_engine_sound(self) -> bool:
        """Whether every connection is back, and alive."""
        pool: Any = self.engine.pool
        if pool.checkedout() or pool.checkedin() > _MOST_KEPT:
            return False
        alive = await self.control.fetchval(
            "SELECT count(*) FROM pg_stat_activity WHERE pid = ANY($1::int[])", self.served_by
        )
        return bool(alive == pool.checkedin())

    async def part(self) -> None:
        await self.engine.dispose()
        self.served_by.clear()

    async def close(self) -> None:
        await self.part()
        await self.control.close()


class Databases:
    """The databases of one server; nobody else uses them."""

    def __init__(self, server_url: str) -> None:
        self._server_url = server_url
        self._template = f"cardwright_template_{token_hex(4)}"
        self._made: dict[str, _Database] = {}
        self._clean: list[_Database] = []
        self._wipe = ""

    async def prepare(self) -> None:
        """Make the template: the newest schema and nothing in it."""
        # The first database of a server is number 0x4000: beside a hash of the catalogue, as its log has them
        # by the thousand, that can read like the number of a test card.
        oid = LOWEST_OID + randbelow(SOME_OIDS)
        await self._ask_server(f"CREATE DATABASE {self._template} OID {oid}")
        await asyncio.to_thread(upgrade, self._url(self._template))
        connection = await asyncpg.connect(self._url(self._template))
        await write_in_clear(connection)
        tables = await connection.fetch(
            "SELECT format('%I.%I', schemaname, relname) FROM pg_stat_user_tables WHERE relname <> $1", _KEPT
        )
        filled = " UNION ALL ".join(
            f"SELECT '{it}' WHERE EXISTS (SELECT FROM {it})"  # noqa: S608 - quoted above
            for [it] in tables
        )
        assert await connection.fetch(filled) == []
        self._wipe = _WIPE.format(filled=filled)
        await connection.close()

    @asynccontextmanager
    async def lent(self) -> AsyncIterator[str]:
        """The address of a database with nothing in it, which nobody else has meanwhile."""
        database = self._clean.pop() if self._clean else await self._make()
        yield database.url
        await self._take_back(database)

    def engine_of(self, url: str) -> AsyncEngine:
        """The engine of a database that is lent; it is not to be disposed of."""
        return self._made[url].engine

    async def drop_all(self) -> None:
        """Leave a server that is not ours as it was."""
        for database in self._clean:
            await self._drop(database)
        await self._ask_server(f"DROP DATABASE {self._template} WITH (FORCE)")

    async def _take_back(self, database: _Database) -> None:
        # Whatever still runs for the test that ended must not write into the next one.
        if not await database.is_engine_sound():
            await database.part()
        await database.control.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid() AND pid <> ALL($1::int[])",
            database.served_by,
        )
        # Wiped for whoever comes next; one whose schema was changed is dropped.
        if await database.control.fetchval(f"SELECT {_CHANGED_SCHEMA}", database.made_at):
            await self._drop(database)
        else:
            await database.control.execute("SELECT pg_temp.wipe()")
            self._clean.append(database)

    async def _make(self) -> _Database:
        name = f"cardwright_test_{token_hex(4)}"
        await self._ask_server(f"CREATE DATABASE {name} TEMPLATE {self._template} STRATEGY file_copy")
        url = self._url(name)
        control = await asyncpg.connect(url)
        await control.execute(self._wipe)
        made_at = await control.fetchval("SELECT pg_current_xact_id()::xid::text")
        database = _Database(url, control, made_at, create_engine(url, pool_size=60))

        @event.listens_for(database.engine.sync_engine, "connect")
        def note(connection: Any, record: Any) -> None:
            database.served_by.add(connection.driver_connection.get_server_pid())

        self._made[url] = database
        return database

    async def _drop(self, database: _Database) -> None:
        del self._made[database.url]
        await database.close()
        await self._ask_server(f"DROP DATABASE {make_url(database.url).database} WITH (FORCE)")

    async def _ask_server(self, statement: str) -> None:
        connection = await asyncpg.connect(self._server_url)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    def _url(self, name: str) -> str:
        return make_url(self._server_url).set(database=name).render_as_string(hide_password=False)
