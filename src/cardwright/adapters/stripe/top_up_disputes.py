"""Disputes of top-ups as Stripe tells them: where they stand, and the balance transactions they made."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from stripe import Dispute, StripeClient

from cardwright.adapters.stripe.client import reading_answer, translate_errors
from cardwright.funding import DisputeResult, Movement, TopUpDisputeState

_STATES: Final[Mapping[str, TopUpDisputeState]] = {
    "warning_needs_response": TopUpDisputeState.INQUIRY,
    "warning_under_review": TopUpDisputeState.INQUIRY,
    "warning_closed": TopUpDisputeState.CLOSED,
    "prevented": TopUpDisputeState.CLOSED,
    "won": TopUpDisputeState.WON,
    "lost": TopUpDisputeState.LOST,
}


class StripeDisputeGateway:
    """Keeps the DisputeGateway port."""

    def __init__(self, client: StripeClient) -> None:
        self._disputes = client.v1.disputes

    async def look_up_dispute(self, reference: str) -> DisputeResult:
        """Retrieve the dispute as it is now."""
        with translate_errors():
            dispute = await self._disputes.retrieve_async(reference)
        with reading_answer():
            return _result(dispute)

    async def disputes_since(self, since: datetime) -> Sequence[str]:
        """List the disputes that were created since then."""
        with translate_errors():
            listed = await self._disputes.list_async(
                {"created": {"gte": int(since.timestamp())}, "limit": 100}
            )
            with reading_answer():
                return [dispute.id async for dispute in listed.auto_paging_iter()]


def _result(dispute: Dispute) -> DisputeResult:
    intent = dispute.payment_intent
    due_by = dispute.evidence_details.due_by
    return DisputeResult(
        reference=dispute.id,
        charge_reference=None if intent is None else intent if isinstance(intent, str) else intent.id,
        # A status that nobody knows yet is treated as one in which the bank has not decided.
        state=_STATES.get(dispute.status, TopUpDisputeState.OPEN),
        amount=dispute.amount,
        currency=dispute.currency.upper(),
        reason=dispute.reason,
        respond_by=datetime.fromtimestamp(due_by, UTC) if due_by is not None else None,
        movements=[Movement(moved.id, moved.amount) for moved in dispute.balance_transactions],
    )
