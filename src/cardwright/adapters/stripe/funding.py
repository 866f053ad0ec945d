"""Money in through Stripe PaymentIntents, created and confirmed in one call."""

from collections.abc import Mapping
from typing import Final

import stripe
from stripe import PaymentIntent, StripeClient
from stripe.params import PaymentIntentCreateParams

from cardwright.adapters.stripe.client import RequestRefused, translate_errors
from cardwright.core.money import Money
from cardwright.core.sensitive import Sensitive
from cardwright.funding import ChargeResult, ChargeStatus, TopUp, TopUpReason

_STATUSES: Final[Mapping[str, ChargeStatus]] = {
    "succeeded": ChargeStatus.SUCCEEDED,
    "requires_action": ChargeStatus.REQUIRES_ACTION,
    "canceled": ChargeStatus.CANCELED,
}
# Codes that hint at fraud or theft stay a plain decline: the one who tries must not learn what is known.
_REASONS: Final[Mapping[str, TopUpReason]] = {
    "insufficient_funds": TopUpReason.FUNDS_INSUFFICIENT,
    "expired_card": TopUpReason.CARD_EXPIRED,
    "incorrect_cvc": TopUpReason.CARD_DATA_INCORRECT,
    "incorrect_number": TopUpReason.CARD_DATA_INCORRECT,
    "incorrect_zip": TopUpReason.CARD_DATA_INCORRECT,
    "invalid_cvc": TopUpReason.CARD_DATA_INCORRECT,
    "invalid_expiry_month": TopUpReason.CARD_DATA_INCORRECT,
    "invalid_expiry_year": TopUpReason.CARD_DATA_INCORRECT,
    "invalid_number": TopUpReason.CARD_DATA_INCORRECT,
    "authentication_required": TopUpReason.AUTHENTICATION_FAILED,
    "payment_intent_authentication_failure": TopUpReason.AUTHENTICATION_FAILED,
    "processing_error": TopUpReason.PROCESSING_ERROR,
    "issuer_not_available": TopUpReason.PROCESSING_ERROR,
    "try_again_later": TopUpReason.PROCESSING_ERROR,
}


class StripeFundingGateway:
    """Keeps the FundingGateway port."""

    def __init__(self, client: StripeClient) -> None:
        self._intents = client.v1.payment_intents

    async def charge(self, top_up: TopUp, payment_method_token: Sensitive, return_url: str) -> ChargeResult:
        """Create and confirm the PaymentIntent, the same one for every call of a top-up."""
        params: PaymentIntentCreateParams = {
            "amount": top_up.amount,
            "currency": top_up.currency.lower(),
            "payment_method": payment_method_token.reveal(),
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "always"},
            "confirm": True,
            "return_url": return_url,
            "metadata": {"top_up_id": top_up.id, "program_id": top_up.program_id},
        }
        try:
            with translate_errors():
                intent = await self._intents.create_async(params, {"idempotency_key": top_up.id})
        except stripe.CardError as error:
            return _declined(error)
        except RequestRefused as refusal:
            if refusal.param != "payment_method":
                raise
            return ChargeResult(ChargeStatus.FAILED, reason_code=TopUpReason.PAYMENT_METHOD_INVALID)
        return _result(intent)

    async def look_up(self, reference: str) -> ChargeResult:
        """Retrieve the PaymentIntent as it is now."""
        with translate_errors():
            intent = await self._intents.retrieve_async(reference)
        return _result(intent)


def _declined(error: stripe.CardError) -> ChargeResult:
    intent = error.error.payment_intent if error.error is not None else None
    reference = intent.id if intent is not None else None
    return ChargeResult(ChargeStatus.FAILED, reference, reason_code=_reason(error.error))


def _result(intent: PaymentIntent) -> ChargeResult:
    status = _STATUSES.get(intent.status, ChargeStatus.PENDING)
    reason = None
    # A declined attempt leaves the PaymentIntent waiting for another card, with the error: to us it failed.
    if intent.status == "requires_payment_method" and intent.last_payment_error is not None:
        status = ChargeStatus.FAILED
        reason = _reason(intent.last_payment_error)
    amount = intent.amount_received if status is ChargeStatus.SUCCEEDED else intent.amount
    return ChargeResult(
        status=status,
        reference=intent.id,
        money=Money(amount, intent.currency.upper()),
        top_up_id=intent.metadata["top_up_id"] if "top_up_id" in intent.metadata else None,  # noqa: SIM401 - no .get() on the SDK's objects
        reason_code=reason,
        action_url=_action_url(intent),
    )


def _action_url(intent: PaymentIntent) -> str | None:
    redirect = getattr(intent.next_action, "redirect_to_url", None)
    return redirect.url if redirect is not None else None


def _reason(error: object) -> TopUpReason:
    # The SDK's objects lack the attributes of members that the answer leaves out.
    codes: list[str | None] = [getattr(error, name, None) for name in ("decline_code", "code")]
    return next((_REASONS[code] for code in codes if code and code in _REASONS), TopUpReason.CARD_DECLINED)
