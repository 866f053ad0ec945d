"""The product on databases of its own, durable as in production: two API processes, the worker, people."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx
from sqlalchemy.ext.asyncio import AsyncEngine

from builders import engine_for_tests
from cardwright.core.clock import SystemClock
from cardwright.db.embedded import EmbeddedPostgres, EmbeddedValkey
from cardwright.db.embedded.ports import free_port
from cardwright.db.migrate import upgrade
from integration.payments import holders
from integration.payments.holders import Holding
from killable import Killable, Nursery
from running_application import environment_of
from under_fire.books import Finding, check
from under_fire.outsiders import Outsiders

PRODUCT: Final = "cardwright.main:create_app"
API_PROCESSES: Final = 2
_SUPERVISED_SECONDS: Final = 0.5
_START_SECONDS: Final = 90
BALANCE: Final = 2_000_00
"""In minor units: most holders run out of it, so that there is something to overdraw."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything that runs; the first of `processes` is the worker, the others serve at `ports`."""

    server: EmbeddedPostgres
    valkey: EmbeddedValkey
    url: str
    ports: Sequence[int]
    processes: Sequence[Killable]
    holdings: Mapping[str, Holding]
    """Whom the product knows, with two cards each, by e-mail address."""

    async def findings(self, outsiders: Outsiders) -> list[Finding]:
        """Compare what outsiders were told with the database."""
        engine = engine_for_tests(self.url)
        given = {card.id for it in self.holdings.values() for card in it.cards}
        try:
            return await check(engine, outsiders.purchases, outsiders.cards, given=given)
        finally:
            await engine.dispose()

    async def start_what_ended(self) -> None:
        """Do what a supervisor does: a process that ends by itself, for want of a database, starts again."""
        while True:
            await asyncio.sleep(_SUPERVISED_SECONDS)
            for process in self.processes:
                if process.has_ended:
                    await asyncio.to_thread(process.start)


async def until_serving(ports: Sequence[int]) -> None:
    """Wait until there is an answer at each port; TimeoutError when there is none for long."""
    async with asyncio.timeout(_START_SECONDS), httpx.AsyncClient(trust_env=False) as client:
        for port in ports:
            while True:
                with suppress(httpx.HTTPError):
                    await client.get(f"http://127.0.0.1:{port}/healthz")
                    break
                await asyncio.sleep(0.1)


@asynccontextmanager
async def staged(
    folder: Path, *, people: int, balance: int = BALANCE, serves: str = PRODUCT,
    postgres: Mapping[str, str] | None = None, way_to: Callable[[str], str] = str,
    environment: Mapping[str, str] | None = None,
) -> AsyncIterator[Stage]:  # fmt: skip
    """Start everything in an empty folder and end it all; `way_to` leads the processes to the database."""
    # Ports of their own: after a crash they are found where they were.
    server = EmbeddedPostgres(folder / "pg", port=free_port(), settings=postgres or {})
    valkey = EmbeddedValkey(folder / "valkey", port=free_port())
    processes: list[Killable] = []
    try:
        url = await asyncio.to_thread(server.start)
        await asyncio.to_thread(upgrade, url)
        engine = engine_for_tests(url)
        holdings = await _people(engine, people, balance)
        await engine.dispose()
        ports = [free_port() for _ in range(API_PROCESSES)]
        told = {**environment_of(way_to(url), folder), "REDIS_URL": valkey.start()}
        nursery = Nursery({**os.environ, **told, **(environment or {})}, folder / "processes.log")
        processes += [Killable(nursery, it) for it in ("worker", *(f"api {port} {serves}" for port in ports))]
        for process in processes:
            await asyncio.to_thread(process.start)
        stage = Stage(server, valkey, url, ports, processes, holdings)
        await until_serving(ports)
        yield stage
    finally:
        for process in processes:
            process.kill()
            process.nursery.close()
        valkey.stop()
        server.stop(mode="immediate")


async def _people(engine: AsyncEngine, count: int, balance: int) -> Mapping[str, Holding]:
    made = {}
    for number in range(count):
        email = f"person{number}@example.com"
        made[email] = await holders.a_holding(engine, SystemClock(), (), (), balance=balance, email=email)
    return made
