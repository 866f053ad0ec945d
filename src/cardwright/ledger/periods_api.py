"""The months of the ledger over HTTP: what is closed, and proposing to close a month or to open it again."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Self

from fastapi import Depends, Response
from pydantic import Field, StringConstraints

from cardwright import audit
from cardwright.access import Actor, Reach, allow
from cardwright.approvals import ApprovalOutput, Reason
from cardwright.http import strict
from cardwright.http.deps import ClockDep, IdempotencyDep, SessionDep
from cardwright.http.pagination import Cursor, Limit, Page, page
from cardwright.http.strict import CurrencyCode, Id, Input, Output, SignedAmount
from cardwright.ledger import period_store, periods
from cardwright.ledger.domain import PeriodAction, PeriodChange, month_of

router = strict.router("/v1/ledger/period-changes", "ledger")
Finance = Annotated[Actor, Depends(allow("ledger.read", reach=Reach.ANY))]
Corrector = Annotated[Actor, Depends(allow("ledger.write", reach=Reach.ANY))]
Month = Annotated[
    str,
    StringConstraints(strict=True, pattern=r"^(20|21)[0-9]{2}-(0[1-9]|1[0-2])$"),
    Field(description="A month; it begins and ends in UTC.", examples=["2026-10"]),
]


class SnapshotLineView(Output):
    """One account code at the end of the month: totals since the beginning, in minor units."""

    code: str
    currency: CurrencyCode
    debits: SignedAmount
    credits: SignedAmount


class PeriodChangeView(Output):
    """A month that was closed or opened again."""

    id: Id
    month: Month
    action: PeriodAction
    closed_until: datetime = Field(description="Nothing is dated before this, while it is the newest change.")
    trial_balance: Sequence[SnapshotLineView] | None = Field(
        description="How the books stood at the end of the month, when it was closed."
    )
    changed_at: datetime
    approval_id: Id

    @classmethod
    def of(cls, change: PeriodChange) -> Self:
        """Show a change."""
        lines = change.trial_balance
        return cls(
            id=change.id, month=f"{change.month:%Y-%m}", action=change.action,
            closed_until=change.closed_until, changed_at=change.changed_at, approval_id=change.approval_id,
            trial_balance=None
            if lines is None
            else [SnapshotLineView.model_validate(line) for line in lines],
        )  # fmt: skip


class PeriodChangeBody(Input):
    """A month to close, with all before it, or to open again."""

    month: Month
    action: PeriodAction = Field(strict=False, description="What to do to it.", examples=["closed"])
    reason: Reason


@router.get("")
async def list_period_changes(
    session: SessionDep, clock: ClockDep, actor: Finance, limit: Limit = 20, cursor: Cursor = None
) -> Page[PeriodChangeView]:
    """Months that were closed and opened again, newest first; the first says what is closed now."""
    await audit.record_look(session, actor, "journal.read", actor.program_id, clock.now(), cursor=cursor)
    found = await period_store.list_changes(session, actor.program_id, before=cursor, limit=limit + 1)
    return page(found, limit, show=PeriodChangeView.of, cursor_of=lambda change: change.id)


@router.post("", status_code=202, response_model=ApprovalOutput)
async def propose_period_change(body: PeriodChangeBody, actor: Corrector, call: IdempotencyDep) -> Response:
    """Propose to close a month that is over, or to open the last closed one; somebody else approves it."""

    async def effect() -> ApprovalOutput:
        proposed = await periods.propose_change(
            call.session, body.action, month_of(body.month), program_id=actor.program_id, reason=body.reason,
            by=actor.user_id, at=call.clock.now(),
        )  # fmt: skip
        return ApprovalOutput.model_validate(proposed)

    return await call.once(actor.user_id, effect, status=202)
