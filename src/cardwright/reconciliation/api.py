"""Reconciliation over HTTP, for finance: runs, differences with their ages, totals per day, decisions."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Annotated, Final, Literal

from fastapi import Depends, Query, Response

from cardwright import audit
from cardwright.access import Actor, Reach, allow
from cardwright.approvals import ApprovalOutput
from cardwright.core.errors import Invalid
from cardwright.http import strict
from cardwright.http.deps import ClockDep, IdempotencyDep, IdempotentCall, SessionDep
from cardwright.http.pagination import Cursor, Limit, Page, page
from cardwright.http.strict import Day, Id
from cardwright.reconciliation import deciding, run_store, running, store, totals_store
from cardwright.reconciliation.domain import AGES, Difference, DifferenceKind, DifferenceState
from cardwright.reconciliation.schemas import (
    AgeView,
    DayTotalView,
    DecisionInput,
    DifferenceDetailView,
    DifferenceView,
    RunInput,
    RunView,
)

router = strict.router("/v1/reconciliation", "reconciliation")
Reader = Annotated[Actor, Depends(allow("reconciliation.read", reach=Reach.ANY))]
Decider = Annotated[Actor, Depends(allow("reconciliation.write", reach=Reach.ANY))]
Corrector = Annotated[Actor, Depends(allow("ledger.write", reach=Reach.ANY))]
Age = Literal["under_1_day", "1_to_3_days", "3_to_7_days", "7_to_30_days", "over_30_days"]
_MOST_DAYS: Final = 92


@router.post("/runs", status_code=202, response_model=RunView)
async def request_reconciliation(body: RunInput, actor: Decider, call: IdempotencyDep) -> Response:
    """Have everything compared now; the worker does it, and the run tells how far it has come."""

    async def effect() -> RunView:
        run = await running.request_run(
            call.session, program_id=actor.program_id, since=body.since, by=actor.user_id,
            at=call.clock.now(),
        )  # fmt: skip
        return RunView.model_validate(run)

    return await call.once(actor.user_id, effect, status=202)


@router.get("/runs")
async def list_reconciliations(
    session: SessionDep, clock: ClockDep, actor: Reader, limit: Limit = 20, cursor: Cursor = None
) -> Page[RunView]:
    """Runs, newest first."""
    await audit.record_look(
        session, actor, "reconciliation.read", actor.program_id, clock.now(), cursor=cursor
    )
    found = await run_store.runs_page(session, actor.program_id, before=cursor, limit=limit + 1)
    return page(found, limit, show=RunView.model_validate, cursor_of=lambda run: run.id)


@router.get("/runs/{run_id}")
async def get_reconciliation(run_id: Id, session: SessionDep, clock: ClockDep, actor: Reader) -> RunView:
    """How far a run has come."""
    run = await running.get_run(session, actor.program_id, run_id)
    await audit.record_look(session, actor, "reconciliation.read", run.id, clock.now())
    return RunView.model_validate(run)


@router.get("/differences")
async def list_differences(
    session: SessionDep,
    clock: ClockDep,
    actor: Reader,
    limit: Limit = 20,
    cursor: Cursor = None,
    state: DifferenceState | None = None,
    kind: DifferenceKind | None = None,
    record: Annotated[str | None, Query(pattern="^[a-z_]{1,40}$", description="The kind of record.")] = None,
    age: Annotated[Age | None, Query(description="How long ago it was first seen.")] = None,
    closed: Annotated[bool | None, Query(description="Only those that are gone, or are not.")] = None,
) -> Page[DifferenceView]:
    """Differences, newest first."""
    at = clock.now()
    await audit.record_look(
        session, actor, "differences.read", actor.program_id, at, cursor=cursor, what="differences"
    )
    filters = {
        name: str(value)
        for name, value in (("state", state), ("kind", kind), ("record", record))
        if value is not None
    }
    found = await store.differences_page(
        session, actor.program_id, filters=filters, ages=_seen_between(age, at), is_closed=closed,
        before=cursor, limit=limit + 1,
    )  # fmt: skip
    return page(found, limit, show=lambda it: DifferenceView.of(it, at), cursor_of=lambda it: it.id)


@router.get("/differences/{difference_id}")
async def get_difference(
    difference_id: Id, session: SessionDep, clock: ClockDep, actor: Reader
) -> DifferenceDetailView:
    """A difference with both sides."""
    found = await deciding.get_difference(session, actor.program_id, difference_id)
    await audit.record_look(session, actor, "difference.read", found.id, clock.now())
    return DifferenceDetailView.of(found, clock.now())


@router.post("/differences/{difference_id}/repair", status_code=202, response_model=DifferenceView)
async def repair_difference(difference_id: Id, actor: Decider, call: IdempotencyDep) -> Response:
    """Have the vendor's record read anew, and what is missing here recorded, once."""

    async def effect() -> DifferenceView:
        at = call.clock.now()
        found = await deciding.request_repair(
            call.session, actor.program_id, difference_id, by=actor.user_id, at=at
        )
        return DifferenceView.of(found, at)

    return await call.once(actor.user_id, effect, status=202)


