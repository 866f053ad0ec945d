"""Verifications from before staff could decide them mean the same afterwards, and the other way round."""

import asyncio
from collections.abc import Sequence

import asyncpg
from alembic import command

from cardwright.db.migrate import config, upgrade

OLD = "0040"
_REASON = "'face_mismatch'"
STATES = ("requested", "collecting", "processing", "canceled", "rejected", "approved")


def test_verifications_from_before_stand_where_they_stood(database_url: str) -> None:
    command.downgrade(config(database_url), OLD)
    asyncio.run(_run(database_url, *map(_insert, STATES)))
    upgrade(database_url)
    kept = asyncio.run(_states(database_url))
    assert kept == ["requested", "collecting", "submitted", "canceled", "rejected", "approved"]
    ends = "SELECT count(*) FROM identity_verifications WHERE good_until = updated_at + interval '730 days'"
    assert asyncio.run(_count(database_url, ends)) == 1
    moves = [
        f"UPDATE identity_verifications SET state = '{state}' WHERE id = 'idv_{old}'"  # noqa: S608
        for old, state in (("collecting", "in_review"), ("canceled", "expired"))
    ]
    asyncio.run(_run(database_url, *moves))
    command.downgrade(config(database_url), OLD)
    kept = asyncio.run(_states(database_url))
    assert kept == ["requested", "processing", "processing", "canceled", "rejected", "approved"]
    upgrade(database_url)


def _insert(state: str) -> str:
    return (
        "INSERT INTO identity_verifications (id, program_id, user_id, state, reason, created_at, updated_at,"  # noqa: S608
        f" heard_at) VALUES ('idv_{state}', 'prog_1', 'user_{state}', '{state}',"
        f" {_REASON if state == 'rejected' else 'NULL'}, now(), now(), now())"
    )


async def _run(database_url: str, *statements: str) -> None:
    connection = await asyncpg.connect(database_url)
    for statement in statements:
        await connection.execute(statement)
    await connection.close()


async def _states(database_url: str) -> Sequence[str]:
    connection = await asyncpg.connect(database_url)
    rows = await connection.fetch("SELECT id, state FROM identity_verifications")
    await connection.close()
    by_id = {row["id"]: row["state"] for row in rows}
    return [by_id[f"idv_{state}"] for state in STATES]


async def _count(database_url: str, query: str) -> int:
    connection = await asyncpg.connect(database_url)
    found = await connection.fetchval(query)
    await connection.close()
    return int(found)
