"""Top-ups over HTTP."""

from datetime import datetime
from typing import Annotated, Self

from fastapi import Depends, Response
from pydantic import ConfigDict, Field, StringConstraints

from cardwright import audit
from cardwright.access import Actor, allow
from cardwright.core.money import Money
from cardwright.core.sensitive import Sensitive
from cardwright.funding import service
from cardwright.funding.domain import EXPLANATIONS, TopUp
from cardwright.http import pagination, strict
from cardwright.http.deps import ClockDep, IdempotencyDep, SessionDep, provided
from cardwright.http.pagination import Cursor, Limit, Page
from cardwright.http.strict import Amount, CurrencyCode, Id, Input, Output
from cardwright.programs import Program

router = strict.router("/v1/top-ups", "funding")
Reader = Annotated[Actor, Depends(allow("top_ups.read"))]
Payer = Annotated[Actor, Depends(allow("top_ups.write"))]

ProgramDep = Annotated[Program, Depends(provided(Program))]
PaymentMethodToken = Annotated[
    str,
    StringConstraints(strict=True, pattern="^pm_[A-Za-z0-9_]+$", max_length=255),
    Field(description="The gateway's token of a card or bank account, made in the browser.",
          examples=["pm_card_visa"]),
]  # fmt: skip


class TopUpInput(Input):
    """How much to add, and from where."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"amount": 50_00, "currency": "USD", "payment_method_token": "pm_card_visa"}]
        }
    )

    amount: Amount
    currency: CurrencyCode
    payment_method_token: PaymentMethodToken


class TopUpOutput(Output):
    """A top-up."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "topup_01jd9zq3f8e7vtm5g6w2x4y8zn",
                    "amount": 50_00,
                    "currency": "USD",
                    "status": "succeeded",
                    "action_url": None,
                    "reason_code": None,
                    "reason": None,
                    "created_at": "2026-11-23T12:00:00Z",
                    "updated_at": "2026-11-23T12:00:02Z",
                }
            ]
        }
    )

    id: str
    amount: int
    currency: str
    status: str = Field(
        description="requested, pending, requires_action, succeeded, failed, canceled or review."
    )
    action_url: str | None = Field(description="Where to confirm the payment, while it requires an action.")
    reason_code: str | None = Field(description="Why it failed or is under review; stable.")
    reason: str | None = Field(description="The same in plain words.")
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, top_up: TopUp) -> Self:
        """Show a top-up to the person whose it is."""
        reason = top_up.reason_code
        return cls(
            id=top_up.id,
            amount=top_up.amount,
            currency=top_up.currency,
            status=top_up.state,
            action_url=top_up.action_url,
            reason_code=reason,
            reason=EXPLANATIONS[reason] if reason is not None else None,
            created_at=top_up.created_at,
            updated_at=top_up.updated_at,
        )


@router.post("", response_model=TopUpOutput, status_code=201)
async def create_top_up(
    session: SessionDep,
    clock: ClockDep,
    program: ProgramDep,
    actor: Payer,
    call: IdempotencyDep,
    body: TopUpInput,
) -> Response:
    """Add money to one's wallet."""

    async def effect() -> TopUpOutput:
        return TopUpOutput.of(
            await service.request_top_up(
                session,
                clock,
                program,
                user_id=actor.user_id,
                money=Money(body.amount, body.currency),
                token=Sensitive(body.payment_method_token),
            )
        )

    return await call.once(actor.user_id, effect, status=201)


@router.get("")
async def list_top_ups(
    session: SessionDep, actor: Reader, cursor: Cursor = None, limit: Limit = 20
) -> Page[TopUpOutput]:
    """List one's own top-ups, newest first."""
    rows = await service.page_of_user(session, user_id=actor.user_id, cursor=cursor, limit=limit)
    return pagination.page(rows, limit, show=TopUpOutput.of, cursor_of=lambda top_up: top_up.id)


@router.get("/{top_up_id}")
async def get_top_up(session: SessionDep, clock: ClockDep, actor: Reader, top_up_id: Id) -> TopUpOutput:
    """Show one of one's own top-ups; for staff, anybody's."""
    found = await service.get_top_up(session, top_up_id, viewer=actor.viewer)
    await audit.record_look(session, actor, "top_up.read", found.id, clock.now(), owner_id=found.user_id)
    shown = TopUpOutput.of(found)
    # Where a payment is confirmed is for the payer alone.
    return shown if found.user_id == actor.user_id else shown.model_copy(update={"action_url": None})
