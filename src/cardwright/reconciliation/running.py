"""Runs: asked for or due at night, claimed by one worker, taken up again where one was interrupted."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Final

from cardwright import audit
from cardwright.core.errors import Conflict, NotFound
from cardwright.core.ids import new_id
from cardwright.db import outbox
from cardwright.db.jobs import Subscription, Work
from cardwright.db.outbox import Event
from cardwright.db.session import Session
from cardwright.programs import Program
from cardwright.reconciliation import (
    comparing,
    fetching,
    keeping,
    repairing,
    reported_store,
    run_store,
    totals,
)
from cardwright.reconciliation.balances import Balances, compare_balances
from cardwright.reconciliation.domain import Run, RunState, Stream
from cardwright.reconciliation.kinds import KINDS, RecordKind
from cardwright.reconciliation.ports import Reporter, Reporters
from cardwright.reconciliation.reported_store import Whose

NIGHTLY_HOUR: Final = 3
"""At which hour in UTC a day's run is due."""
SILENT_BEFORE_TAKEN_UP: Final = timedelta(minutes=10)
"""After how long without a sign of life another worker takes a run up."""
Tell = Callable[[Run], Awaitable[None]]


async def request_run(
    session: Session, *, program_id: str, since: datetime | None, by: str, at: datetime
) -> Run:
    """Ask for a run up to now; raise Conflict `run_unfinished` while another is on its way.

    `since` makes it look further back than where the last one ended.
    """
    run = Run(
        id=new_id("recon"), program_id=program_id, state=RunState.REQUESTED, requested_by=by, as_of=at,
        since=since, created_at=at,
    )  # fmt: skip
    if not await run_store.insert_run(session, run):
        raise Conflict("run_unfinished", "A run is on its way; wait until it has ended.")
    details = {"since": since}
    await audit.record(session, by, program_id, "reconciliation.requested", run.id, details, at)
    await outbox.append(session, Event("reconciliation.run_requested", program_id, run.id, at, {}))
    return run


async def get_run(session: Session, program_id: str, run_id: str) -> Run:
    """Return a run of a program; raise NotFound."""
    run = await run_store.find_run(session, program_id, run_id)
    if run is None:
        raise NotFound("run_unknown", "There is no such run.")
    return run


async def reconcile_nightly(work: Work) -> Run | None:
    """Ask for the run of the day once it is due, and carry out whatever run is due."""
    program, now = work.get(Program), work.clock.now()
    due_at = now.replace(hour=NIGHTLY_HOUR, minute=0, second=0, microsecond=0)
    async with work.transaction() as session:
        newest = await run_store.runs_page(session, program.id, before=None, limit=1)
        is_due = now >= due_at and all(it.created_at < due_at and it.finished_at for it in newest)
        if is_due:
            await request_run(session, program_id=program.id, since=None, by=keeping.WORKER, at=now)
    return await run_due(work)


async def run_due(work: Work, tell: Tell | None = None) -> Run | None:
    """Carry out the run that waits or was interrupted; return it finished, or None when there is none."""
    program, now = work.get(Program), work.clock.now()
    async with work.transaction() as session:
        run = await run_store.claim_run(
            session, program.id, at=now, silent_since=now - SILENT_BEFORE_TAKEN_UP
        )
    return None if run is None else await _Runner(work, run, tell).run_through()


async def run_requested(work: Work, event: Event) -> None:
    """Carry out a run because somebody asked for it."""
    if event.program_id == work.get(Program).id:
        await run_due(work)


class _Runner:
    """One run on its way; every step says how far it has come."""

    def __init__(self, work: Work, run: Run, tell: Tell | None) -> None:
        self._work, self._run, self._tell = work, run, tell

    async def run_through(self) -> Run:
        for reporter in self._work.get(Reporters).values():
            await self._step(state=RunState.FETCHING)
            balances = await fetching.fetch(self._work, self._run, reporter, self._fetched)
            await self._step(state=RunState.COMPARING, compared=0)
            await self._compare(reporter, balances)
        await self._step(state=RunState.REPAIRING)
        await repairing.repair_found(self._work, self._run.program_id, self._repaired)
        await self._step(state=RunState.DONE, finished_at=self._work.clock.now())
        return self._run

    async def _repaired(self, count: int) -> None:
        await self._step(repaired=self._run.repaired + count)

    async def _fetched(self, count: int) -> None:
        await self._step(fetched=self._run.fetched + count)

    async def _compare(self, reporter: Reporter, balances: Balances | None) -> None:
        whose = Whose(self._run.program_id, reporter.source)
        dated: dict[str, date] = {}
        for kind in KINDS.values():
            if kind.needs <= set(reporter.streams):
                dated |= await self._compare_kind(whose, kind)
        if Stream.MOVEMENTS in reporter.streams:
            await self._add_up(whose, dated, balances or {})

    async def _add_up(self, whose: Whose, dated: Mapping[str, date], balances: Balances) -> None:
        at = self._work.clock.now()
        async with self._work.transaction() as session:
            reading = await reported_store.get_reading(session, whose, Stream.MOVEMENTS)
            days = await totals.total(
                session, whose, since=reading.since, as_of=self._run.as_of, at=at, dated=dated
            )
            stands = await compare_balances(
                session, whose, balances, covered_since=reading.covered_since, at=at
            )
        await self._step(
            found=self._run.found + days.opened + stands.opened,
            repaired=self._run.repaired + days.closed + stands.closed,
        )

    async def _compare_kind(self, whose: Whose, kind: RecordKind) -> dict[str, date]:
        dated: dict[str, date] = {}
        async with self._work.transaction() as session:
            reading = await reported_store.get_reading(session, whose, kind.window)
            subjects = await comparing.subjects_of(session, kind, whose, reading, self._run.as_of)
        for start in range(0, len(subjects), comparing.AT_ONCE):
            batch = subjects[start : start + comparing.AT_ONCE]
            async with self._work.transaction() as session:
                compared = await comparing.compare(
                    session, kind, whose, reading, batch, young_since=self._run.as_of - kind.grace
                )
                kept = await keeping.keep(session, kind, whose, compared, self._work.clock.now())
            dated |= {it.ours.entry: it.happened_at.date() for it in compared if it.ours and it.ours.entry}
            await self._step(
                compared=self._run.compared + len(batch), found=self._run.found + kept.opened,
                repaired=self._run.repaired + kept.closed,
            )  # fmt: skip
        return dated

    async def _step(self, **changes: object) -> None:
        self._run = replace(self._run, heard_at=self._work.clock.now(), **changes)  # type: ignore[arg-type]
        async with self._work.transaction() as session:
            await run_store.save_run(session, self._run)
            if self._run.state is RunState.DONE:
                await self._record_end(session)
        if self._tell is not None:
            await self._tell(self._run)

    async def _record_end(self, session: Session) -> None:
        run = self._run
        details = {
            "fetched": run.fetched, "compared": run.compared, "found": run.found, "repaired": run.repaired
        }  # fmt: skip
        await audit.record(
            session, keeping.WORKER, run.program_id, "reconciliation.done", run.id, details,
            self._work.clock.now(),
        )  # fmt: skip


SUBSCRIPTIONS: Final = (
    Subscription("reconciliation.run", "reconciliation.run_requested", run_requested),
    Subscription("reconciliation.repair", "reconciliation.repair_requested", repairing.repair_requested),
)
