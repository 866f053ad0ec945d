"""How cases come to be: by flags of rules, by their holders, by staff; and how they become overdue."""

from datetime import datetime
from typing import Any, Final

from cardwright import payments
from cardwright.access import Actor
from cardwright.cases import domain, store
from cardwright.cases.domain import Case, CaseState, Source
from cardwright.cases.recording import SYSTEM, event_of, tell
from cardwright.core.errors import Conflict
from cardwright.core.ids import new_id
from cardwright.db import outbox
from cardwright.db.jobs import Work
from cardwright.db.outbox import Event
from cardwright.db.session import Session
from cardwright.payments import Payment

QUESTION_ASKED: Final = "cases.question_asked"
_AT_ONCE: Final = 200


async def open_flagged(work: Work, event: Event) -> None:
    """Open the case of a payment that rules flagged, or tell the one there is of another flag.

    Told twice of one decision, nothing changes.
    """
    told, at = event.payload, work.clock.now()
    async with work.transaction() as session:
        found = (await payments.explain(session, str(told["payment_id"]))).payment
        if found is None:
            return
        opened = _new(
            found, Source.RULES, at, rules=tuple(told["rules"]), decisions=(str(told["decision_id"]),),
            score=told["score"],
        )  # fmt: skip
        if not await add(session, domain.ask_holder(opened, at), SYSTEM, at):
            await _flag_again(session, opened, at)


async def _flag_again(session: Session, newer: Case, at: datetime) -> None:
    case = await store.case_of_payment(session, newer.payment_id, lock=True)
    if case is None:
        return
    again = domain.flag_again(case, newer.decisions[0], newer.rules, newer.score, at)
    if again is not case:
        await store.save(session, again)
        await tell(session, again, "flagged", SYSTEM, at, rules=list(newer.rules))


async def open_by_hand(
    session: Session, payment_id: str, *, reason: str, ask_holder: bool, by: Actor, at: datetime
) -> Case:
    """Open the case of a payment as staff; raises NotFound, and Conflict `case_exists` with its id."""
    payment = await payments.get_payment(session, payment_id, viewer=by.viewer)
    opened = _new(payment, Source.STAFF, at)
    asking = domain.ask_holder(opened, at) if ask_holder else opened
    if not await add(session, asking, by.user_id, at, reason=reason):
        case = await store.case_of_payment(session, payment_id)
        raise Conflict("case_exists", "This payment has a case.", case_id=case and case.id)
    return asking


def new_report(payment: Payment, at: datetime) -> Case:
    """Return the case that a holder's report opens."""
    return _new(payment, Source.HOLDER, at)


async def add(session: Session, case: Case, by: str, at: datetime, **details: Any) -> bool:
    """Store a new case, and ask its holder where it says so; False when its payment has one."""
    if not await store.add_case(session, case):
        return False
    await tell(session, case, "opened", by, at, source=case.source, rules=list(case.rules), **details)
    if case.answer_by is not None:
        asked = event_of(QUESTION_ASKED, case, at, answer_by=case.answer_by.date().isoformat())
        await outbox.append(session, asked)
    return True


def _new(
    payment: Payment, source: Source, at: datetime, *, rules: tuple[str, ...] = (),
    decisions: tuple[str, ...] = (), score: int | None = None,
) -> Case:  # fmt: skip
    # What was refunded beyond its price costs nothing to anybody.
    amount = max(0, payment.totals.amount)
    priority = domain.priority_of(amount, payment.currency, score)
    return Case(
        id=new_id("case"), program_id=payment.program_id, user_id=payment.user_id, payment_id=payment.id,
        card_id=payment.card_id, merchant_id=payment.merchant_id, merchant_name=payment.merchant.name,
        last4=payment.last4, amount=amount, currency=payment.currency, source=source, rules=rules,
        decisions=decisions, score=score, state=CaseState.OPEN, priority=priority, opened_at=at,
        due_at=at + domain.TIME_TO_DECIDE[priority],
    )  # fmt: skip


async def mark_overdue_cases(work: Work) -> int:
    """Mark the cases that are late and tell of each once, its reviewer too; return how many."""
    at = work.clock.now()
    async with work.transaction() as session:
        late = await store.late_for_update(session, at, _AT_ONCE)
        for case in late:
            marked = domain.mark_overdue(case, at)
            await store.save(session, marked)
            await tell(session, marked, "overdue", SYSTEM, at, priority=case.priority)
            await outbox.append(session, event_of("cases.case_overdue", marked, at))
            if case.assignee_id is not None:
                mine = event_of("cases.assigned_case_overdue", marked, at, user_id=case.assignee_id)
                await outbox.append(session, mine)
    return len(late)
