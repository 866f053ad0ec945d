"""Calls about what somebody is asked and told: approvals, "was this you?", disputes."""

from collections.abc import Mapping
from typing import Any, Final

from cardwright_mobile.api import answer_models as models
from cardwright_mobile.api.caller import Caller

_SHOWN: Final = 50


class AnswerCalls(Caller):
    """What a holder answers and tells."""

    async def challenges(self) -> tuple[models.ChallengeOutput, ...]:
        """Return purchases that wait, or waited, for approval, those that wait first."""
        return (await self._get(models.PageChallengeOutput, "/v1/challenges", limit=_SHOWN)).data

    async def approve(self, challenge_id: str) -> models.ChallengeOutput:
        """Let a purchase go on; StepUpNeeded without a factor used lately."""
        return await self._create(models.ChallengeOutput, f"/v1/challenges/{challenge_id}/approve")

    async def refuse(self, challenge_id: str, *, report_fraud: bool) -> models.ChallengeOutput:
        """Stop a purchase."""
        body = {"report_fraud": report_fraud}
        return await self._create(models.ChallengeOutput, f"/v1/challenges/{challenge_id}/refuse", body)

    async def questions(self) -> tuple[models.QuestionView, ...]:
        """Return payments about which somebody was asked whether it was them, the newest first."""
        return (await self._get(models.PageQuestionView, "/v1/me/payment-questions", limit=_SHOWN)).data

    async def answer(self, question_id: str, said: str) -> models.QuestionView:
        """Say `yes` or `no` to one of them; StepUpNeeded for a yes without a factor used lately."""
        path = f"/v1/me/payment-questions/{question_id}/answer"
        return await self._create(models.QuestionView, path, {"answer": said})

    async def report_fraud(self, payment_id: str) -> models.QuestionView:
        """Say that a payment was not made by oneself; its card is frozen."""
        return await self._create(models.QuestionView, f"/v1/payments/{payment_id}/report-fraud")

    async def disputes(self) -> tuple[models.DisputeView, ...]:
        """Return disputes, the newest first."""
        return (await self._get(models.PageDisputeView, "/v1/disputes", limit=_SHOWN)).data

    async def dispute(self, dispute_id: str) -> models.CaseView:
        """Return a dispute with all about it."""
        return await self._get(models.CaseView, f"/v1/disputes/{dispute_id}")

    async def open_dispute(
        self, payment_id: str, reason: str, statement: Mapping[str, Any], sequence: int | None
    ) -> models.CaseView:
        """Prepare a dispute of a charge; nobody is told of it before it is handed in."""
        body: dict[str, Any] = {"reason": reason, "statement": dict(statement)}
        if sequence is not None:
            body["sequence"] = sequence
        return await self._create(models.CaseView, f"/v1/payments/{payment_id}/disputes", body)

    async def change_dispute(
        self, dispute_id: str, reason: str, statement: Mapping[str, Any]
    ) -> models.CaseView:
        """Tell a draft anew."""
        body = {"reason": reason, "statement": dict(statement)}
        return await self._patch(models.CaseView, f"/v1/disputes/{dispute_id}", body)

    async def submit_dispute(self, dispute_id: str) -> models.CaseView:
        """Hand a dispute in."""
        return await self._create(models.CaseView, f"/v1/disputes/{dispute_id}/submit", {})
