"""What can go wrong around the product one after the other, and what is expected of it meanwhile."""

import asyncio
import os
import random
import resource
import shutil
import signal
import subprocess
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import asyncpg
from redis.asyncio import Redis

from cut_wire import Wire
from under_fire.stage import Stage

FEW_CONNECTIONS: Final[Mapping[str, str]] = {"max_connections": "70"}
STEP_SECONDS: Final = 300
_NO_ROOM_BYTES: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the faults happen to; `clock_file` says how far the clock is off, `wire` leads to the database."""

    stage: Stage
    wire: Wire
    clock_file: Path


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that goes wrong for `seconds`. Meanwhile every authorization is answered by its deadline.

    With `decided` each of these answers is a decision. Without, some must be the program's stand-in, for the
    fault was none otherwise. None: as it comes.
    """

    happens: Callable[[Surroundings], AbstractAsyncContextManager[None]]
    decided: bool | None
    seconds: float = 3.0


@asynccontextmanager
async def _valkey_stopped(around: Surroundings) -> AsyncIterator[None]:
    await asyncio.to_thread(around.stage.valkey.stop)
    yield
    await asyncio.to_thread(around.stage.valkey.start)


@asynccontextmanager
async def _valkey_emptied(around: Surroundings) -> AsyncIterator[None]:
    async with Redis(port=around.stage.valkey.port) as valkey:
        await valkey.flushall()
    yield


@asynccontextmanager
async def _valkey_hung(around: Surroundings) -> AsyncIterator[None]:
    process_id = around.stage.valkey.process_id
    assert process_id is not None
    os.kill(process_id, signal.SIGSTOP)
    yield
    os.kill(process_id, signal.SIGCONT)


@asynccontextmanager
async def _postgres_stalled(around: Surroundings) -> AsyncIterator[None]:
    """Every process of it stands still, as on a machine whose disk hangs."""
    stopped = [pid for pid in await _processes_of_postgres(around) if _signal(pid, signal.SIGSTOP)]
    yield
    for pid in stopped:
        _signal(pid, signal.SIGCONT)


@asynccontextmanager
async def _disk_refuses(around: Surroundings) -> AsyncIterator[None]:
    """Writing what was committed through to the disk fails: PostgreSQL stops itself rather than go on."""
    traced = [argument for pid in await _processes_of_postgres(around) for argument in ("-p", str(pid))]
    refusing = ("-e", "trace=fdatasync,fsync", "-e", "inject=fdatasync,fsync:error=EIO")
    command = ["strace", "-f", "-qq", "-o", os.devnull, *refusing, *traced]
    tracer = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.DEVNULL)
    yield
    # Where processes may not be traced it would have ended.
    assert tracer.returncode is None
    tracer.terminate()
    await tracer.wait()
    await asyncio.to_thread(around.stage.server.start)


async def _processes_of_postgres(around: Surroundings) -> list[int]:
    connection = await asyncpg.connect(around.stage.url)
    pids = [row["pid"] for row in await connection.fetch("SELECT pid FROM pg_stat_activity")]
    await connection.close()
    postmaster = int((around.stage.server.directory / "data" / "postmaster.pid").read_text().split()[0])
    # The one that starts others first; the one that was asked has ended by now.
    return [postmaster, *(pid for pid in pids if _signal(pid, 0))]


@asynccontextmanager
async def _connections_taken(around: Surroundings) -> AsyncIterator[None]:
    """Somebody else holds every connection that is left, and breaks those that are there."""
    taken: list[asyncpg.Connection] = []
    try:
        around.wire.reset()
        while True:
            try:
                taken.append(await asyncpg.connect(around.stage.url))
            except asyncpg.PostgresError:
                break
        yield
    finally:
        for connection in taken:
            await connection.close()


@asynccontextmanager
async def _network_cut(around: Surroundings) -> AsyncIterator[None]:
    around.wire.cut()
    yield
    around.wire.mend()


@asynccontextmanager
async def _connections_reset(around: Surroundings) -> AsyncIterator[None]:
    around.wire.reset()
    yield


@asynccontextmanager
async def _worker_out_of_memory(around: Surroundings) -> AsyncIterator[None]:
    """It gets no memory any more, fails, and is started again."""
    worker = around.stage.processes[0]
    assert worker.pid is not None
    hard = resource.prlimit(worker.pid, resource.RLIMIT_AS)[1]
    resource.prlimit(worker.pid, resource.RLIMIT_AS, (_NO_ROOM_BYTES, hard))
    yield
    await asyncio.to_thread(worker.kill)
    await asyncio.to_thread(worker.start)


def _clock_stepped(by: int) -> Callable[[Surroundings], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def happens(around: Surroundings) -> AsyncIterator[None]:
        around.clock_file.write_text(str(by))
        yield
        around.clock_file.write_text("0")

    return happens


def _signal(pid: int, which: int) -> bool:
    try:
        os.kill(pid, which)
    except ProcessLookupError:
        return False
    return True


def _can_trace() -> bool:
    """Whether there is a strace, and processes of ours may be traced."""
    asked = ("strace", "-qq", "-o", os.devnull, "true")
    return bool(shutil.which("strace")) and subprocess.run(asked, check=False).returncode == 0


FAULTS: Final[Mapping[str, Fault]] = {
    "Valkey stopped": Fault(_valkey_stopped, decided=True),
    "Valkey emptied": Fault(_valkey_emptied, decided=True),
    "Valkey hung": Fault(_valkey_hung, decided=True),
    "PostgreSQL stalled": Fault(_postgres_stalled, decided=False, seconds=6),
    "every connection taken": Fault(_connections_taken, decided=None),
    "network to PostgreSQL cut": Fault(_network_cut, decided=False, seconds=6),
    "connections to PostgreSQL reset": Fault(_connections_reset, decided=True),
    "clock 5 minutes ahead": Fault(_clock_stepped(STEP_SECONDS), decided=True),
    "clock 5 minutes behind": Fault(_clock_stepped(-STEP_SECONDS), decided=True),
    "worker out of memory": Fault(_worker_out_of_memory, decided=True),
    **({"disk refuses fsync": Fault(_disk_refuses, decided=None)} if _can_trace() else {}),
}


def some_pairs(count: int, seed: int) -> list[list[str]]:
    """Return pairs of a fault of the database and another: what hangs cannot be hit a second time."""
    chance = random.Random(seed)  # noqa: S311 - it only has to come again
    of_database = [name for name in FAULTS if any(it in name for it in ("PostgreSQL", "connection", "disk"))]
    others = [name for name in FAULTS if name not in of_database]
    return [[chance.choice(others), chance.choice(of_database)] for _ in range(count)]
