"""One world for the whole matrix, and how many cells it has."""

import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import asyncpg
import httpx
import pytest
from sqlalchemy.engine import make_url

from access.world import World
from browsers import forgetful_jar
from builders import engine_for_tests, provided_for_tests
from cardwright.adapters.stripe.webhooks import StripeWebhook
from cardwright.core.clock import MovableClock
from cardwright.core.sensitive import Sensitive
from cardwright.db.session import transaction
from cardwright.http.webhooks_in import WebhookSources
from cardwright.main import build_app
from cardwright.programs import Program, ensure_program

_cells: dict[str, int] = {}


@pytest.fixture(scope="session")
def count_cells() -> dict[str, int]:
    """Where each test notes how many cells it looked at."""
    return _cells


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if _cells:
        total = sum(_cells.values())
        parts = ", ".join(f"{count} {name}" for name, count in sorted(_cells.items()))
        terminalreporter.write_line(f"access matrix: {total} cells ({parts})")


@pytest.fixture(scope="module")
async def world(postgres_url: str, template_database: str) -> AsyncIterator[World]:
    """A database of the matrix's own, and the real application on it."""
    name = f"cardwright_matrix_{time.monotonic_ns()}"
    connection = await asyncpg.connect(postgres_url)
    await connection.execute(f"CREATE DATABASE {name} TEMPLATE {template_database} STRATEGY file_copy")
    url = make_url(postgres_url).set(database=name).render_as_string(hide_password=False)
    engine = engine_for_tests(url, pool_size=5)
    clock = MovableClock(datetime(2026, 11, 23, 12, 0, tzinfo=UTC))
    provided = await provided_for_tests(engine, clock)
    webhook = StripeWebhook(Sensitive("whsec_of_the_matrix"), program_id=provided[Program].id, clock=clock)
    provided = {**provided, WebhookSources: WebhookSources("https://cardwright.test", {"stripe": webhook})}
    async with transaction(engine) as session:
        another = await ensure_program(session, slug="another", name="Another Program", currency="USD")
    transport = httpx.ASGITransport(build_app(engine, provided), raise_app_exceptions=False)
    async with httpx.AsyncClient(
        transport=transport, base_url="https://cardwright.test", cookies=forgetful_jar()
    ) as client:
        yield World(client, engine, clock, provided, provided[Program], another)
    await engine.dispose()
    await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await connection.close()
