"""Figures that need no running process to be looked at."""

import httpx
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright.core.clock import SystemClock
from cardwright.db.jobs import Work
from cardwright.db.session import transaction
from cardwright.measures import metrics
from cardwright.observability import measure_books
from integration.payments import holders


async def test_the_public_address_shows_no_metrics(client: httpx.AsyncClient) -> None:
    assert (await client.get("/metrics")).status_code == 404


async def test_drift_is_shown_as_the_number_of_figures_that_are_wrong(engine: AsyncEngine) -> None:
    await holders.a_holding(engine, SystemClock(), balance=50_00)
    async with transaction(engine) as session:
        await session.execute(text("SET LOCAL session_replication_role = replica"))
        await session.execute(text("UPDATE ledger_accounts SET posted_balance = 1 WHERE code = 'wallet'"))
    await measure_books(Work(engine, SystemClock(), {}))
    assert metrics.LEDGER_DRIFT._value.get() == 1
