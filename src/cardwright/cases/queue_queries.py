"""Looking for cases: the queue by deadline, how many there are, those like another, a holder's questions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select

from cardwright import worklists
from cardwright.cases.domain import Case, CaseState, Priority
from cardwright.cases.store import case_from_row, cases
from cardwright.db.session import Session

_LIKE_EACH = 20


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """What a case must be to be listed; None lets everything through, but without a state the resolved."""

    state: CaseState | None = None
    priority: Priority | None = None
    assignee_id: str | None = None
    is_overdue: bool | None = None
    card_id: str | None = None
    user_id: str | None = None
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """How many unresolved cases there are, and of which kind."""

    states: Mapping[str, int]
    priorities: Mapping[str, int]
    overdue: int
    mine: int


async def queue_page(
    session: Session, program_id: str, wanted: QueueFilter, *, after: str | None, at: datetime, limit: int
) -> Sequence[Case]:
    """Return a program's cases by the time they are due, those after one."""
    conditions = [cases.c.program_id == program_id, *_conditions(wanted, at)]
    rows = await worklists.page_by_deadline(session, cases, conditions, after=after, limit=limit)
    return [case_from_row(row) for row in rows]


async def count_unresolved(session: Session, program_id: str, *, mine: str, at: datetime) -> Counts:
    """Return how many cases wait, by state and priority, how many are late, and how many are somebody's."""
    states = [state for state in CaseState if state is not CaseState.RESOLVED]
    parts: dict[str, ColumnElement[bool]] = {
        **{f"state {state}": cases.c.state == state for state in states},
        **{f"priority {priority}": cases.c.priority == priority for priority in Priority},
        "overdue": worklists.overdue(cases, at),
        "mine": cases.c.assignee_id == mine,
    }
    found = await worklists.count_waiting(session, cases, program_id, parts)
    return Counts(
        {state: found[f"state {state}"] for state in states},
        {priority: found[f"priority {priority}"] for priority in Priority}, found["overdue"], found["mine"],
    )  # fmt: skip


async def cases_like(session: Session, case: Case) -> Sequence[Case]:
    """Return the newest other cases of the same merchant, of the same rules, and of the same holder."""
    found: dict[str, Case] = {}
    for condition in (
        cases.c.merchant_id == case.merchant_id,
        cases.c.rules.overlap(list(case.rules)),
        cases.c.user_id == case.user_id,
    ):
        query = select(cases).where(cases.c.program_id == case.program_id, cases.c.id != case.id, condition)
        for row in await session.execute(query.order_by(cases.c.id.desc()).limit(_LIKE_EACH)):
            found[row.id] = case_from_row(row)
    return sorted(found.values(), key=lambda other: other.id, reverse=True)


async def questions_page(session: Session, user_id: str, *, before: str | None, limit: int) -> Sequence[Case]:
    """Return a holder's cases in which they were asked something, newest first."""
    query = select(cases).where(cases.c.user_id == user_id, cases.c.asked_at.is_not(None))
    if before is not None:
        query = query.where(cases.c.id < before)
    rows = await session.execute(query.order_by(cases.c.id.desc()).limit(limit))
    return [case_from_row(row) for row in rows]


def _conditions(wanted: QueueFilter, at: datetime) -> Sequence[ColumnElement[bool]]:
    asked: list[Any] = [
        worklists.unresolved(cases) if wanted.state is None else cases.c.state == wanted.state
    ]
    for name in ("priority", "assignee_id", "card_id", "user_id"):
        value = getattr(wanted, name)
        if value is not None:
            asked.append(cases.c[name] == value)
    if wanted.rule is not None:
        asked.append(cases.c.rules.contains([wanted.rule]))
    if wanted.is_overdue is not None:
        asked.append(worklists.overdue(cases, at, wanted=wanted.is_overdue))
    return asked
