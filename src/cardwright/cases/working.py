"""What reviewers do with cases before they decide: look, claim, hand on, note, reopen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cardwright import worklists
from cardwright.access import Actor, Permission
from cardwright.cases import domain, store
from cardwright.cases.domain import Case
from cardwright.cases.recording import tell
from cardwright.core.errors import NotFound
from cardwright.db.session import Session
from cardwright.worklists import Activity, Note

_DECIDING: Final[Permission] = "cases.write"


@dataclass(frozen=True, slots=True)
class File:
    """A case with all that was done with it and written about it."""

    case: Case
    activities: Sequence[Activity]
    notes: Sequence[Note]


async def get_case(session: Session, case_id: str, *, by: Actor) -> Case:
    """Return a case of the actor's program; raise NotFound `case_unknown` for any other."""
    return _seen(await store.find_case(session, case_id), by)


async def get_file(session: Session, case_id: str, *, by: Actor) -> File:
    """Return a case with its history and notes; raise NotFound."""
    case = await get_case(session, case_id, by=by)
    history = await worklists.activities_of(session, store.HISTORY, case.id)
    return File(case, history, await worklists.notes_of(session, store.HISTORY, case))


async def case_for_update(session: Session, case_id: str, *, by: Actor) -> Case:
    """Return a case, locked until the transaction ends; raise NotFound."""
    return _seen(await store.find_case(session, case_id, lock=True), by)


async def claim_case(session: Session, case_id: str, *, by: Actor, at: datetime) -> Case:
    """Take a case; raises what `domain.claim` does: of two who claim at once, one gets it."""
    case = await case_for_update(session, case_id, by=by)
    claimed = domain.claim(case, by.user_id)
    if claimed is not case:
        await store.save(session, claimed)
        await tell(session, claimed, "assigned", by.user_id, at, before=None, after=by.user_id)
    return claimed


async def assign_case(
    session: Session, case_id: str, to: str | None, *, version: int, by: Actor, at: datetime
) -> Case:
    """Give a case to somebody who may decide it, or back to the queue.

    Raises NotFound, Invalid `assignee_unfit`, and what `domain.assign` does.
    """
    case = await case_for_update(session, case_id, by=by)
    assigned = domain.assign(case, to, version)
    if to is not None:
        await worklists.ensure_fit(session, to, _DECIDING)
    await store.save(session, assigned)
    await tell(session, assigned, "assigned", by.user_id, at, before=case.assignee_id, after=to)
    return assigned


async def note_case(session: Session, case_id: str, words: str, *, by: Actor, at: datetime) -> Note:
    """Write a note of a case, whatever its state; raises NotFound."""
    case = await case_for_update(session, case_id, by=by)
    note = await worklists.add_note(session, store.HISTORY, case, by.user_id, words, at)
    await tell(session, case, "noted", by.user_id, at, note_id=note.id)
    return note


async def reopen_case(
    session: Session, case_id: str, *, version: int, reason: str, by: Actor, at: datetime
) -> Case:
    """Put a resolved case back into the queue; its label stays until it is decided anew."""
    case = await case_for_update(session, case_id, by=by)
    reopened = domain.reopen(case, version, at)
    await store.save(session, reopened)
    await tell(session, reopened, "reopened", by.user_id, at, reason=reason, before=case.finding)
    return reopened


def _seen(case: Case | None, by: Actor) -> Case:
    if case is None or not by.viewer.sees(case):
        raise NotFound("case_unknown", "There is no such case.")
    return case
