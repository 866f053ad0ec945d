"""Reads what rules that only watch would have changed, from the decisions that they saw."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, String, func, select, true
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql.selectable import TableValuedAlias

from cardwright.db.session import Session
from cardwright.payments.store import decisions

_EXAMPLES: Final = 5
_DECLINING: Final = ("freeze", "decline", "challenge")


@dataclass(frozen=True, slots=True)
class Example:
    """A decision that a rule would have changed; the amount is in minor units."""

    decision_id: str
    card_id: str | None
    amount: int
    outcome: str
    explanation: str


@dataclass(frozen=True, slots=True)
class Difference:
    """What one rule saw and would have changed; amounts are minor units of the program's currency."""

    rule: str
    action: str
    matches: int
    would_decline: int
    would_decline_amount: int
    declined_anyway: int
    examples: Sequence[Example]


async def differences(
    session: Session, program_id: str, *, since: datetime, until: datetime | None, rule: str | None
) -> Sequence[Difference]:
    """Return what each watching rule would have changed in a stretch of time, by the rule's name."""
    hit = func.jsonb_array_elements(decisions.c.verdict["shadow"], type_=JSONB).table_valued("value")
    name, action = _member(hit, "rule"), _member(hit, "action")
    conditions = [
        decisions.c.program_id == program_id,
        decisions.c.shadow_rules.is_not(None),
        decisions.c.decided_at >= since,
    ]
    if until is not None:
        conditions.append(decisions.c.decided_at < until)
    if rule is not None:
        conditions.append(name == rule)
    is_declined = decisions.c.outcome == "declined"
    would_decline = ~is_declined & action.in_(_DECLINING)
    query = (
        select(
            name, action, func.count(), func.count().filter(would_decline),
            func.coalesce(func.sum(decisions.c.amount).filter(would_decline), 0),
            func.count().filter(is_declined),
        )
        .select_from(decisions.join(hit, onclause=true()))
        .where(*conditions)
        .group_by(name, action)
        .order_by(name, action)
    )  # fmt: skip
    examples = (
        select(
            decisions.c.id, decisions.c.card_id, decisions.c.amount, decisions.c.outcome,
            _member(hit, "explanation"),
        )
        .select_from(decisions.join(hit, onclause=true()))
        .where(*conditions)
        .order_by(would_decline.desc(), decisions.c.decided_at.desc())
        .limit(_EXAMPLES)
    )  # fmt: skip
    return [
        Difference(
            row[0], row[1], row[2], row[3], int(row[4]), row[5],
            await _examples(session, examples.where(name == row[0], action == row[1])),
        )
        for row in await session.execute(query)
    ]  # fmt: skip


async def _examples(session: Session, query: Select[Any]) -> Sequence[Example]:
    return [Example(*row) for row in await session.execute(query)]


def _member(hit: TableValuedAlias, name: str) -> ColumnElement[str]:
    return hit.c.value.op("->>", return_type=String())(name)
