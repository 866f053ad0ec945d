"""What holders are asked about their payments, and what they report, over HTTP."""

from typing import Annotated

from fastapi import Depends, Path, Response

from cardwright.access import Actor, allow
from cardwright.cases import answering
from cardwright.cases.schemas import AnswerInput, QuestionView
from cardwright.core.ids import ID_PATTERN
from cardwright.http import strict
from cardwright.http.deps import ClockDep, IdempotencyDep, SessionDep
from cardwright.http.pagination import Cursor, Limit, Page, page

router = strict.router("/v1", "cases")

Asked = Annotated[Actor, Depends(allow("payment_questions.read"))]
Answering = Annotated[Actor, Depends(allow("payment_questions.answer"))]
QuestionId = Annotated[str, Path(pattern=ID_PATTERN, max_length=40)]
PaymentId = Annotated[str, Path(pattern=ID_PATTERN, max_length=40)]


@router.get("/me/payment-questions")
async def list_payment_questions(
    session: SessionDep, clock: ClockDep, actor: Asked, limit: Limit = 20, cursor: Cursor = None
) -> Page[QuestionView]:
    """Payments of yours about which you were asked whether it was you, newest first."""
    at = clock.now()
    found = await answering.list_questions(session, by=actor, before=cursor, limit=limit + 1)
    return page(found, limit, show=lambda case: QuestionView.of(case, at), cursor_of=lambda case: case.id)


@router.post("/me/payment-questions/{question_id}/answer", response_model=QuestionView)
async def answer_payment_question(
    question_id: QuestionId, body: AnswerInput, actor: Answering, call: IdempotencyDep
) -> Response:
    """Say whether it was you, once. Yes needs your strong factor used lately, if any; no freezes the card."""
    at = call.clock.now()

    async def effect() -> QuestionView:
        heard = await answering.answer(call.session, question_id, body.answer, by=actor, at=at)
        return QuestionView.of(heard, at)

    return await call.once(actor.user_id, effect, status=200)


@router.post("/payments/{payment_id}/report-fraud", status_code=201, response_model=QuestionView)
async def report_fraud(payment_id: PaymentId, actor: Answering, call: IdempotencyDep) -> Response:
    """Say that a payment of yours was not you: its card is frozen, and somebody looks into it."""
    at = call.clock.now()

    async def effect() -> QuestionView:
        return QuestionView.of(await answering.report(call.session, payment_id, by=actor, at=at), at)

    return await call.once(actor.user_id, effect)
