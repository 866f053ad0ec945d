"""What the database itself refuses, whoever asks: these tests go round the application with plain SQL."""

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright import ledger
from cardwright.core.clock import MovableClock
from cardwright.db.session import transaction


@pytest.fixture
async def posted(engine: AsyncEngine, clock: MovableClock) -> str:
    """The id of a top-up's entry of 100.00 USD."""
    async with transaction(engine) as session:
        entry = await ledger.credit_wallet(
            session, program_id="prog_1", user_id="user_1", currency="USD", amount=10_000,
            contra="funding_in_transit", kind="top_up", external_id="top_up:1", at=clock.now(),
        )  # fmt: skip
    return entry.id


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE postings SET amount = 1",
        "DELETE FROM postings",
        "TRUNCATE postings",
        "UPDATE journal_entries SET kind = 'gift'",
        "DELETE FROM journal_entries",
        "TRUNCATE journal_entries",
    ],
)
async def test_posted_rows_cannot_be_changed_or_removed(
    database_url: str, posted: str, statement: str
) -> None:
    connection = await asyncpg.connect(database_url)
    with pytest.raises(asyncpg.RestrictViolationError, match="append-only"):
        await connection.execute(statement)
    assert await connection.fetchval("SELECT sum(amount) FROM postings WHERE entry_id = $1", posted) == 20_000
    await connection.close()


async def _post(
    connection: asyncpg.Connection, lines: list[tuple[str, str, int]], currency: str = "USD"
) -> None:
    async with connection.transaction():
        await connection.execute(
            "INSERT INTO journal_entries VALUES ('entry_x', 'prog_1', 'gift', 'x', $1, NULL, now())",
            currency,
        )
        for number, (account_id, side, amount) in enumerate(lines):
            await connection.execute(
                "INSERT INTO postings VALUES ('entry_x', $1, $2, $3, $4, NULL)",
                number,
                account_id,
                side,
                amount,
            )


async def test_an_entry_that_does_not_balance_cannot_be_committed(database_url: str, posted: str) -> None:
    connection = await asyncpg.connect(database_url)
    ids = dict(await connection.fetch("SELECT code, id FROM ledger_accounts"))
    for lines in (
        [(ids["wallet"], "credit", 5), (ids["funding_in_transit"], "debit", 4)],
        [(ids["wallet"], "credit", 5)],
        [],
    ):
        with pytest.raises(asyncpg.IntegrityConstraintViolationError, match="not balanced"):
            await _post(connection, lines)
    assert await connection.fetchval("SELECT count(*) FROM journal_entries") == 1
    await connection.close()


async def test_an_entry_cannot_mix_currencies(database_url: str, posted: str) -> None:
    connection = await asyncpg.connect(database_url)
    ids = dict(await connection.fetch("SELECT code, id FROM ledger_accounts"))
    with pytest.raises(asyncpg.IntegrityConstraintViolationError, match="another currency"):
        await _post(
            connection,
            [(ids["wallet"], "credit", 5), (ids["funding_in_transit"], "debit", 5)],
            currency="EUR",
        )
    await connection.close()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_accounts SET posted_balance = -1 WHERE code = 'wallet'",
        "UPDATE ledger_accounts SET held = 10001 WHERE code = 'wallet'",
        "UPDATE ledger_accounts SET held = -1 WHERE code = 'wallet'",
    ],
)
async def test_a_wallet_cannot_go_under_its_floor(database_url: str, posted: str, statement: str) -> None:
    connection = await asyncpg.connect(database_url)
    with pytest.raises(asyncpg.CheckViolationError):
        await connection.execute(statement)
    await connection.close()
