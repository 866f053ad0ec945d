"""Runs: done, called off, taken up again when their worker was lost, and given up at last."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from builders import provided_for_tests
from cardwright import backtests
from cardwright.backtests import Request, Room, Run, RunState, computing, service, store
from cardwright.backtests.computing import Assignment, ComputingFailed, compute
from cardwright.backtests.exporting import Exported
from cardwright.backtests.run import MOST_ATTEMPTS
from cardwright.backtests.running import SILENT
from cardwright.core.clock import MovableClock
from cardwright.core.errors import Conflict
from cardwright.db.jobs import Work
from cardwright.programs import Program
from integration.backtests import past
from integration.backtests.past import flagging

SMALL = past.request(flagging("all", "amount >= 0"))
# Enough to plan that there is time to call it off.
LARGE = past.request(
    *(flagging(f"rule_{n}", f"velocity.card.approved_count_24h + amount > {n}") for n in range(300))
)
A_WORKER = """
import asyncio, sys
from datetime import UTC, datetime
from pathlib import Path
from builders import engine_for_tests, provided_for_tests
from cardwright import backtests
from cardwright.backtests import Room
from cardwright.core.clock import MovableClock
from cardwright.db.jobs import Work

async def work():
    engine, clock = engine_for_tests(sys.argv[1]), MovableClock(datetime.fromisoformat(sys.argv[2]))
    provided = await provided_for_tests(engine, clock)
    room = Room(Path(sys.argv[3]), memory_mib=512, threads=1)
    await backtests.run_due(Work(engine, clock, {**provided, Room: room}))

asyncio.run(work())
"""


@dataclass
class Desk:
    """A worker's collaborators, and who asks."""

    work: Work
    program_id: str
    clock: MovableClock
    folder: Path

    async def ask(self, request: Request) -> Run:
        async with self.work.transaction() as session:
            return await service.request_run(
                session, self.program_id, request, by="somebody", at=self.clock.now()
            )

    async def read(self, run: Run) -> Run:
        async with self.work.transaction() as session:
            return await service.get_run(session, self.program_id, run.id)

    async def cancel(self, run: Run) -> Run:
        async with self.work.transaction() as session:
            return await service.cancel_run(
                session, self.program_id, run.id, by="somebody", at=self.clock.now()
            )

    async def until_it_computes(self, run: Run) -> None:
        while not (await self.read(run)).progress.steps_of:  # noqa: ASYNC110 - another process tells
            await asyncio.sleep(0.02)


@pytest.fixture
async def desk(engine: AsyncEngine, clock: MovableClock, tmp_path: Path) -> AsyncIterator[Desk]:
    lived = await past.lived(engine, clock, count=4)
    provided = await provided_for_tests(engine, clock)
    assert provided[Program].id == lived.program_id
    room = Room(tmp_path, memory_mib=512, threads=1)
    yield Desk(Work(engine, clock, {**provided, Room: room}), lived.program_id, clock, tmp_path)
    assert [*tmp_path.glob("*/work-*")] == []  # noqa: ASYNC240 - nobody waits


def children() -> set[str]:
    """Return the processes that this one started and that compute."""
    found = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                command, status = (entry / "cmdline").read_bytes(), (entry / "stat").read_text()
            except OSError:
                continue
            # After the name of the program: its state, then its parent.
            parent = status.rpartition(")")[2].split()[1]
            found |= (
                {entry.name} if b"backtests.computing" in command and parent == str(os.getpid()) else set()
            )
    return found


async def test_a_run_is_carried_out_and_tells_how_far_it_has_come(desk: Desk) -> None:
    run = await desk.ask(SMALL)
    assert (run.state, await backtests.run_due(desk.work)) == (RunState.QUEUED, [run.id])
    done = await desk.read(run)
    assert (done.state, done.attempts, done.failure) == (RunState.DONE, 1, None)
    progress = done.progress
    assert (progress.rows, progress.rows_of, progress.steps > 0) == (4, 4, True)
    assert done.result is not None
    assert done.result["rules"][0]["matches"] == 4
    with pytest.raises(Conflict, match="done"):
        await desk.cancel(run)


async def test_a_run_that_waits_is_called_off_and_never_begun(desk: Desk) -> None:
    run = await desk.ask(SMALL)
    assert (await desk.cancel(run)).state is RunState.CANCELED
    assert await backtests.run_due(desk.work) == []


