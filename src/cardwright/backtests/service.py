"""Asking for backtests, looking at them, and calling them off."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from cardwright import audit, rules
from cardwright.backtests import store
from cardwright.backtests.run import Request, Run, RunState, ensure_cancelable
from cardwright.core.errors import Conflict, NotFound
from cardwright.core.ids import new_id
from cardwright.db import outbox
from cardwright.db.outbox import Event
from cardwright.db.session import Session
from cardwright.rules import ListContent, Rule, Rulebook, Scoring

REQUESTED: Final = "backtests.requested"
MOST_UNFINISHED: Final = 100


async def draft_request(
    session: Session, program_id: str, drafts: tuple[Rule, ...], scoring: Scoring | None, *,
    beside_active: bool, since: datetime | None, until: datetime | None,
) -> Request:  # fmt: skip
    """Return what is asked when rules are tried: with the active ones, which those of the same name replace.

    Without a `scoring` the active one counts. Raises what `ensure_sound` does.
    """
    active = await rules.find_active_publication(session, program_id)
    tested = tuple(it.name for it in drafts)
    others: tuple[Rule, ...] = ()
    if active is not None and beside_active:
        others = tuple(it for it in active.rulebook.rules if it.name not in tested and it.is_evaluated)
    thresholds = scoring or (active.rulebook.scoring if active is not None and beside_active else Scoring())
    beside = active.rulebook.version if active is not None and beside_active else None
    request = Request((*drafts, *others), thresholds, tested, None, beside, since, until)
    await _ensure_sound(session, program_id, request)
    return request


async def version_request(
    session: Session, program_id: str, version: int, *, since: datetime | None, until: datetime | None
) -> Request:
    """Return what is asked when a published version is tried; raise NotFound `rulebook_unknown`."""
    book = (await rules.get_publication(session, program_id, version)).rulebook
    asked = tuple(it for it in book.rules if it.is_evaluated)
    return Request(asked, book.scoring, tuple(it.name for it in asked), version, None, since, until)


async def request_run(session: Session, program_id: str, request: Request, *, by: str, at: datetime) -> Run:
    """Ask for a run; raise Conflict `too_many_backtests` while too many others wait."""
    if await store.count_unfinished(session, program_id) >= MOST_UNFINISHED:
        raise Conflict("too_many_backtests", f"At most {MOST_UNFINISHED} backtests wait at a time.")
    run = Run(new_id("btest"), program_id, RunState.QUEUED, request, by, at)
    await store.insert_run(session, run)
    details = {"rules": len(request.tested), "version": request.version}
    await audit.record(session, by, program_id, "backtest.requested", run.id, details, at)
    await outbox.append(session, Event(REQUESTED, program_id, run.id, at))
    return run


async def get_run(session: Session, program_id: str, run_id: str) -> Run:
    """Return a run; raise NotFound `backtest_unknown`."""
    run = await store.find_run(session, program_id, run_id)
    if run is None:
        raise NotFound("backtest_unknown", "There is no such backtest.")
    return run


async def cancel_run(session: Session, program_id: str, run_id: str, *, by: str, at: datetime) -> Run:
    """Call a run off; raise NotFound, and Conflict `backtest_ended`."""
    run = await store.find_run(session, program_id, run_id, lock=True)
    if run is None:
        raise NotFound("backtest_unknown", "There is no such backtest.")
    ensure_cancelable(run)
    canceled = await store.cancel_run(session, run, at=at)
    await audit.record(session, by, program_id, "backtest.canceled", run.id, {}, at)
    return canceled


async def lists_read(
    session: Session, program_id: str, request: Request, at: datetime
) -> Sequence[ListContent]:
    """Return what the lists hold that a request's rules read; raise RulebookInvalid for rules with faults."""
    checked = rules.checked_rules(request.rules, await rules.catalogue_of(session, program_id))
    names = {it.name for condition in checked.values() for it in condition.lists}
    return await rules.contents_of_lists(session, program_id, names, at)


async def _ensure_sound(session: Session, program_id: str, request: Request) -> None:
    """Raise RulebookInvalid for conditions with faults, and Invalid for rules that are none together."""
    Rulebook(0, tuple(request.rules), request.scoring)
    rules.checked_rules(request.rules, await rules.catalogue_of(session, program_id))
