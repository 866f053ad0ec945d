"""Streams of two real processes with Valkey between them, which goes away; and how a process goes down."""

import asyncio
import os
import signal
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path

import httpx
import pytest

from browsers import sign_in
from builders import KEY_FILE
from cardwright import events, wiring
from cardwright.adapters.key_file import FileKeyProvider
from cardwright.adapters.valkey_signals import ValkeySignals
from cardwright.authentication import create_verified_identity
from cardwright.core.clock import SystemClock
from cardwright.core.ids import new_id
from cardwright.db.embedded import EmbeddedValkey
from cardwright.db.embedded.ports import free_port
from cardwright.db.jobs import Work
from cardwright.db.outbox import Event
from cardwright.notifications import Signals, tell_of_events
from cardwright.notifications.planning import plan
from cardwright.programs import ensure_program
from integration.live.conftest import PASSWORD, Stream
from running_application import RunningApplication, running_process


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[EmbeddedValkey]:
    server = EmbeddedValkey(tmp_path / "valkey", port=free_port())
    server.start()
    yield server
    server.stop()


@pytest.fixture
def processes(
    database_url: str, tmp_path: Path, valkey: EmbeddedValkey
) -> Iterator[list[RunningApplication]]:
    """Two processes of the API, started beside each other."""
    redis = {"REDIS_URL": f"redis://127.0.0.1:{valkey.port}"}
    with ExitStack() as stack, ThreadPoolExecutor(2) as starting:
        opened = []
        for name in ("one", "two"):
            folder = tmp_path / name
            folder.mkdir()
            process = running_process(database_url, folder, **redis)
            opened.append(starting.submit(stack.enter_context, process))
        yield [it.result() for it in opened]


async def test_both_processes_tell_each_once_while_valkey_dies_and_comes_back_and_one_goes_down(
    database_url: str, processes: list[RunningApplication], valkey: EmbeddedValkey
) -> None:
    clock = SystemClock()
    engine = wiring.sealing_engine(database_url, FileKeyProvider(KEY_FILE, accept_demo=True))
    carrier = ValkeySignals(f"redis://127.0.0.1:{valkey.port}")
    work = Work(engine, clock, {Signals: carrier})
    async with work.transaction() as session:
        program = await ensure_program(session, slug="demo", name="Demo Program", currency="USD")
        user_id = await create_verified_identity(
            session, "ada@example.com", PASSWORD, program.id, clock.now()
        )
    own = dict(await sign_in(engine, clock, user_id))

    async def tell() -> None:
        told = {"user_id": user_id, "what": "approval"}
        await plan(work, Event("kyc.submitted", program.id, new_id("idv"), clock.now(), told))

    async def change(card_id: str) -> None:
        told = {"user_id": user_id, "card_id": card_id, "last4": "4242"}
        async with work.transaction() as session:
            await events.begin_recording(session)
            happened = Event("cards.card_frozen", program.id, card_id, clock.now(), told)
            recorded = await events.record(session, [happened], at=clock.now())
        await tell_of_events(work.provided, recorded)

    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(httpx.AsyncClient(timeout=30, trust_env=False))
        one, two = [await _opened(stack, client, it, own) for it in processes]
        await asyncio.gather(one.until("unread"), two.until("unread"))
        await asyncio.sleep(0.5)  # both have subscribed

        begun = time.monotonic()
        await tell()
        assert await _heard(one, two) == ("1", "1")
        assert time.monotonic() - begun < 1.5, "signals wake streams before any look into the database"
        card_id = new_id("card")
        await change(card_id)
        for stream in (one, two):
            assert (await stream.until("card.changed"))[-1].data == {"id": card_id}

        valkey.stop()
        await asyncio.gather(one.until("reload"), two.until("reload"))
        await tell()
        assert await _heard(one, two) == ("2", "2")
        await asyncio.sleep(2.2)  # a look has noted where the stream of events ends
        await change(card_id)
        await asyncio.gather(one.until("card.changed"), two.until("card.changed"))

        valkey.start()
        await tell()
        assert await _heard(one, two) == ("3", "3")

        os.kill(processes[0].pid, signal.SIGTERM)
        last = one.last_id
        assert (await one.rest())[-1].name == "bye"
        assert one.retries[-1] >= 1_000
        await tell()
        again = await _opened(stack, client, processes[1], own, last)
        assert await _heard(again, two) == ("4", "4")
    await carrier.aclose()
    await engine.dispose()


async def _opened(
    stack: AsyncExitStack, client: httpx.AsyncClient, process: RunningApplication, own: Mapping[str, str],
    last_id: str | None = None,
) -> Stream:  # fmt: skip
    headers = {**own, **({} if last_id is None else {"Last-Event-ID": last_id})}
    asked = client.stream("GET", f"{process.address}/v1/me/stream", headers=headers)
    return Stream(await stack.enter_async_context(asked))


async def _heard(*streams: Stream) -> tuple[str | None, ...]:
    """Return the position of the one notification that each stream tells next."""
    read = await asyncio.gather(*(stream.until("notification") for stream in streams))
    return tuple(heard[-1].id for heard in read)
