"""Screening everybody: nightly, after an import, on command; in batches that survive a crash."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from cardwright import users
from cardwright.core.errors import Conflict
from cardwright.core.ids import new_id
from cardwright.db.jobs import Work
from cardwright.db.session import Session
from cardwright.kyc.screening import comparing, domain, list_store, run_store
from cardwright.kyc.screening.domain import Occasion, ScreeningRules
from cardwright.kyc.screening.run_store import Run
from cardwright.programs import Program

NIGHTLY_HOUR: Final = 1
"""In UTC; a night without a worker is made up for in the morning."""
BATCH: Final = 200


async def request_run(session: Session, program_id: str, *, occasion: Occasion, by: str, at: datetime) -> Run:
    """Ask for everybody to be screened; a run that is under way is all that is needed.

    It notices a list that changes meanwhile and begins anew. Raises Conflict `no_list` without any.
    """
    lists = await list_store.active_lists(session, program_id)
    if not lists:
        raise Conflict("no_list", "Import a list first.")
    run = Run(
        new_id("srun"), program_id, occasion, domain.lists_version(lists), by, at,
        await users.count_profiles(session, program_id),
    )  # fmt: skip
    await run_store.add_run(session, run)
    found = await run_store.newest_run(session, program_id)
    return found or run


async def screen_nightly(work: Work) -> None:
    """Ask for the night's run once it is due, and carry out whatever run is unfinished."""
    program_id, now = work.get(Program).id, work.clock.now()
    due_at = now.replace(hour=NIGHTLY_HOUR, minute=0, second=0, microsecond=0)
    async with work.transaction() as session:
        last = await run_store.newest_run(session, program_id, Occasion.NIGHTLY)
        is_due = now >= due_at and (last is None or last.requested_at < due_at)
        if is_due and await list_store.active_lists(session, program_id):
            await request_run(
                session, program_id, occasion=Occasion.NIGHTLY, by=comparing.SCREENING_ACTOR, at=now
            )
    while await advance(work) is not None:
        pass


async def advance(work: Work) -> Run | None:
    """Screen the next batch of the unfinished run, in one transaction with how far it has come.

    Returns the run as it stands then; None when there is none, or another process is at it.
    """
    program_id = work.get(Program).id
    async with work.transaction() as session:
        run = await run_store.unfinished_for_update(session, program_id)
        if run is None:
            return None
        lists, at = await comparing.load_lists(session, program_id), work.clock.now()
        if lists is None:
            return await _save(session, replace(run, finished_at=at))
        if lists.version != run.lists_version:
            run = replace(run, lists_version=lists.version, reached="", screened=0)
        people = await users.named_page(session, program_id, after=run.reached, limit=BATCH)
        opened = await comparing.screen(
            session, program_id, people, lists, work.get(ScreeningRules), run.occasion, at
        )
        return await _save(
            session,
            replace(
                run, reached=people[-1].user_id if people else run.reached,
                screened=run.screened + len(people), opened=run.opened + opened,
                finished_at=at if len(people) < BATCH else None,
            ),
        )  # fmt: skip


async def newest_run(session: Session, program_id: str) -> Run | None:
    """Return the newest run of a program."""
    return await run_store.newest_run(session, program_id)


async def _save(session: Session, run: Run) -> Run:
    await run_store.save_run(session, run)
    return run
