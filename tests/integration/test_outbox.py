"""Events are delivered if, and only if, their transaction commits."""

from datetime import UTC, datetime

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright.db import outbox
from cardwright.db.outbox import Event
from cardwright.db.session import transaction

AT = datetime(2026, 11, 23, tzinfo=UTC)


async def test_events_come_out_once_and_in_the_order_they_were_written(engine: AsyncEngine) -> None:
    written = [Event("thing.happened", "prog_1", f"thing_{n}", AT, {"n": n}) for n in range(5)]
    async with transaction(engine) as session:
        await outbox.append(session, *written)
    async with transaction(engine) as session:
        taken = [*await outbox.take(session, 3), *await outbox.take(session, 3)]
    assert taken == written
    async with transaction(engine) as session:
        assert await outbox.take(session, 3) == []


async def test_a_rolled_back_change_leaves_no_event(engine: AsyncEngine) -> None:
    async def fail_after_writing() -> None:
        async with transaction(engine) as session:
            await outbox.append(session, Event("thing.happened", "prog_1", "thing_1", AT))
            raise LookupError

    with pytest.raises(LookupError):
        await fail_after_writing()
    async with transaction(engine) as session:
        assert await outbox.take(session, 10) == []
