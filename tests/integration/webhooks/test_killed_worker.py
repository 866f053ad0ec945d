"""A process that sends, killed while a receiver has not answered yet."""

import asyncio
import os
import sys
from datetime import timedelta
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from builders import KEY_FILE
from cardwright.core.clock import MovableClock, SystemClock
from cardwright.webhooks.sending import HELD_FOR
from webhook_desk import a_desk
from webhook_receivers import status, until

DOOMED = Path(__file__).with_name("doomed_sender.py")
CLEARED = "payments.payment_cleared"


async def test_what_a_killed_worker_was_sending_is_sent_again_and_nothing_is_lost(
    engine: AsyncEngine, clock: MovableClock, database_url: str
) -> None:
    async with a_desk(engine, clock, database_url) as desk:
        made = await desk.make(path="/hook")
        desk.receiver.at("/hook", until(asyncio.Event()))
        events = await desk.happen(
            *(desk.event(CLEARED, payment_id="pay_1", amount=1, currency="USD") for _ in range(20))
        )
        worker = await asyncio.create_subprocess_exec(
            sys.executable, str(DOOMED),
            env={**os.environ, "DATABASE_URL": database_url, "KEY_FILE": str(KEY_FILE)},
        )  # fmt: skip
        await desk.receiver.count(8)
        worker.kill()
        await worker.wait()
        desk.receiver.at("/hook", status(200))
        clock.advance(SystemClock().now() + HELD_FOR + timedelta(seconds=1) - clock.now())
        while await desk.deliver():
            pass
        deliveries = await desk.deliveries(made["id"])
        assert {each["state"] for each in deliveries} == {"succeeded"}
        assert {each["event_id"] for each in deliveries} == {event.id for event in events}
        assert sum(each["attempts"] == 2 for each in deliveries) == 8
        assert set(desk.receiver.events_at("/hook")) == {event.id for event in events}
