"""A condition asked about one recorded authorization, as rules would have asked it then."""

from dataclasses import dataclass, replace
from datetime import datetime

from cardwright import rules
from cardwright.backtests.recent import with_velocity
from cardwright.backtests.recent_queries import newest_of_payment
from cardwright.core.errors import NotFound
from cardwright.db.session import Session


@dataclass(frozen=True, slots=True)
class Trial:
    """What a condition says: `holds` is None where it reads a field that is among the `missing`."""

    decision_id: str
    decided_at: datetime
    outcome: str
    holds: bool | None = None
    explanation: str | None = None
    would_pass: str | None = None
    missing: tuple[str, ...] = ()


async def try_condition(session: Session, program_id: str, when: str, payment_id: str, at: datetime) -> Trial:
    """Ask a condition about the newest authorization of a payment; lists are asked as they are now.

    Raise Invalid `rules_invalid` with the faults of the condition, NotFound `payment_unknown`.
    """
    asked = rules.Question.of(when, await rules.catalogue_of(session, program_id))
    # Amounts are explained in their currency, whether the condition reads it or not.
    found = await newest_of_payment(session, program_id, payment_id, {*asked.names, "currency"})
    if found is None:
        raise NotFound("payment_unknown", "There is no such payment, or nothing was decided about it.")
    recorded, outcome = found
    velocity = tuple(name for name in asked.names if rules.velocity_definition(name) is not None)
    (past,) = await with_velocity(session, [recorded], velocity)
    missing = tuple(name for name in asked.names if name not in past.facts)
    unasked = Trial(recorded.decision_id, recorded.decided_at, outcome, missing=missing)
    if missing:
        return unasked
    contents = await rules.contents_of_lists(session, program_id, asked.list_names, at)
    answer = asked.answer(past.facts, {it.name: frozenset(it.values) for it in contents})
    return replace(unasked, holds=answer.holds, explanation=answer.explanation, would_pass=answer.would_pass)
