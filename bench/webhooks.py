"""Webhooks timed: making deliveries for many events, handing them out, and sending them to a receiver.

    python bench/webhooks.py 10000        # so many deliveries are sent

Prints how long one page of 200 events takes to be queued for 1, 10 and 100 endpoints, how long a claim takes
with 1,000 endpoints that have something waiting, and how many deliveries a second one worker sends, settles
and logs, on a PostgreSQL of its own that writes through to disk.
"""

import asyncio
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from builders import provided_for_tests, with_new_keyring
from cardwright import webhooks
from cardwright.access import Actor, Principal, Reach
from cardwright.core.clock import SystemClock
from cardwright.core.ids import new_id
from cardwright.db.embedded import EmbeddedPostgres
from cardwright.db.jobs import Work
from cardwright.db.migrate import upgrade
from cardwright.db.outbox import Event
from cardwright.db.session import create_engine, transaction
from cardwright.events import CATALOGUE, begin_recording, record
from cardwright.programs import Program
from cardwright.webhooks import WebhookSender
from cardwright.webhooks.domain import EndpointDraft
from cardwright.webhooks.sending import take
from cardwright.webhooks.service import create_endpoint
from webhook_receivers import receiving

PAGE = 200
_MANY_HOLDERS = """
INSERT INTO webhook_endpoints (id, program_id, user_id, created_by, url, description, event_types, signatures,
    created_at, updated_at)
SELECT 'wep_' || n, program_id, 'user_' || n, 'user_' || n, url, '', event_types, signatures, now(), now()
FROM generate_series(1, 100000) AS n, (SELECT * FROM webhook_endpoints LIMIT 1) AS one
"""
CLEARED = "payments.payment_cleared"


def some_events(program_id: str, count: int) -> list[Event]:
    """Return payments that were cleared just now."""
    at, data = datetime.now(tz=UTC), CATALOGUE[CLEARED].example["data"]
    return [Event(CLEARED, program_id, new_id("pay"), at, data) for _ in range(count)]


async def add_endpoints(work: Work, url: str, count: int) -> None:
    """Make so many endpoints of the program, which all hear of everything."""
    program_id = work.get(Program).id
    async with transaction(work.engine) as session:
        for _ in range(count):
            by = Actor(Principal(new_id("user"), program_id), Reach.OWN)
            await create_endpoint(
                session, work.get(WebhookSender), EndpointDraft(url, ("*",)), by=by, at=work.clock.now()
            )
        await session.execute(text("UPDATE webhook_endpoints SET user_id = NULL"))


async def time_queueing(work: Work, endpoints: int) -> None:
    """Queue pages of events, in the transaction that records them."""
    spent = []
    for _ in range(10):
        async with transaction(work.engine) as session:
            await begin_recording(session)
            recorded = await record(session, some_events(work.get(Program).id, PAGE), at=work.clock.now())
            begun = time.perf_counter()
            await webhooks.queue_deliveries(session, recorded)
            spent.append(time.perf_counter() - begun)
    median = sorted(spent)[len(spent) // 2]
    _say(
        f"queue {PAGE} events for {endpoints:4} endpoints: {median * 1000:7.1f} ms,"
        f" {PAGE * endpoints / median:9,.0f} deliveries/s"
    )


async def time_idle(work: Work) -> None:
    """Look for what is due where there is nothing, beside many endpoints of holders."""
    async with transaction(work.engine) as session:
        await session.execute(text("DELETE FROM webhook_deliveries"))
        await session.execute(text(_MANY_HOLDERS))
        await session.execute(text("ANALYZE"))
    begun = time.perf_counter()
    for _ in range(10):
        await take(work, 128)
    _say(f"find nothing beside 100,000 endpoints of holders: {(time.perf_counter() - begun) * 100:.1f} ms")


async def time_claim(work: Work) -> None:
    """Claim a worker's fill out of many endpoints that all have something waiting."""
    async with transaction(work.engine) as session:
        await session.execute(text("ANALYZE"))
        waiting = await session.scalar(
            text("SELECT count(*) FROM webhook_deliveries WHERE state = 'pending'")
        )
        endpoints = await session.scalar(text("SELECT count(*) FROM webhook_endpoints"))
    spent = []
    for _ in range(10):
        begun = time.perf_counter()
        await take(work, 128)
        spent.append(time.perf_counter() - begun)
    _say(
        f"claim 128 of {waiting:,} that wait at {endpoints:,} endpoints, and open what sending them takes:"
        f" {sorted(spent)[5] * 1000:.1f} ms"
    )


async def time_sending(work: Work, events: int) -> None:
    """Send everything that waits, as one worker does."""
    for _ in range(events // PAGE):
        async with transaction(work.engine) as session:
            await begin_recording(session)
            program_id = work.get(Program).id
            await webhooks.queue_deliveries(
                session, await record(session, some_events(program_id, PAGE), at=work.clock.now())
            )
    line = asyncio.create_task(webhooks.deliver_forever(work, asyncio.Event()))
    begun = time.perf_counter()
    left: int | None = None
    while left != 0:
        await asyncio.sleep(0.2)
        async with transaction(work.engine) as session:
            left = await session.scalar(
                text("SELECT count(*) FROM webhook_deliveries WHERE state = 'pending'")
            )
    spent = time.perf_counter() - begun
    line.cancel()
    sent = events * 10
    _say(
        f"send, settle and log {sent:,} deliveries to 10 endpoints, by one worker beside its receiver:"
        f" {sent / spent:,.0f}/s"
    )


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


async def clear(engine: AsyncEngine) -> None:
    """Leave nothing of one measurement to the next."""
    async with transaction(engine) as session:
        await session.execute(
            text("TRUNCATE webhook_endpoints, webhook_keys, webhook_deliveries, webhook_attempts")
        )


async def main(events: int) -> None:
    """Start a server, measure, stop."""
    with tempfile.TemporaryDirectory(prefix="cardwright-bench-") as folder:
        server = EmbeddedPostgres(Path(folder) / "pg")
        url = server.start()
        await asyncio.to_thread(upgrade, url)
        engine = with_new_keyring(create_engine(url, pool_size=20))
        clock = SystemClock()
        work = Work(engine, clock, await provided_for_tests(engine, clock))
        async with receiving() as receiver:
            for endpoints in (1, 10, 100):
                await add_endpoints(work, receiver.at("/hook"), endpoints)
                await time_queueing(work, endpoints)
                await clear(engine)
            await add_endpoints(work, receiver.at("/hook"), 1000)
            await time_queueing(work, 1000)
            await time_claim(work)
            await clear(engine)
            await add_endpoints(work, receiver.at("/hook"), 16)
            await time_idle(work)
            await time_queueing(work, 16)
            await clear(engine)
            await add_endpoints(work, receiver.at("/hook"), 10)
            await time_sending(work, events // 10)
        await work.get(WebhookSender).aclose()
        await engine.dispose()
        server.stop()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000))