async def test_a_run_that_computes_is_called_off_at_once_and_its_process_ends(desk: Desk) -> None:
    run = await desk.ask(LARGE)
    working = asyncio.create_task(backtests.run_due(desk.work))
    await desk.until_it_computes(run)
    await desk.cancel(run)
    # A busy machine is slow to end a process; that it does not compute on to its end is what matters.
    async with asyncio.timeout(60):
        await working
    assert (await desk.read(run)).state is RunState.CANCELED
    assert (await desk.read(run)).result is None
    assert children() == set()


async def test_runs_are_carried_out_one_after_the_other(desk: Desk) -> None:
    first, second = await desk.ask(SMALL), await desk.ask(SMALL)
    begun = await asyncio.gather(backtests.run_due(desk.work), backtests.run_due(desk.work))
    assert sorted([*begun[0], *begun[1]]) == [first.id, second.id]
    assert [(await desk.read(it)).state for it in (first, second)] == [RunState.DONE, RunState.DONE]


async def test_a_run_whose_worker_was_killed_is_taken_up_again(desk: Desk, database_url: str) -> None:
    run = await desk.ask(LARGE)
    worker = await asyncio.create_subprocess_exec(
        sys.executable, "-c", A_WORKER, database_url, desk.clock.now().isoformat(), str(desk.folder),
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )  # fmt: skip
    async with asyncio.timeout(150):
        await desk.until_it_computes(run)
    worker.send_signal(signal.SIGKILL)
    await worker.wait()
    [left] = desk.folder.glob("*/work-*")
    # Another worker waits for a sign of life first.
    assert await backtests.run_due(desk.work) == []
    desk.clock.advance(SILENT + timedelta(seconds=1))
    assert await backtests.run_due(desk.work) == [run.id]
    done = await desk.read(run)
    assert (done.state, done.attempts, done.failure) == (RunState.DONE, 2, None)
    assert left.exists() is False


async def test_a_run_that_loses_every_worker_fails_and_says_so(desk: Desk) -> None:
    run = await desk.ask(SMALL)
    for _ in range(MOST_ATTEMPTS):
        async with desk.work.transaction() as session:
            at = desk.clock.now()
            assert await store.claim_run(session, desk.program_id, at=at, silent_since=at - SILENT)
        desk.clock.advance(SILENT + timedelta(seconds=1))
    assert await backtests.run_due(desk.work) == [run.id]
    failed = await desk.read(run)
    assert (failed.state, failed.failure) == (
        RunState.FAILED,
        "Its worker was lost every time it was begun.",
    )


async def test_a_worker_that_was_thought_lost_changes_nothing_any_more(desk: Desk) -> None:
    await desk.ask(SMALL)
    async with desk.work.transaction() as session:
        at = desk.clock.now()
        slow = await store.claim_run(session, desk.program_id, at=at, silent_since=at - SILENT)
    assert slow is not None
    desk.clock.advance(SILENT + timedelta(seconds=1))
    await backtests.run_due(desk.work)
    async with desk.work.transaction() as session:
        assert not await store.note_progress(session, slow, slow.progress, at=desk.clock.now())
        assert not await store.end_run(session, slow, RunState.FAILED, at=desk.clock.now(), failure="late")
    assert (await desk.read(slow)).state is RunState.DONE


async def test_what_cannot_be_computed_fails_with_the_reason(tmp_path: Path) -> None:
    broken = tmp_path / "part.parquet"
    broken.write_text("no such thing")

    async def beat(_steps: int, _of: int) -> None:
        """Go on."""

    assignment = Assignment(SMALL, (), Exported([broken], []), Room(tmp_path))
    with pytest.raises(ComputingFailed, match="InvalidInputException"):
        await compute(assignment, beat)


async def test_the_process_ends_when_whoever_started_it_is_gone(tmp_path: Path) -> None:
    # A pipe that nobody writes to is a file that takes for ever to open.
    never = tmp_path / "never.parquet"
    os.mkfifo(never)
    assignment = Assignment(SMALL, (), Exported([never], []), Room(tmp_path))
    process = await asyncio.create_subprocess_exec(*computing.COMMAND, stdin=asyncio.subprocess.PIPE)
    assert process.stdin is not None
    process.stdin.write(assignment.to_json().encode() + b"\n")
    await process.stdin.drain()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(process.wait(), 1.5)
    process.stdin.close()
    assert await asyncio.wait_for(process.wait(), 60) == computing._ORPHANED
