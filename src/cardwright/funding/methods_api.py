"""Kept payment methods over HTTP."""

from typing import Annotated

from fastapi import Depends, Response

from cardwright.access import Actor, allow
from cardwright.core.sensitive import Sensitive
from cardwright.funding import methods
from cardwright.funding.schemas import MethodChange, MethodInput, MethodList, MethodOutput
from cardwright.http import strict
from cardwright.http.deps import ClockDep, IdempotencyDep, SessionDep
from cardwright.http.strict import Id

router = strict.router("/v1/payment-methods", "funding")
Reader = Annotated[Actor, Depends(allow("payment_methods.read"))]
Keeper = Annotated[Actor, Depends(allow("payment_methods.write"))]


@router.post("", response_model=MethodOutput, status_code=201)
async def keep_payment_method(
    session: SessionDep, clock: ClockDep, actor: Keeper, call: IdempotencyDep, body: MethodInput
) -> Response:
    """Keep a payment method, so that it can be charged again."""

    async def effect() -> MethodOutput:
        kept = await methods.keep_method(
            session, clock, program_id=actor.program_id, user_id=actor.user_id,
            token=Sensitive(body.payment_method_token), label=body.label,
        )  # fmt: skip
        return MethodOutput.of(kept)

    return await call.once(actor.user_id, effect)


@router.get("")
async def list_payment_methods(session: SessionDep, actor: Reader) -> MethodList:
    """List the payment methods that you keep, newest first."""
    kept = await methods.list_methods(session, actor.user_id)
    return MethodList(data=[MethodOutput.of(method) for method in kept])


@router.get("/{payment_method_id}")
async def get_payment_method(session: SessionDep, actor: Reader, payment_method_id: Id) -> MethodOutput:
    """Show one of them, also one that was refused."""
    return MethodOutput.of(await methods.get_method(session, payment_method_id, user_id=actor.user_id))


@router.patch("/{payment_method_id}")
async def change_payment_method(
    session: SessionDep, clock: ClockDep, actor: Keeper, payment_method_id: Id, body: MethodChange
) -> MethodOutput:
    """Rename a payment method, or make it the default."""
    body.ensure_something()
    changed = await methods.change_method(
        session, clock, payment_method_id, user_id=actor.user_id, label=body.label, is_default=body.is_default
    )
    return MethodOutput.of(changed)


@router.delete("/{payment_method_id}", status_code=204)
async def remove_payment_method(
    session: SessionDep, clock: ClockDep, actor: Keeper, payment_method_id: Id
) -> None:
    """Let a payment method go; an auto top-up that charges it is switched off."""
    await methods.remove_method(session, clock, payment_method_id, user_id=actor.user_id)
