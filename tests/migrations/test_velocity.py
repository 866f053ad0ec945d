"""What happened before there was a table of it is made of the decisions, in an order without ties."""

import asyncio
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import asyncpg
from alembic import command
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright.core.clock import MovableClock
from cardwright.db.migrate import config, upgrade
from cardwright.db.session import transaction
from cardwright.payments import AuthorizationRequest, authorize
from integration.payments import holders
from integration.payments.network import BAKERY, HOTEL, SOURCE

AUTHORIZATIONS = 24
INCREMENTS = 4


async def pay(engine: AsyncEngine, clock: MovableClock) -> None:
    """Some at the same instant, some declined, some for cards nobody knows, some for more."""
    holding = await holders.a_holding(engine, clock, [], [], balance=100_00)
    cards = (*holding.references, "ic_of_nobody")
    for number in range(AUTHORIZATIONS + INCREMENTS):
        clock.advance(timedelta(minutes=number % 3 // 2 * 20))
        attempt = int(number >= AUTHORIZATIONS)
        asked = AuthorizationRequest(
            SOURCE, f"ref_{number % AUTHORIZATIONS}", attempt, cards[number % AUTHORIZATIONS % 3], 11_00,
            "USD", 11_00, "USD", HOTEL if number % 5 else BAKERY, "ecommerce", allows_partial=True,
        )  # fmt: skip
        async with transaction(engine) as session:
            await authorize(session, asked, program_id=holding.program_id, at=clock.now())


async def events(database_url: str) -> tuple[dict[str, dict[str, Any]], dict[str, datetime]]:
    """Return the events in their order, and when each was decided."""
    connection = await asyncpg.connect(database_url)
    rows = await connection.fetch(
        "SELECT e.*, d.decided_at FROM velocity_events AS e JOIN decisions AS d ON d.id = e.decision_id"
        " ORDER BY occurred_at"
    )
    await connection.close()
    found = {row["decision_id"]: dict(row) for row in rows}
    return found, {id_: row.pop("decided_at") for id_, row in found.items()}


async def test_events_made_of_decisions_are_those_that_the_decisions_left(
    engine: AsyncEngine, clock: MovableClock, database_url: str
) -> None:
    await pay(engine, clock)
    left, decided = await events(database_url)
    await asyncio.to_thread(command.downgrade, config(database_url), "0029")
    await asyncio.to_thread(upgrade, database_url)
    made, _ = await events(database_url)
    assert len(made) == AUTHORIZATIONS * 2 // 3
    assert {row["is_approved"] for row in made.values()} == {True, False}
    assert any(row["amount"] < 11_00 and row["is_approved"] for row in made.values())
    instants = [row.pop("occurred_at") for row in made.values()]
    assert all(one < two for one, two in pairwise(instants))
    assert [*made] == sorted(made, key=lambda id_: (decided[id_], id_))
    for at, id_ in zip(instants, made, strict=True):
        assert timedelta() <= at - decided[id_] < timedelta(microseconds=AUTHORIZATIONS)
    assert made == {
        id_: {name: value for name, value in row.items() if name != "occurred_at"}
        for id_, row in left.items()
    }
