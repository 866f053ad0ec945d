"""Top-ups over HTTP, and the rule that makes them by itself."""

from typing import Annotated

from fastapi import Depends, Response

from cardwright import audit
from cardwright.access import Actor, Reach, allow
from cardwright.core.money import Money
from cardwright.core.sensitive import Sensitive
from cardwright.funding import auto, service, withdrawals
from cardwright.funding.domain import AutoTopUp, TopUp
from cardwright.funding.schemas import (
    AutoTopUpInput,
    AutoTopUpOutput,
    AutoTopUpState,
    RefundInput,
    TopUpInput,
    TopUpOutput,
    WithdrawalOutput,
)
from cardwright.http import pagination, strict
from cardwright.http.deps import ClockDep, IdempotencyDep, SessionDep, provided
from cardwright.http.pagination import Cursor, Limit, Page
from cardwright.http.strict import Id
from cardwright.programs import Program

router = strict.router("/v1", "funding")
Reader = Annotated[Actor, Depends(allow("top_ups.read"))]
Payer = Annotated[Actor, Depends(allow("top_ups.write"))]
Keeper = Annotated[Actor, Depends(allow("payment_methods.read"))]
Refunder = Annotated[Actor, Depends(allow("top_ups.refund", reach=Reach.ANY, step_up=True))]

ProgramDep = Annotated[Program, Depends(provided(Program))]


@router.post("/top-ups", response_model=TopUpOutput, status_code=201)
async def create_top_up(
    session: SessionDep,
    clock: ClockDep,
    program: ProgramDep,
    actor: Payer,
    call: IdempotencyDep,
    body: TopUpInput,
) -> Response:
    """Add money to one's wallet."""
    user_id, money = actor.user_id, Money(body.amount, body.currency)

    async def effect() -> TopUpOutput:
        if body.payment_method_id is not None:
            requested = await service.request_with_saved_method(
                session, clock, program, user_id=user_id, money=money, method_id=body.payment_method_id
            )
        else:
            token = Sensitive(body.payment_method_token or "")
            requested = await service.request_top_up(
                session, clock, program, user_id=user_id, money=money, token=token
            )
        return TopUpOutput.of(requested)

    return await call.once(actor.user_id, effect, status=201)


@router.get("/top-ups")
async def list_top_ups(
    session: SessionDep, clock: ClockDep, actor: Reader, cursor: Cursor = None, limit: Limit = 20
) -> Page[TopUpOutput]:
    """List one's own top-ups, newest first; for staff, everybody's."""
    rows = await service.list_visible(session, actor.viewer, cursor=cursor, limit=limit)
    if actor.reach is Reach.ANY:
        await audit.record_look(session, actor, "top_ups.read", actor.program_id, clock.now(), cursor=cursor)
    return pagination.page(
        rows, limit, show=lambda top_up: _shown(top_up, actor), cursor_of=lambda top_up: top_up.id
    )


@router.get("/top-ups/{top_up_id}")
async def get_top_up(session: SessionDep, clock: ClockDep, actor: Reader, top_up_id: Id) -> TopUpOutput:
    """Show one of one's own top-ups; for staff, anybody's."""
    found = await service.get_top_up(session, top_up_id, viewer=actor.viewer)
    await audit.record_look(session, actor, "top_up.read", found.id, clock.now(), owner_id=found.user_id)
    return _shown(found, actor)


@router.post("/top-ups/{top_up_id}/cancel")
async def cancel_top_up(session: SessionDep, clock: ClockDep, actor: Payer, top_up_id: Id) -> TopUpOutput:
    """Give up a top-up; what the bank has confirmed meanwhile stands."""
    return TopUpOutput.of(await service.cancel_top_up(session, clock, top_up_id, user_id=actor.user_id))


@router.post("/top-ups/{top_up_id}/refund", response_model=WithdrawalOutput, status_code=201)
async def refund_top_up(
    session: SessionDep,
    clock: ClockDep,
    actor: Refunder,
    call: IdempotencyDep,
    top_up_id: Id,
    body: RefundInput,
) -> Response:
    """Give a customer's top-up back to where it came from, out of their available balance."""

    async def effect() -> WithdrawalOutput:
        made = await withdrawals.refund_top_up(
            session, clock, top_up_id, amount=body.amount, reason=body.reason, by=actor.user_id,
            viewer=actor.viewer,
        )  # fmt: skip
        return WithdrawalOutput.of(*await withdrawals.get_withdrawal(session, made.id, viewer=actor.viewer))

    return await call.once(actor.user_id, effect)


@router.get("/auto-top-up")
async def get_auto_top_up(session: SessionDep, clock: ClockDep, actor: Keeper) -> AutoTopUpState:
    """Show one's rule for adding money by itself."""
    rule = await auto.find_rule(session, actor.user_id)
    if rule is None:
        return AutoTopUpState(rule=None)
    usage = await auto.usage_of(session, rule, at=clock.now())
    return AutoTopUpState(rule=AutoTopUpOutput.of(rule, usage))


@router.put("/auto-top-up")
async def set_auto_top_up(
    session: SessionDep, clock: ClockDep, program: ProgramDep, actor: Payer, body: AutoTopUpInput
) -> AutoTopUpOutput:
    """Set the rule, and switch it on."""
    rule = AutoTopUp(
        actor.user_id, program.id, body.payment_method_id, program.currency, body.threshold, body.amount,
        body.most_per_day, body.most_per_month, clock.now(),
    )  # fmt: skip
    stored = await auto.set_rule(session, rule)
    return AutoTopUpOutput.of(stored, await auto.usage_of(session, stored, at=clock.now()))


@router.delete("/auto-top-up", status_code=204)
async def stop_auto_top_up(session: SessionDep, clock: ClockDep, actor: Payer) -> None:
    """Switch the rule off."""
    await auto.stop_rule(session, clock, actor.user_id)


def _shown(top_up: TopUp, actor: Actor) -> TopUpOutput:
    shown = TopUpOutput.of(top_up)
    # Where a payment is confirmed is for the payer alone.
    return shown if top_up.user_id == actor.user_id else shown.model_copy(update={"action_url": None})