@router.post("/differences/{difference_id}/explain", response_model=DifferenceView)
async def explain_difference(
    difference_id: Id, body: DecisionInput, actor: Decider, call: IdempotencyDep
) -> Response:
    """Say why the two sides differ; it is still watched."""
    return await _decided(deciding.explain, difference_id, body, actor, call)


@router.post("/differences/{difference_id}/accept", response_model=DifferenceView)
async def accept_difference(
    difference_id: Id, body: DecisionInput, actor: Decider, call: IdempotencyDep
) -> Response:
    """Leave a difference as it is, until either side changes."""
    return await _decided(deciding.accept, difference_id, body, actor, call)


@router.post("/differences/{difference_id}/entry", status_code=202, response_model=ApprovalOutput)
async def propose_difference_entry(
    difference_id: Id, body: DecisionInput, actor: Corrector, call: IdempotencyDep
) -> Response:
    """Propose the entry that brings the ledger to the vendor's balance; somebody else approves it."""

    async def effect() -> ApprovalOutput:
        proposed = await deciding.propose_entry(
            call.session, actor.program_id, difference_id, reason=body.reason, by=actor.user_id,
            at=call.clock.now(),
        )  # fmt: skip
        return ApprovalOutput.model_validate(proposed)

    return await call.once(actor.user_id, effect, status=202)


@router.get("/ages")
async def count_differences(session: SessionDep, clock: ClockDep, actor: Reader) -> list[AgeView]:
    """How many open differences there are of each kind and age."""
    at = clock.now()
    await audit.record_look(session, actor, "differences.read", actor.program_id, at, what="ages")
    found = await store.counts(session, actor.program_id, at)
    return [AgeView(kind=DifferenceKind(kind), age=age, count=count) for kind, age, count in found]


@router.get("/days")
async def list_day_totals(
    session: SessionDep,
    clock: ClockDep,
    actor: Reader,
    first: Annotated[Day | None, Query(description="The first day in UTC; else 30 before the last.")] = None,
    last: Annotated[Day | None, Query(description="The last day, at most 92 after; else today.")] = None,
) -> list[DayTotalView]:
    """What each day moved at the vendors and here, newest first."""
    last = last or clock.now().date()
    first = first or last - timedelta(days=30)
    if not timedelta(0) <= last - first <= timedelta(days=_MOST_DAYS):
        raise Invalid("days_out_of_bounds", f"Ask for 1 to {_MOST_DAYS} days at once.")
    await audit.record_look(
        session, actor, "differences.read", actor.program_id, clock.now(), what="day totals"
    )
    found = await totals_store.days_between(session, actor.program_id, first=first, last=last)
    return [DayTotalView.model_validate(total) for total in found]


async def _decided(
    decide: Callable[..., Awaitable[Difference]], difference_id: str, body: DecisionInput, actor: Actor,
    call: IdempotentCall,
) -> Response:  # fmt: skip
    async def effect() -> DifferenceView:
        at = call.clock.now()
        decided = await decide(
            call.session, actor.program_id, difference_id, reason=body.reason, by=actor.user_id, at=at
        )
        return DifferenceView.of(decided, at)

    return await call.once(actor.user_id, effect, status=200)


def _seen_between(age: Age | None, at: datetime) -> tuple[datetime, datetime] | None:
    if age is None:
        return None
    least, most = AGES[age]
    return at - most, at - least
