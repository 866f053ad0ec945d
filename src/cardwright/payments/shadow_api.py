"""What rules that only watch would have changed: for staff who decide whether to let them count."""

from datetime import timedelta
from typing import Annotated, Final

from fastapi import Depends, Query
from pydantic import Field

from cardwright.access import Actor, Reach, allow
from cardwright.http import strict
from cardwright.http.deps import ClockDep, SessionDep
from cardwright.http.strict import Id, Instant, Output
from cardwright.payments import shadow_queries
from cardwright.rules import RULE_NAME_PATTERN

router = strict.router("/v1/decisions", "decisions")

_LATELY: Final = timedelta(days=30)

Reader = Annotated[Actor, Depends(allow("rules.read", reach=Reach.ANY))]


class ShadowExample(Output):
    """A payment that the rule saw."""

    decision_id: Id
    card_id: Id | None
    amount: int = Field(description="In minor units.")
    outcome: str = Field(description="What was decided without the rule.")
    explanation: str = Field(description="Why the rule would have done something.")


class ShadowDifference(Output):
    """A rule that watched, and what would have come of it."""

    rule: str
    action: str
    matches: int = Field(description="Authorizations that the rule saw.")
    would_decline: int = Field(description="Of those, approved ones that it would have declined.")
    would_decline_amount: int = Field(description="What those come to, in minor units.")
    declined_anyway: int = Field(description="Of those, what was declined for another reason.")
    examples: list[ShadowExample] = Field(description="The newest of what it would have changed.")


@router.get("/differences")
async def list_rule_differences(
    session: SessionDep,
    clock: ClockDep,
    actor: Reader,
    decided_from: Annotated[
        Instant | None, Query(description="The first instant; without one, 30 days ago.")
    ] = None,
    decided_before: Annotated[Instant | None, Query(description="The instant after the last.")] = None,
    rule: Annotated[
        str | None, Query(pattern=RULE_NAME_PATTERN, max_length=64, description="Only this rule.")
    ] = None,
) -> list[ShadowDifference]:
    """Compare what was decided with what the rules that watch would have decided."""
    found = await shadow_queries.differences(
        session,
        actor.program_id,
        since=decided_from or clock.now() - _LATELY,
        until=decided_before,
        rule=rule,
    )
    return [ShadowDifference.model_validate(it) for it in found]
