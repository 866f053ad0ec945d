"""Past decisions computed again over HTTP: whoever doubts one sees that it follows from its facts."""

from typing import Annotated

from fastapi import Depends, Path
from pydantic import Field

from cardwright import audit
from cardwright.access import Actor, Reach, allow
from cardwright.core.ids import ID_PATTERN
from cardwright.http import strict
from cardwright.http.deps import ClockDep, SessionDep
from cardwright.http.strict import Id, Output
from cardwright.payments import service

router = strict.router("/v1/payments", "payments")

Reader = Annotated[Actor, Depends(allow("payments.read", reach=Reach.ANY))]


class ReplayedView(Output):
    """A decision computed again from its stored facts and the rulebook of then."""

    decision_id: Id
    outcome: str
    reason_code: str | None
    is_identical: bool = Field(description="Whether every check came out the same, bit for bit.")


@router.get("/{payment_id}/replay")
async def replay_payment(
    payment_id: Annotated[str, Path(pattern=ID_PATTERN, max_length=40)],
    session: SessionDep,
    clock: ClockDep,
    actor: Reader,
) -> list[ReplayedView]:
    """Compute the decisions about a payment again and compare them with what is stored."""
    payment = await service.get_payment(session, payment_id, viewer=actor.viewer)
    await audit.record_look(session, actor, "payment.read", payment.id, clock.now(), owner_id=payment.user_id)
    return [ReplayedView.model_validate(it) for it in await service.replay_payment(session, payment)]
