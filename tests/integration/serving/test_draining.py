"""An API that is told to stop while payments come in: each that was asked for is answered and booked."""

import asyncio
import signal
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright.core.clock import SystemClock
from cardwright.db.session import transaction
from concurrency.crowd import books, purchases
from integration.payments import holders
from integration.payments.holders import Holding
from integration.payments.wire import PATH
from running_application import running_server

# What is asked is whether an answer comes, not how fast this machine is.
SETTINGS = {"CARDWRIGHT_PROGRAM__STAND_IN_AFTER_MS": "20000", "CARDWRIGHT_DRAIN__SECONDS": "3"}
LOCK = text("SELECT id FROM ledger_accounts WHERE owner_id = :owner FOR UPDATE")
CLIENTS = 6
AMOUNT = 1_00
PROBE_SECONDS = 0.1


@pytest.fixture
def clock() -> SystemClock:
    return SystemClock()


@dataclass
class Balancer:
    """Sends payments to a server for as long as that says that it is ready, and asks it so all the time."""

    address: str
    is_ready: bool = True
    was_draining_for: float = 0.0
    answers: list[tuple[float, httpx.Response]] = field(default_factory=list)

    async def watch(self) -> None:
        since = 0.0
        async with httpx.AsyncClient(base_url=self.address, timeout=10, trust_env=False) as probe:
            while True:
                try:
                    answer = await probe.get("/readyz")
                except httpx.ConnectError:
                    self.was_draining_for = time.monotonic() - since
                    return
                if answer.status_code == 503 and self.is_ready:
                    assert answer.json()["code"] == "draining"
                    since, self.is_ready = time.monotonic(), False
                await asyncio.sleep(PROBE_SECONDS)

    async def pay(self, asked: list[Mapping[str, Any]]) -> None:
        # Nothing is caught: a payment that is not answered fails the test.
        async with httpx.AsyncClient(base_url=self.address, timeout=40, trust_env=False) as client:
            while self.is_ready:
                answer = await client.post(PATH, **asked.pop())
                self.answers.append((time.monotonic(), answer))


async def _decided(engine: AsyncEngine, holding: Holding) -> int:
    query = text("SELECT count(*) FROM decisions WHERE card_id = ANY(:cards)")
    async with transaction(engine) as session:
        found = await session.execute(query, {"cards": [card.id for card in holding.cards]})
        return int(found.scalar_one())


async def test_no_payment_is_lost_while_a_process_stops_under_load(
    engine: AsyncEngine, database_url: str, tmp_path: Path, clock: SystemClock
) -> None:
    payer = await holders.a_holding(engine, clock, (), (), (), balance=100_000_00)
    waiter = await holders.a_holding(engine, clock, (), (), (), balance=100_00, email="eve@example.com")
    with running_server(database_url, tmp_path, **SETTINGS) as served:
        balancer = Balancer(served.address)
        asked = purchases(payer, 3_000, AMOUNT)
        async with httpx.AsyncClient(base_url=served.address, timeout=60, trust_env=False) as client:
            async with transaction(engine) as session, asyncio.TaskGroup() as together:
                await session.execute(LOCK, {"owner": waiter.user_id})
                under_way = [
                    asyncio.create_task(client.post(PATH, **it)) for it in purchases(waiter, 3, AMOUNT)
                ]
                await _all_wait(engine)
                together.create_task(balancer.watch())
                for number in range(CLIENTS):
                    together.create_task(balancer.pay(asked[number::CLIENTS]))
                await asyncio.sleep(1)
                told_at = time.monotonic()
                served.process.send_signal(signal.SIGTERM)
            # The balancer was refused: nobody new gets in, and what is being decided is still waited for.
            assert served.process.poll() is None
            answers = await asyncio.gather(*under_way)
        assert await asyncio.to_thread(served.process.wait, 30) == -signal.SIGTERM
        assert "Traceback" not in served.log.read_text()

    assert [(it.status_code, it.json()["approved"]) for it in answers] == [(200, True)] * 3
    assert all(it.json()["metadata"] for it in answers)
    assert await books(engine, waiter) == (100_00 - 3 * AMOUNT, 3 * AMOUNT)

    late = [answer for at, answer in balancer.answers if at > told_at]
    assert late
    assert late[-1].headers["connection"] == "close"
    assert not balancer.is_ready
    assert 0 < balancer.was_draining_for < 20
    # Each was decided, was told so, and holds its money.
    paid = [answer for _, answer in balancer.answers]
    assert all(answer.is_success and answer.json()["metadata"] for answer in paid)
    assert await _decided(engine, payer) == len(paid)
    assert (await books(engine, payer))[1] == len(paid) * AMOUNT


async def _all_wait(engine: AsyncEngine) -> None:
    query = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        " AND wait_event_type = 'Lock'"
    )
    async with asyncio.timeout(20), engine.connect() as connection:
        while (await connection.execute(query)).scalar_one() < 3:
            await connection.rollback()
            await asyncio.sleep(0.05)
