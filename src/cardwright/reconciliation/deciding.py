"""What finance decides about a difference: explain it, accept it, have it repaired, propose an entry."""

from dataclasses import replace
from datetime import datetime

from cardwright import approvals, audit, ledger
from cardwright.approvals import Approval, ApprovalState
from cardwright.audit import Action
from cardwright.core.errors import Conflict, NotFound
from cardwright.db import outbox
from cardwright.db.outbox import Event
from cardwright.db.session import Session
from cardwright.ledger import ManualPosting, Side
from cardwright.reconciliation import store
from cardwright.reconciliation.domain import (
    Difference,
    DifferenceState,
    Repair,
    ensure_undecided,
)
from cardwright.reconciliation.kinds import KINDS


async def get_difference(session: Session, program_id: str, difference_id: str) -> Difference:
    """Return a difference of a program; raise NotFound."""
    return _found(await store.find_difference(session, program_id, difference_id))


async def explain(
    session: Session, program_id: str, difference_id: str, *, reason: str, by: str, at: datetime
) -> Difference:
    """Say why it is as it is; it is still watched, and closes itself when both sides agree."""
    return await _decide(
        session, program_id, difference_id, DifferenceState.EXPLAINED, "difference.explained", reason, by, at
    )


async def accept(
    session: Session, program_id: str, difference_id: str, *, reason: str, by: str, at: datetime
) -> Difference:
    """Leave it as it is for good, unless either side changes."""
    return await _decide(
        session, program_id, difference_id, DifferenceState.ACCEPTED, "difference.accepted", reason, by, at
    )


async def request_repair(
    session: Session, program_id: str, difference_id: str, *, by: str, at: datetime
) -> Difference:
    """Have the worker converge on the vendor's record; raise Conflict where that mends nothing."""
    difference = await _undecided(session, program_id, difference_id)
    if difference.repair is not Repair.CONVERGE:
        raise Conflict(
            "repair_not_possible", "Converging mends nothing here.", repair=difference.repair.value
        )
    await outbox.append(session, Event("reconciliation.repair_requested", program_id, difference.id, at, {}))
    await audit.record(session, by, program_id, "difference.repair_requested", difference.id, {}, at)
    return difference


async def propose_entry(
    session: Session, program_id: str, difference_id: str, *, reason: str, by: str, at: datetime
) -> Approval:
    """Propose the entry that brings the ledger to the vendor's balance; another person approves it.

    Raises Conflict `entry_not_possible` where no money is lacking and `entry_proposed` while one waits.
    """
    difference = await _undecided(session, program_id, difference_id)
    kind = KINDS.get(difference.record)
    if difference.delta == 0 or kind is None or kind.account is None:
        raise Conflict("entry_not_possible", "No money is lacking here that an entry could move.")
    await _ensure_none_waits(session, difference)
    mirror, contra = (Side.DEBIT, Side.CREDIT) if difference.delta > 0 else (Side.CREDIT, Side.DEBIT)
    amount = abs(difference.delta)
    proposed = await ledger.propose_entry(
        session, program_id=program_id, currency=difference.currency,
        postings=[
            ManualPosting(kind.account, program_id, mirror, amount),
            ManualPosting(kind.contra, program_id, contra, amount),
        ],
        reason=reason, by=by, at=at,
    )  # fmt: skip
    await store.save_difference(session, replace(difference, approval_id=proposed.id))
    details = {"approval_id": proposed.id, "delta": difference.delta, "currency": difference.currency}
    await audit.record(session, by, program_id, "difference.entry_proposed", difference.id, details, at)
    return proposed


async def _ensure_none_waits(session: Session, difference: Difference) -> None:
    if difference.approval_id is None:
        return
    before = await approvals.find_approval(session, difference.program_id, difference.approval_id)
    if before is not None and before.state in (ApprovalState.PROPOSED, ApprovalState.APPLIED):
        raise Conflict("entry_proposed", "An entry was proposed for it.", approval_id=before.id)


async def _decide(
    session: Session, program_id: str, difference_id: str, state: DifferenceState, action: Action,
    reason: str, by: str, at: datetime,
) -> Difference:  # fmt: skip
    difference = await _undecided(session, program_id, difference_id)
    decided = replace(difference, state=state, reason=reason, decided_by=by)
    await store.save_difference(session, decided)
    details = {"before": difference.state, "after": state, "kind": difference.kind, "reason": reason}
    await audit.record(session, by, program_id, action, difference.id, details, at)
    return decided


async def _undecided(session: Session, program_id: str, difference_id: str) -> Difference:
    difference = _found(await store.difference_for_update(session, program_id, difference_id))
    ensure_undecided(difference)
    return difference


def _found(difference: Difference | None) -> Difference:
    if difference is None:
        raise NotFound("difference_unknown", "There is no such difference.")
    return difference
