"""Mending differences by reading the vendor's record anew and recording what is missing here, once."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final

import structlog

from cardwright.core.errors import Unavailable
from cardwright.db.jobs import Work
from cardwright.db.outbox import Event
from cardwright.db.session import Session
from cardwright.reconciliation import comparing, keeping, reported_store, store
from cardwright.reconciliation.domain import Cause, Difference
from cardwright.reconciliation.kinds import KINDS, RecordKind
from cardwright.reconciliation.reported_store import Whose

MOST_TRIES: Final = 3
"""How often converging is tried by itself; what it has not mended then waits for people."""
_AT_ONCE: Final = 100
_log = structlog.get_logger()


async def repair_found(work: Work, program_id: str, tell: Callable[[int], Awaitable[None]]) -> None:
    """Try every open difference that converging may mend; tell after each batch how many it mended."""
    after = ""
    while True:
        async with work.transaction() as session:
            due = await store.convergeable(
                session, program_id, most_tries=MOST_TRIES, after=after, limit=_AT_ONCE
            )
        await tell(sum([await converge(work, difference) for difference in due]))
        if len(due) < _AT_ONCE:
            return
        after = due[-1].id


async def repair_requested(work: Work, event: Event) -> None:
    """Try one difference because somebody asked for it."""
    async with work.transaction() as session:
        difference = await store.find_difference(session, event.program_id, event.subject_id)
    if difference is not None and difference.closed_at is None:
        await converge(work, difference)


async def converge(work: Work, difference: Difference) -> bool:
    """Converge on the vendor's record of a difference and compare anew; answer whether it is gone."""
    kind = KINDS[difference.record]
    if kind.converge is None:
        return False
    subject = await _subject_of(work, kind, difference)
    try:
        await kind.converge(work, subject)
    except Unavailable:
        raise
    except Exception as error:  # noqa: BLE001 - one record that cannot be read must not stop the others
        _log.warning("repair_failed", difference_id=difference.id, error=type(error).__name__)
    async with work.transaction() as session:
        return await _compare_anew(session, kind, difference, work)


async def _subject_of(work: Work, kind: RecordKind, difference: Difference) -> str:
    if not kind.by_movement:
        return difference.external_id
    whose = Whose(difference.program_id, difference.source)
    async with work.transaction() as session:
        cause = await reported_store.cause_of(session, whose, difference.external_id)
    return cause or difference.external_id


async def _compare_anew(session: Session, kind: RecordKind, difference: Difference, work: Work) -> bool:
    whose = Whose(difference.program_id, difference.source)
    reading = await reported_store.get_reading(session, whose, kind.window)
    compared = await comparing.compare(
        session, kind, whose, reading, [difference.external_id], young_since=None
    )
    await keeping.keep(session, kind, whose, compared, work.clock.now())
    now = await store.difference_for_update(session, difference.program_id, difference.id)
    assert now is not None  # noqa: S101 - differences are never removed
    if now.closed_at is not None:
        return True
    tried = replace(now, tries=now.tries + 1)
    if tried.tries >= MOST_TRIES:
        tried = replace(tried, cause=Cause.NOT_TAKEN, repair=keeping.after_trying(kind, now.delta))
    await store.save_difference(session, tried)
    return False
