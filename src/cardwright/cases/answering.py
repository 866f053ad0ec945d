"""What holders say of their own payments: answers to "was this you?", and "this was not me", unasked."""

from collections.abc import Sequence
from datetime import datetime

from cardwright import cards, payments
from cardwright.access import Actor
from cardwright.authentication import ensure_factor_if_any
from cardwright.cards import CardState
from cardwright.cases import domain, opening, queue_queries, store
from cardwright.cases.domain import Answer, AnsweredBy, Case, Finding
from cardwright.cases.labels import LabelSource
from cardwright.cases.recording import label, tell
from cardwright.core.errors import NotFound
from cardwright.db.session import Session


async def list_questions(session: Session, *, by: Actor, before: str | None, limit: int) -> Sequence[Case]:
    """Return what somebody was asked about their payments, newest first."""
    return await queue_queries.questions_page(session, by.user_id, before=before, limit=limit)


async def answer(session: Session, case_id: str, said: Answer, *, by: Actor, at: datetime) -> Case:
    """Answer the question of one's own case, once.

    Yes makes it genuine and unlocks nothing; it needs a strong factor used lately from whoever has one, and a
    session of one's own from others. No freezes the card and leaves the case to staff, with the payment held
    for fraud until they decide. Raises NotFound, StepUpRequired and what `domain.hear` does.
    """
    heard = domain.hear(await _asked(session, case_id, by.user_id), said, at)
    if said is Answer.YES:
        await _ensure_may_confirm(session, by, at)
    return await _keep(session, heard, said, AnsweredBy.APP, at)


async def answer_by_text(session: Session, case_id: str, said: Answer, *, user_id: str, at: datetime) -> Case:
    """Answer as `answer` does for a holder who wrote back; the caller made sure of their number and code.

    Raises NotFound, and what `domain.hear` does.
    """
    heard = domain.hear(await _asked(session, case_id, user_id), said, at)
    return await _keep(session, heard, said, AnsweredBy.SMS, at)


async def answer_by_message(
    session: Session, case_id: str, said: Answer, *, user_id: str, way: AnsweredBy, at: datetime
) -> Case:
    """Answer as `answer_by_text` does, for a holder who used a link or a button of our message."""
    heard = domain.hear(await _asked(session, case_id, user_id), said, at)
    return await _keep(session, heard, said, way, at)


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


async def _asked(session: Session, case_id: str, user_id: str) -> Case:
    case = await store.case_to_hear(session, case_id)
    if case is None or case.user_id != user_id or case.asked_at is None:
        raise NotFound("question_unknown", "There is no such question.")
    return case


async def _keep(session: Session, heard: Case, said: Answer, by: AnsweredBy, at: datetime) -> Case:
    await store.save_heard(session, heard)
    await tell(session, heard, "answered", heard.user_id, at, answer=said, answered_by=by)
    finding = Finding.GENUINE if said is Answer.YES else Finding.FRAUD
    await label(session, heard, finding, LabelSource.HOLDER, heard.user_id, at)
    if said is Answer.NO:
        await _freeze(session, heard, at)
    return heard


async def _ensure_may_confirm(session: Session, by: Actor, at: datetime) -> None:
    # A key or an application is not the holder: it says yes for nobody who has no factor.
    if by.principal.session_id is None or by.principal.scopes is not None:
        by.ensure_recent_factor(at)
    await ensure_factor_if_any(session, by, at)


async def _freeze(session: Session, case: Case, at: datetime) -> None:
    card = await cards.lock_open_card(session, case.card_id)
    # The card that took this one's place has another number, so it goes on.
    if card is not None and card.state is CardState.ACTIVE:
        await cards.change_state(
            session, card.id, CardState.FROZEN, user_id=case.user_id, reason="fraud_reported", at=at
        )
