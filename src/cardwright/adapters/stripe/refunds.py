"""Money back through Stripe Refunds, each of one PaymentIntent."""

from collections.abc import Mapping
from typing import Final

from stripe import Refund as StripeRefund
from stripe import StripeClient
from stripe.params import RefundCreateParams

from cardwright.adapters.stripe.client import RequestRefused, reading_answer, translate_errors
from cardwright.funding import Refund, RefundReason, RefundResult, RefundState

_STATES: Final[Mapping[str, RefundState]] = {
    "succeeded": RefundState.SUCCEEDED,
    "failed": RefundState.FAILED,
    "canceled": RefundState.FAILED,
}
_REFUSED: Final[Mapping[str | None, RefundReason]] = {
    "charge_already_refunded": RefundReason.NOT_REFUNDABLE,
    "charge_disputed": RefundReason.NOT_REFUNDABLE,
    "charge_not_refundable": RefundReason.NOT_REFUNDABLE,
    "refund_disputed_payment": RefundReason.NOT_REFUNDABLE,
    "balance_insufficient": RefundReason.PROCESSING_ERROR,
    "insufficient_funds": RefundReason.PROCESSING_ERROR,
}


class StripeRefundGateway:
    """Keeps the RefundGateway port."""

    def __init__(self, client: StripeClient) -> None:
        self._refunds = client.v1.refunds

    async def refund(self, refund: Refund, charge_reference: str) -> RefundResult:
        """Create the refund, the same one for every call; more than is left of a charge is refused."""
        params: RefundCreateParams = {
            "payment_intent": charge_reference,
            "amount": refund.amount,
            "reason": "requested_by_customer",
            "metadata": {"refund_id": refund.id, "withdrawal_id": refund.withdrawal_id},
        }
        try:
            with translate_errors():
                made = await self._refunds.create_async(params, {"idempotency_key": refund.id})
        except RequestRefused as refusal:
            reason = RefundReason.NOT_REFUNDABLE if refusal.param == "amount" else _REFUSED.get(refusal.code)
            if reason is None:
                raise
            return RefundResult(RefundState.FAILED, reason_code=reason)
        with reading_answer():
            return _result(made)

    async def look_up_refund(self, reference: str) -> RefundResult:
        """Retrieve the refund as it is now."""
        with translate_errors():
            found = await self._refunds.retrieve_async(reference)
        with reading_answer():
            return _result(found)

    async def find_refund(self, refund: Refund, charge_reference: str) -> RefundResult | None:
        """Look for ours among the refunds of the charge."""
        with translate_errors():
            listed = await self._refunds.list_async({"payment_intent": charge_reference, "limit": 100})
            with reading_answer():
                async for found in listed.auto_paging_iter():
                    if _result(found).refund_id == refund.id:
                        return _result(found)
        return None


def _result(refund: StripeRefund) -> RefundResult:
    state = _STATES.get(str(refund.status), RefundState.PENDING)
    metadata = refund.metadata.to_dict() if refund.metadata is not None else {}
    return RefundResult(
        state=state,
        reference=refund.id,
        refund_id=metadata.get("refund_id"),
        reason_code=RefundReason.RETURNED_BY_BANK if state is RefundState.FAILED else None,
    )
