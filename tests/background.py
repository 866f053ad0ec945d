"""What the worker would do with the events that wait, without a worker."""

from sqlalchemy.ext.asyncio import AsyncEngine

from builders import provided_for_tests
from cardwright import authentication
from cardwright.core.clock import Clock
from cardwright.db import outbox
from cardwright.db.jobs import Work
from cardwright.db.outbox import Event
from cardwright.db.session import transaction


async def settled(engine: AsyncEngine, clock: Clock) -> list[Event]:
    """Handle all that authentication does in the background; return the events that are left for others."""
    work = Work(engine, clock, await provided_for_tests(engine, clock))
    left: list[Event] = []
    while events := await _taken(engine):
        for event in events:
            handlers = [it.handle for it in authentication.SUBSCRIPTIONS if it.event_type == event.type]
            for handle in handlers:
                await handle(work, event)
            if not handlers:
                left.append(event)
    return left


async def _taken(engine: AsyncEngine) -> list[Event]:
    async with transaction(engine) as session:
        return list(await outbox.take(session, 100))
