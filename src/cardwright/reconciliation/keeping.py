"""Keeping what a comparison found: new differences open, known ones go on, those that are gone close."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from cardwright import approvals, audit
from cardwright.approvals import ApprovalState
from cardwright.core.ids import new_id
from cardwright.db.session import Session, canonical_json
from cardwright.reconciliation import store
from cardwright.reconciliation.comparing import Compared
from cardwright.reconciliation.domain import (
    Cause,
    Difference,
    DifferenceKind,
    DifferenceState,
    Found,
    Repair,
)
from cardwright.reconciliation.kinds import RecordKind
from cardwright.reconciliation.reported_store import Whose

WORKER: Final = "worker"
_CONVERGEABLE: Final = frozenset({Cause.NOT_HEARD, Cause.ONLY_IN_BALANCE, Cause.HOLD_NOT_HEARD})


@dataclass(frozen=True, slots=True)
class Kept:
    """How many differences were opened and closed."""

    opened: int
    closed: int


async def keep(
    session: Session, kind: RecordKind, whose: Whose, compared: Sequence[Compared], at: datetime
) -> Kept:
    """Bring the differences of the compared subjects to what was found now."""
    known: dict[str, dict[DifferenceKind, Difference]] = {}
    ids = [it.external_id for it in compared]
    for difference in await store.known_differences(session, whose.program_id, whose.source, kind.name, ids):
        known.setdefault(difference.external_id, {})[difference.kind] = difference
    opened = closed = 0
    for one in compared:
        if one.found is None:
            continue
        before = known.get(one.external_id, {})
        found = {it.kind: it for it in one.found if _is_news(it, before.values())}
        for it in found.values():
            opened += await _found(session, kind, whose, one, it, before.get(it.kind), at)
        for difference in before.values():
            if difference.closed_at is None and difference.kind not in found:
                await close(session, difference, at)
                closed += 1
    return Kept(opened, closed)


async def close(session: Session, difference: Difference, at: datetime) -> None:
    """Close a difference that is no more; what was accepted stays accepted."""
    is_accepted = difference.state is DifferenceState.ACCEPTED
    state = DifferenceState.ACCEPTED if is_accepted else DifferenceState.REPAIRED
    await store.save_difference(session, replace(difference, state=state, closed_at=at, last_seen_at=at))
    details = {"record": difference.record, "external_id": difference.external_id, "kind": difference.kind}
    await audit.record(
        session, WORKER, difference.program_id, "difference.repaired", difference.id, details, at
    )


def after_trying(kind: RecordKind, delta: int) -> Repair:
    """Return what is left where converging mends nothing."""
    return Repair.ENTRY if delta and kind.account is not None else Repair.NONE


def _is_news(found: Found, before: Iterable[Difference]) -> bool:
    # What was found missing and mended since says by itself how late it was.
    return found.kind is not DifferenceKind.LATE or not any(
        it.kind is not DifferenceKind.LATE for it in before
    )


async def _found(
    session: Session, kind: RecordKind, whose: Whose, one: Compared, found: Found, known: Difference | None,
    at: datetime,
) -> bool:  # fmt: skip
    theirs, ours = one.shown()
    if known is None:
        await store.insert_difference(session, _new(kind, whose, one, found, at))
        return True
    if await _is_mended(session, known, found):
        if known.closed_at is None:
            await close(session, known, at)
        return False
    if found.kind is DifferenceKind.LATE:
        return False
    is_same = (_plain(known.theirs), _plain(known.ours)) == (_plain(theirs), _plain(ours))
    if is_same and known.state is not DifferenceState.REPAIRED:
        await store.save_difference(session, replace(known, last_seen_at=at, closed_at=None))
        return False
    changed = replace(
        known, theirs=theirs, ours=ours, cause=found.cause, delta=found.delta, last_seen_at=at,
        state=DifferenceState.OPEN, repair=_repair(kind, found), tries=0, closed_at=None,
    )  # fmt: skip
    if known.state is DifferenceState.OPEN:
        await store.save_difference(session, changed)
        return False
    reopened = replace(changed, first_seen_at=at, reason=None, decided_by=None, approval_id=None)
    await store.save_difference(session, reopened)
    return True


async def _is_mended(session: Session, known: Difference, found: Found) -> bool:
    """Answer whether an entry made by hand has moved just what is lacking."""
    if known.approval_id is None or known.delta != found.delta:
        return False
    approval = await approvals.find_approval(session, known.program_id, known.approval_id)
    return approval is not None and approval.state is ApprovalState.APPLIED


def _new(kind: RecordKind, whose: Whose, one: Compared, found: Found, at: datetime) -> Difference:
    theirs, ours = one.shown()
    is_late = found.kind is DifferenceKind.LATE
    return Difference(
        id=new_id("diff"), program_id=whose.program_id, source=whose.source, record=kind.name,
        external_id=one.external_id, kind=found.kind, cause=found.cause, theirs=theirs, ours=ours,
        delta=found.delta, currency=one.currency,
        state=DifferenceState.EXPLAINED if is_late else DifferenceState.OPEN,
        repair=_repair(kind, found), tries=0, happened_at=one.happened_at, first_seen_at=at,
        last_seen_at=at, closed_at=at if is_late else None,
    )  # fmt: skip


def _repair(kind: RecordKind, found: Found) -> Repair:
    if kind.converge is not None and found.cause in _CONVERGEABLE:
        return Repair.CONVERGE
    return after_trying(kind, found.delta)


def _plain(side: Mapping[str, Any] | None) -> Any:
    return json.loads(canonical_json(side))
