"""Runs carried out by a worker: claimed by one, taken up where that was lost, stopped when called off."""

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import structlog

from cardwright import audit
from cardwright.backtests import exporting, store
from cardwright.backtests.computing import Assignment, ComputingFailed, compute
from cardwright.backtests.engines import Room
from cardwright.backtests.run import MOST_ATTEMPTS, Progress, Run, RunState
from cardwright.backtests.service import REQUESTED, lists_read
from cardwright.db.jobs import Subscription, Work
from cardwright.db.outbox import Event
from cardwright.programs import Program

WORKER: Final = "worker"
SILENT: Final = timedelta(seconds=60)
"""After how long without a sign of life another worker takes a run up."""
KEPT: Final = timedelta(hours=24)
"""How long after the last run exported history is kept."""
_log = structlog.get_logger()


class _Gone(Exception):
    """The run is no longer this worker's: it was called off, or another took it."""


async def run_due(work: Work) -> Sequence[str]:
    """Carry out runs until none is due; return the ids of those that were begun here."""
    program = work.get(Program)
    begun: list[str] = []
    while True:
        now = work.clock.now()
        async with work.transaction() as session:
            run = await store.claim_run(session, program.id, at=now, silent_since=now - SILENT)
        if run is None:
            return begun
        begun.append(run.id)
        await _Runner(work, run).run_through()


async def backtest_requested(work: Work, event: Event) -> None:
    """Carry out a run because somebody asked for it."""
    if event.program_id == work.get(Program).id:
        await run_due(work)


async def forget_history(work: Work) -> None:
    """Delete exported history that no run has needed for a day, and what lost workers left."""
    program, room = work.get(Program), work.get(Room)
    async with work.transaction() as session:
        is_needed = await store.was_needed_since(session, program.id, work.clock.now() - KEPT)
    if not is_needed:
        exporting.remove(room, program.id)


class _Runner:
    """One run on its way; every step says how far it has come."""

    def __init__(self, work: Work, run: Run) -> None:
        self._work, self._run, self._room = work, run, work.get(Room)
        self._progress = Progress()

    async def run_through(self) -> None:
        if self._run.attempts > MOST_ATTEMPTS:
            await self._end(RunState.FAILED, failure="Its worker was lost every time it was begun.")
            return
        try:
            found = await self._found()
        except _Gone:
            return
        except ComputingFailed as error:
            await self._end(RunState.FAILED, failure=str(error))
        except Exception as error:  # noqa: BLE001 - whatever it was, nobody shall wait for ever
            _log.warning("backtest_failed", run_id=self._run.id, error=type(error).__name__, exc_info=True)
            # Where the database is away this fails as well, and the run is taken up again.
            await self._end(RunState.FAILED, failure=f"It could not be carried out: {type(error).__name__}.")
        else:
            await self._end(RunState.DONE, result=found)

    async def _found(self) -> Any:
        program_id, request = self._run.program_id, self._run.request
        exported = await exporting.export(self._work.transaction, program_id, self._room, self._exported)
        async with self._work.transaction() as session:
            lists = await lists_read(session, program_id, request, self._work.clock.now())
        work_folder = self._make_work_folder()
        try:
            room = replace(self._room, folder=work_folder)
            return await compute(Assignment(request, lists, exported, room), self._computed)
        finally:
            shutil.rmtree(work_folder, ignore_errors=True)

    def _make_work_folder(self) -> Path:
        # One run at a time is on its way: what others left was a lost worker's.
        folder = self._room.folder / self._run.program_id
        for left in folder.glob("work-*"):
            shutil.rmtree(left, ignore_errors=True)
        return Path(tempfile.mkdtemp(prefix="work-", dir=folder))

    async def _exported(self, rows: int, of: int) -> None:
        await self._note(replace(self._progress, rows=rows, rows_of=of))

    async def _computed(self, steps: int, of: int) -> None:
        await self._note(replace(self._progress, steps=steps, steps_of=of))

    async def _note(self, progress: Progress) -> None:
        self._progress = progress
        async with self._work.transaction() as session:
            if not await store.note_progress(session, self._run, progress, at=self._work.clock.now()):
                raise _Gone

    async def _end(self, state: RunState, **more: Any) -> None:
        at, run = self._work.clock.now(), self._run
        async with self._work.transaction() as session:
            if await store.end_run(session, run, state, at=at, **more):
                details = {"state": state}
                await audit.record(session, WORKER, run.program_id, "backtest.ended", run.id, details, at)


SUBSCRIPTIONS: Final = (Subscription("backtests.run", REQUESTED, backtest_requested),)
