"""What a confined transaction can read and change of webhooks, with plain SQL."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright.core.clock import MovableClock
from cardwright.core.ids import new_id
from cardwright.db.confinement import confine_to_customer, confine_to_program
from cardwright.db.session import transaction
from webhook_desk import Desk, a_desk

TABLES = ("webhook_endpoints", "webhook_deliveries", "webhook_attempts")


@pytest.fixture
async def desk(engine: AsyncEngine, clock: MovableClock, database_url: str) -> AsyncIterator[Desk]:
    async with a_desk(engine, clock, database_url) as made:
        for who in ("holder", "neighbour", "developer"):
            await made.make(who, f"/{who}")
            await made.happen(
                made.event("payments.payment_cleared", who, payment_id="pay_1", amount=1, currency="USD")
            )
        await made.deliver()
        yield made


async def test_a_holder_sees_their_own_rows_and_staff_those_of_their_program(desk: Desk) -> None:
    for table in TABLES:
        count = text(f"SELECT count(*), count(DISTINCT user_id) FROM {table}")  # noqa: S608
        async with transaction(desk.engine) as session:
            everything, _ = (await session.execute(count)).one()
            ada = desk.ids["holder"]
            await confine_to_customer(session, program_id=desk.program_id, user_id=ada)
            own, owners = (await session.execute(count)).one()
            assert 0 < own < everything
            assert owners == 1
        for program_id, seen in ((desk.program_id, everything), (new_id("prog"), 0)):
            async with transaction(desk.engine) as session:
                await confine_to_program(session, program_id=program_id, user_id="user_of_staff")
                assert (await session.execute(count)).one()[0] == seen


@pytest.mark.parametrize(
    ("statement", "refusal"),
    [
        ("SELECT key FROM webhook_keys", "permission denied"),
        ("UPDATE webhook_keys SET key = 'x'", "permission denied"),
        ("UPDATE webhook_endpoints SET user_id = NULL", "permission denied"),
        ("UPDATE webhook_endpoints SET program_id = 'prog_x'", "permission denied"),
        ("DELETE FROM webhook_endpoints", "permission denied"),
        ("UPDATE webhook_deliveries SET event_id = 'evt_x'", "permission denied"),
        ("UPDATE webhook_attempts SET status = 200", "permission denied"),
        ("DELETE FROM webhook_attempts", "permission denied"),
        (
            """INSERT INTO webhook_deliveries
            (id, program_id, endpoint_id, event_id, event_type, created_at, state, due_at)
            SELECT 'whd_x', program_id, id, 'evt_x', 'x', now(), 'pending', now() FROM webhook_endpoints""",
            "row-level security",
        ),
    ],
)
async def test_a_confined_holder_reads_no_key_and_writes_no_history(
    desk: Desk, statement: str, refusal: str
) -> None:
    async with desk.engine.connect() as session:
        ada = desk.ids["holder"]
        await confine_to_customer(session, program_id=desk.program_id, user_id=ada)
        with pytest.raises(DBAPIError, match=refusal):
            await session.execute(text(statement))
