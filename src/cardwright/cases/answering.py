"""What holders say of their own payments: answers to "was this you?", and "this was not me", unasked."""

from collections.abc import Sequence
from datetime import datetime

from cardwright import cards, payments
from cardwright.access import Actor
from cardwright.cards import CardState
from cardwright.cases import domain, opening, queue_queries, store
from cardwright.cases.domain import Answer, Case, Finding
from cardwright.cases.labels import LabelSource
from cardwright.cases.recording import label, tell
from cardwright.core.errors import NotFound
from cardwright.db.session import Session


async def list_questions(session: Session, *, by: Actor, before: str | None, limit: int) -> Sequence[Case]:
    """Return what somebody was asked about their payments, newest first."""
    return await queue_queries.questions_page(session, by.user_id, before=before, limit=limit)


async def answer(session: Session, case_id: str, said: Answer, *, by: Actor, at: datetime) -> Case:
    """Answer the question of one's own case, once.

    Yes makes it genuine, which needs a strong factor used lately. No freezes the card and leaves the case to
    staff, with the payment held for fraud until they decide. Raises NotFound, StepUpRequired and what
    `domain.hear` does.
    """
    case = await store.case_to_hear(session, case_id)
    if case is None or case.user_id != by.user_id or case.asked_at is None:
        raise NotFound("question_unknown", "There is no such question.")
    heard = domain.hear(case, said, at)
    if said is Answer.YES:
        by.ensure_recent_factor(at)
    await store.save_heard(session, heard)
    await tell(session, heard, "answered", by.user_id, at, answer=said)
    finding = Finding.GENUINE if said is Answer.YES else Finding.FRAUD
    await label(session, heard, finding, LabelSource.HOLDER, by.user_id, at)
    if said is Answer.NO:
        await _freeze(session, heard, at)
    return heard


async def report(session: Session, payment_id: str, *, by: Actor, at: datetime) -> Case:
    """Say that one's own payment was not made by oneself: its card is frozen, and staff look into it.

    Raises NotFound, and Conflict as `domain.report` does.
    """
    payment = await payments.get_payment(session, payment_id, viewer=by.viewer)
    await opening.add(session, opening.new_report(payment, at), by.user_id, at)
    case = await store.case_of_payment_to_hear(session, payment_id)
    if case is None:
        raise NotFound("payment_unknown", "There is no such payment.")
    heard = domain.report(case, at)
    await store.save_heard(session, heard)
    await tell(session, heard, "reported", by.user_id, at)
    await label(session, heard, Finding.FRAUD, LabelSource.HOLDER, by.user_id, at)
    await _freeze(session, heard, at)
    return heard


async def _freeze(session: Session, case: Case, at: datetime) -> None:
    card = await cards.lock_open_card(session, case.card_id)
    # The card that took this one's place has another number, so it goes on.
    if card is not None and card.state is CardState.ACTIVE:
        await cards.change_state(
            session, card.id, CardState.FROZEN, user_id=case.user_id, reason="fraud_reported", at=at
        )
