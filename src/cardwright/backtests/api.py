"""Backtests over HTTP: rules tried on what happened, before they decide what happens."""

from typing import Annotated

from fastapi import Depends, Response

from cardwright import audit
from cardwright.access import Actor, Reach, allow
from cardwright.backtests import service, store
from cardwright.backtests.run import Request
from cardwright.backtests.schemas import BacktestBody, BacktestDetailView, BacktestView
from cardwright.db.session import Session
from cardwright.http import strict
from cardwright.http.deps import ClockDep, IdempotencyDep, SessionDep
from cardwright.http.pagination import Cursor, Limit, Page, page
from cardwright.http.strict import Id

router = strict.router("/v1/rules/backtests", "rules")

Reader = Annotated[Actor, Depends(allow("rules.read", reach=Reach.ANY))]
Writer = Annotated[Actor, Depends(allow("rules.write", reach=Reach.ANY))]


@router.post("", status_code=201, response_model=BacktestView)
async def create_backtest(body: BacktestBody, actor: Writer, call: IdempotencyDep) -> Response:
    """Try rules on recorded authorizations; the worker does it, and the backtest tells how far it is."""
    body.ensure_clear()

    async def effect() -> BacktestView:
        request = await _request(call.session, actor.program_id, body)
        run = await service.request_run(
            call.session, actor.program_id, request, by=actor.user_id, at=call.clock.now()
        )
        return BacktestView.of(run)

    return await call.once(actor.user_id, effect)


@router.get("")
async def list_backtests(
    session: SessionDep, clock: ClockDep, actor: Reader, limit: Limit = 20, cursor: Cursor = None
) -> Page[BacktestView]:
    """Backtests, newest first."""
    await audit.record_look(session, actor, "backtest.read", actor.program_id, clock.now(), cursor=cursor)
    found = await store.runs_page(session, actor.program_id, before=cursor, limit=limit + 1)
    return page(found, limit, show=BacktestView.of, cursor_of=lambda run: run.id)


@router.get("/{backtest_id}")
async def get_backtest(
    backtest_id: Id, session: SessionDep, clock: ClockDep, actor: Reader
) -> BacktestDetailView:
    """How far a backtest has come, and what it found."""
    run = await service.get_run(session, actor.program_id, backtest_id)
    await audit.record_look(session, actor, "backtest.read", run.id, clock.now())
    return BacktestDetailView.of(run)


@router.post("/{backtest_id}/cancel", response_model=BacktestView)
async def cancel_backtest(backtest_id: Id, actor: Writer, call: IdempotencyDep) -> Response:
    """Call a backtest off; what it had computed is lost."""

    async def effect() -> BacktestView:
        run = await service.cancel_run(
            call.session, actor.program_id, backtest_id, by=actor.user_id, at=call.clock.now()
        )
        return BacktestView.of(run)

    return await call.once(actor.user_id, effect, status=200)


async def _request(session: Session, program_id: str, body: BacktestBody) -> Request:
    stretch = {"since": body.since, "until": body.until}
    if body.version is not None:
        return await service.version_request(session, program_id, body.version, **stretch)
    drafts = tuple(rule.to_rule() for rule in body.rules or ())
    return await service.draft_request(
        session, program_id, drafts, body.scoring.to_scoring() if body.scoring else None,
        beside_active=body.beside_active, **stretch,
    )  # fmt: skip
