"""People who watch their streams over real sockets, served by uvicorn in the loop of the test."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from typing import Any

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from browsers import sign_in
from builders import provided_for_tests
from cardwright.authentication import create_verified_identity
from cardwright.core.clock import MovableClock
from cardwright.core.ids import new_id
from cardwright.db.jobs import Work
from cardwright.db.outbox import Event
from cardwright.db.session import transaction
from cardwright.main import build_app
from cardwright.notifications import LiveHub, LiveRules, NoSignals, Signals
from cardwright.notifications.planning import plan
from cardwright.programs import Program
from serving import serving

QUICK = LiveRules(
    heartbeat=timedelta(seconds=0.2), check_every=timedelta(seconds=0.1), poll_every=timedelta(seconds=0.05)
)
PASSWORD = "correct horse battery staple"


@dataclass
class Told:
    """One event of a stream."""

    name: str
    data: Any
    id: str | None


@dataclass
class Stream:
    """A client that reads events; `comments` counts heartbeats."""

    answer: httpx.Response
    retries: list[int] = field(default_factory=list)
    comments: int = 0
    last_id: str | None = None
    _lines: Any = None

    async def events(self) -> AsyncIterator[Told]:
        """Read until the stream ends."""
        self._lines = self._lines or self.answer.aiter_lines()
        kept: dict[str, str] = {}
        async for line in self._lines:
            if not line:
                if "event" in kept:
                    self.last_id = kept.get("id", self.last_id)
                    yield Told(kept["event"], json.loads(kept["data"]), kept.get("id"))
                kept = {}
            elif line.startswith(":"):
                self.comments += 1
            else:
                name, _, value = line.partition(": ")
                kept[name] = value
                if name == "retry":
                    self.retries.append(int(value))

    async def until(self, name: str, count: int = 1, seconds: float = 60) -> list[Told]:
        """Read until so many events of a name came; return all that was read."""
        read: list[Told] = []
        async with asyncio.timeout(seconds):
            async for event in self.events():
                read.append(event)
                if sum(it.name == name for it in read) == count:
                    return read
        return read

    async def rest(self, seconds: float = 60) -> list[Told]:
        """Read to the end."""
        async with asyncio.timeout(seconds):
            return [event async for event in self.events()]


@dataclass
class Station:
    """A process, as far as streams go: an application of its own on a socket of its own."""

    address: str
    hub: LiveHub
    client: httpx.AsyncClient

    @asynccontextmanager
    async def stream(
        self, headers: dict[str, str], last_id: str | None = None, **more: str
    ) -> AsyncIterator[Stream]:
        sent = {**headers, **more, **({} if last_id is None else {"Last-Event-ID": last_id})}
        async with self.client.stream("GET", f"{self.address}/v1/me/stream", headers=sent) as answer:
            assert answer.status_code == 200, await answer.aread()
            yield Stream(answer)


@dataclass
class House:
    """Processes on one database, and what happens there."""

    engine: AsyncEngine
    clock: MovableClock
    work: Work
    program_id: str
    open: Callable[..., Any]

    async def person(self, name: str) -> tuple[str, dict[str, str]]:
        """Return somebody new and the headers of their browser."""
        email = f"{name}@example.com"
        async with transaction(self.engine) as session:
            user_id = await create_verified_identity(
                session, email, PASSWORD, self.program_id, self.clock.now()
            )
        return user_id, dict(await sign_in(self.engine, self.clock, user_id))

    async def tell(self, user_id: str, number: int = 0) -> None:
        """Have the worker plan what somebody is told."""
        told = {"user_id": user_id, "what": "approval", "number": number}
        await plan(self.work, Event("kyc.submitted", self.program_id, new_id("idv"), self.clock.now(), told))


@pytest.fixture
async def house(engine: AsyncEngine, clock: MovableClock) -> AsyncIterator[House]:
    provided = dict(await provided_for_tests(engine, clock))
    program_id = provided[Program].id
    async with AsyncExitStack() as stack:

        async def opened(signals: Signals | None = None, rules: LiveRules = QUICK, **changes: Any) -> Station:
            carrier = signals or NoSignals()
            hub = LiveHub(program_id, partial(transaction, engine), carrier, replace(rules, **changes))
            listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
            app = build_app(engine, {**provided, LiveHub: hub, Signals: carrier})
            await stack.enter_async_context(serving(app, listener))
            stack.push_async_callback(hub.aclose)
            limits = httpx.Limits(max_connections=None)
            client = await stack.enter_async_context(
                httpx.AsyncClient(limits=limits, timeout=10, trust_env=False)
            )
            return Station(f"http://127.0.0.1:{listener.getsockname()[1]}", hub, client)

        yield House(engine, clock, Work(engine, clock, {}), program_id, opened)
