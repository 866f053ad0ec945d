"""Places are made of the payments that are there, as they would have been made with each of them."""

import asyncio

import asyncpg
from alembic import command

from cardwright.db.migrate import config, upgrade
from integration.payments.stage import Connected
from integration.payments.test_log_by_hand import COUNT, written

TABLES = ("payment_places", "places_paid", "cards_paid")


def test_places_of_payments_from_before_are_those_of_payments_written_now(database_url: str) -> None:
    connected = Connected(database_url)
    connected.run(written(connected.connection))
    connected.close()
    before = asyncio.run(_kept(database_url))
    assert all(0 < len(rows) < COUNT for rows in before.values())
    command.downgrade(config(database_url), "0026")
    upgrade(database_url)
    assert asyncio.run(_kept(database_url)) == before


async def _kept(database_url: str) -> dict[str, list[str]]:
    connection = await asyncpg.connect(database_url)
    kept = {}
    for table in TABLES:
        rows = await connection.fetch(f"SELECT kept::text FROM {table} AS kept ORDER BY 1")  # noqa: S608
        kept[table] = [row[0] for row in rows]
    await connection.close()
    return kept
