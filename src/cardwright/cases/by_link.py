"""Questions as links and buttons of messages meet them: found, and answered once by their holders."""

from datetime import datetime

from cardwright.cases import answering, store
from cardwright.cases.domain import Answer, AnsweredBy, Case
from cardwright.db.session import Session


async def question_of_payment(session: Session, payment_id: str, at: datetime) -> Case | None:
    """Return the question about a payment while it waits for its answer."""
    case = await store.case_of_payment(session, payment_id)
    return case if case is not None and case.awaits_answer(at) else None


async def find_question(session: Session, case_id: str, user_id: str) -> Case | None:
    """Return what somebody was asked, answered or not; None for whatever they were not."""
    case = await store.find_case(session, case_id)
    return case if case is not None and case.user_id == user_id and case.asked_at is not None else None


async def answer_by_link(
    session: Session, case_id: str, said: Answer, *, user_id: str, way: AnsweredBy, at: datetime
) -> Case:
    """Answer for a holder who used a link or a button; the caller made sure that it was sent to them.

    A yes needs a strong factor from whoever has one, which no link is: that is the caller's to see to as
    well. Raises NotFound `question_unknown`; Conflict `question_answered`, `question_closed` or
    `question_expired`.
    """
    return await answering.answer_by_message(session, case_id, said, user_id=user_id, way=way, at=at)
