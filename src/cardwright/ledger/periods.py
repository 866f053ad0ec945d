"""Closing the books of a month, and opening them again: proposed by one and approved by another."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Final

from cardwright import approvals, audit
from cardwright.approvals import Approval, ApprovalKind
from cardwright.core.errors import Conflict
from cardwright.db.session import Session
from cardwright.ledger import period_store, statements
from cardwright.ledger.domain import (
    PeriodAction,
    PeriodChange,
    last_instant,
    month_begins,
    month_ends,
    month_of,
)


async def propose_change(
    session: Session,
    action: PeriodAction,
    month: date,
    *,
    program_id: str,
    reason: str,
    by: str,
    at: datetime,
) -> Approval:
    """Propose to close a month or to open it again; nothing is closed until another approves it.

    Raises Conflict `period_not_over`, `period_closed` and `period_not_last`.
    """
    await _ensure_next(session, program_id, action, month, at)
    return await approvals.propose(
        session, _KINDS[action], program_id=program_id, subject_id=program_id,
        payload={"month": f"{month:%Y-%m}"}, reason=reason, by=by, at=at,
    )  # fmt: skip


async def ensure_open(session: Session, program_id: str, posted_at: datetime) -> None:
    """Raise Conflict `period_closed` when nothing may be dated to that instant any more."""
    newest = await period_store.find_newest(session, program_id)
    if newest is not None and posted_at < newest.closed_until:
        raise _closed(newest)


async def _ensure_next(
    session: Session, program_id: str, action: PeriodAction, month: date, at: datetime
) -> None:
    newest = await period_store.find_newest(session, program_id)
    begins, ends = month_begins(month), month_ends(month)
    if action is PeriodAction.REOPENED:
        if newest is None or newest.closed_until != ends:
            raise Conflict("period_not_last", "Only the month that was closed last is opened again.")
        return
    if ends > at:
        raise Conflict("period_not_over", "A month is closed once it is over.", over_at=ends.isoformat())
    if newest is not None and begins < newest.closed_until:
        raise _closed(newest)


async def _close(session: Session, approval: Approval, at: datetime) -> None:
    month = month_of(approval.payload["month"])
    # From here on nobody dates anything into it: what is added up is what stays.
    await period_store.lock_periods(session, approval.program_id, month)
    await _ensure_next(session, approval.program_id, PeriodAction.CLOSED, month, at)
    ends = month_ends(month)
    balance = await statements.trial_balance(session, approval.program_id, at=last_instant(month))
    await _record(
        session,
        await period_store.insert_change(
            session, program_id=approval.program_id, month=month, action=PeriodAction.CLOSED,
            closed_until=ends, trial_balance=[asdict(line) for line in balance.lines], at=at,
            approval_id=approval.id,
        ),
        approval,
    )  # fmt: skip


async def _reopen(session: Session, approval: Approval, at: datetime) -> None:
    month = month_of(approval.payload["month"])
    await _ensure_next(session, approval.program_id, PeriodAction.REOPENED, month, at)
    await _record(
        session,
        await period_store.insert_change(
            session, program_id=approval.program_id, month=month, action=PeriodAction.REOPENED,
            closed_until=month_begins(month), trial_balance=None, at=at, approval_id=approval.id,
        ),
        approval,
    )  # fmt: skip


async def _record(session: Session, change: PeriodChange, approval: Approval) -> None:
    details = {
        "action": change.action.value,
        "month": f"{change.month:%Y-%m}",
        "approval_id": approval.id,
        "proposed_by": approval.proposed_by,
    }
    by = str(approval.decided_by)
    await audit.record(
        session, by, approval.program_id, "ledger_period.changed", change.id, details, change.changed_at
    )


def _closed(newest: PeriodChange) -> Conflict:
    return Conflict(
        "period_closed", "The books of that time are closed.", closed_until=newest.closed_until.isoformat()
    )


PERIOD_CLOSING: Final = ApprovalKind("ledger.period_closed", "ledger.write", "ledger.approve", _close)
PERIOD_REOPENING: Final = ApprovalKind("ledger.period_reopened", "ledger.write", "ledger.approve", _reopen)
_KINDS: Final[Mapping[PeriodAction, ApprovalKind]] = {
    PeriodAction.CLOSED: PERIOD_CLOSING,
    PeriodAction.REOPENED: PERIOD_REOPENING,
}
