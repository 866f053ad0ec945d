"""A condition tried on one payment over HTTP: whether it holds, why, and what was not recorded."""

from datetime import datetime
from typing import Annotated

from fastapi import Depends
from pydantic import Field

from cardwright import audit
from cardwright.access import Actor, Reach, allow
from cardwright.backtests import trying
from cardwright.http import strict
from cardwright.http.deps import ClockDep, SessionDep
from cardwright.http.strict import Id, Input, Output
from cardwright.rules import Condition

router = strict.router("/v1/rules/trials", "rules")

Reader = Annotated[Actor, Depends(allow("rules.read", reach=Reach.ANY))]


class TrialBody(Input):
    """A condition, and the payment to ask it about."""

    when: Condition
    payment_id: Id = Field(description="Its newest authorization is asked.")


class TrialView(Output):
    """What a condition says of an authorization."""

    decision_id: Id
    decided_at: datetime
    outcome: str = Field(description="What was decided then.", examples=["approved"])
    holds: bool | None = Field(description="Null where a field that it reads was not recorded.")
    explanation: str | None = Field(description="The condition with the values it saw.")
    would_pass: str | None = Field(description="What would have to be otherwise, where it holds.")
    missing: list[str] = Field(description="Fields that were not recorded and cannot be counted anew.")


@router.post("")
async def try_condition(body: TrialBody, session: SessionDep, clock: ClockDep, actor: Reader) -> TrialView:
    """Ask a condition about a payment as it was recorded, with velocity as it was. Nothing is stored."""
    at = clock.now()
    found = await trying.try_condition(session, actor.program_id, body.when, body.payment_id, at)
    await audit.record_look(session, actor, "payment.read", body.payment_id, at)
    return TrialView.model_validate(found)
