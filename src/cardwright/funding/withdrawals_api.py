"""Withdrawals over HTTP."""

from typing import Annotated

from fastapi import Depends, Response

from cardwright import audit
from cardwright.access import Actor, Reach, allow
from cardwright.core.money import Money
from cardwright.funding import withdrawals
from cardwright.funding.schemas import WithdrawalInput, WithdrawalOutput
from cardwright.http import pagination, strict
from cardwright.http.deps import ClockDep, IdempotencyDep, SessionDep, provided
from cardwright.http.pagination import Cursor, Limit, Page
from cardwright.http.strict import Id
from cardwright.programs import Program

router = strict.router("/v1/withdrawals", "funding")
Reader = Annotated[Actor, Depends(allow("withdrawals.read"))]
Payee = Annotated[Actor, Depends(allow("withdrawals.write"))]
ProgramDep = Annotated[Program, Depends(provided(Program))]


@router.post("", response_model=WithdrawalOutput, status_code=201)
async def create_withdrawal(
    session: SessionDep,
    clock: ClockDep,
    program: ProgramDep,
    actor: Payee,
    call: IdempotencyDep,
    body: WithdrawalInput,
) -> Response:
    """Send money back to the cards it came from; it is set aside at once."""

    async def effect() -> WithdrawalOutput:
        made = await withdrawals.request_withdrawal(
            session, clock, program, user_id=actor.user_id, money=Money(body.amount, body.currency),
            order=body.order,
        )  # fmt: skip
        return WithdrawalOutput.of(*await withdrawals.get_withdrawal(session, made.id, viewer=actor.viewer))

    return await call.once(actor.user_id, effect)


@router.get("")
async def list_withdrawals(
    session: SessionDep, clock: ClockDep, actor: Reader, cursor: Cursor = None, limit: Limit = 20
) -> Page[WithdrawalOutput]:
    """List one's own withdrawals, newest first; for staff, everybody's."""
    found = await withdrawals.list_visible(session, actor.viewer, cursor=cursor, limit=limit)
    if actor.reach is Reach.ANY:
        await audit.record_look(
            session, actor, "withdrawals.read", actor.program_id, clock.now(), cursor=cursor
        )
    return pagination.page(
        found, limit, show=lambda pair: WithdrawalOutput.of(*pair), cursor_of=lambda pair: pair[0].id
    )


@router.get("/{withdrawal_id}")
async def get_withdrawal(
    session: SessionDep, clock: ClockDep, actor: Reader, withdrawal_id: Id
) -> WithdrawalOutput:
    """Show one of one's own withdrawals; for staff, anybody's."""
    found, refunds = await withdrawals.get_withdrawal(session, withdrawal_id, viewer=actor.viewer)
    await audit.record_look(session, actor, "withdrawal.read", found.id, clock.now(), owner_id=found.user_id)
    return WithdrawalOutput.of(found, refunds)
