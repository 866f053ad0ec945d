"""Money in through Stripe PaymentIntents, created and confirmed in one call."""

from collections.abc import Mapping
from typing import Final, Literal

import stripe
from stripe import PaymentIntent, SetupIntent, StripeClient
from stripe.params import PaymentIntentCreateParams

from cardwright.adapters.stripe.client import RequestRefused, reading_answer, translate_errors
from cardwright.core.money import Money
from cardwright.funding import ChargeResult, ChargeStatus, Origin, PaymentSource, TopUp, TopUpReason

_STATUSES: Final[Mapping[str, ChargeStatus]] = {
    "succeeded": ChargeStatus.SUCCEEDED,
    "requires_action": ChargeStatus.REQUIRES_ACTION,
    "canceled": ChargeStatus.CANCELED,
}
_CLOCKS_DIFFER_SECONDS: Final = 300
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
    "setup_intent_authentication_failure": TopUpReason.AUTHENTICATION_FAILED,
    "processing_error": TopUpReason.PROCESSING_ERROR,
    "issuer_not_available": TopUpReason.PROCESSING_ERROR,
    "try_again_later": TopUpReason.PROCESSING_ERROR,
}


class StripeFundingGateway:
    """Keeps the FundingGateway port."""

    def __init__(self, client: StripeClient) -> None:
        self._intents = client.v1.payment_intents

    async def charge(self, top_up: TopUp, source: PaymentSource, return_url: str) -> ChargeResult:
        """Create and confirm the PaymentIntent, the same one for every call of a top-up."""
        params: PaymentIntentCreateParams = {
            "amount": top_up.amount,
            "currency": top_up.currency.lower(),
            "payment_method": source.token.reveal(),
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "always"},
            "confirm": True,
            "metadata": {"top_up_id": top_up.id, "program_id": top_up.program_id},
        }
        if source.customer_reference is not None:
            params["customer"] = source.customer_reference
        if top_up.origin is Origin.AUTO:
            params["off_session"] = True
        else:
            params["return_url"] = return_url
        try:
            with translate_errors():
                intent = await self._intents.create_async(params, {"idempotency_key": top_up.id})
        except stripe.CardError as error:
            return _declined(error)
        except RequestRefused as refusal:
            if refusal.param != "payment_method":
                raise
            return ChargeResult(ChargeStatus.FAILED, reason_code=TopUpReason.PAYMENT_METHOD_INVALID)
        with reading_answer():
            return _result(intent)

    async def look_up(self, reference: str) -> ChargeResult:
        """Retrieve the PaymentIntent as it is now."""
        with translate_errors():
            intent = await self._intents.retrieve_async(reference)
        with reading_answer():
            return _result(intent)

    async def find_charge(self, top_up: TopUp) -> ChargeResult | None:
        """Look through what was created from the top-up's request on: lists know no metadata."""
        since = int(top_up.created_at.timestamp()) - _CLOCKS_DIFFER_SECONDS
        with translate_errors():
            listed = await self._intents.list_async({"created": {"gte": since}, "limit": 100})
            with reading_answer():
                async for intent in listed.auto_paging_iter():
                    if intent.metadata.to_dict().get("top_up_id") == top_up.id:
                        return _result(intent)
        return None

    async def cancel(self, reference: str, *, is_abandoned: bool) -> ChargeResult:
        """Cancel the PaymentIntent; one whose state does not allow it is read as it is."""
        why: Literal["abandoned", "requested_by_customer"] = (
            "abandoned" if is_abandoned else "requested_by_customer"
        )
        try:
            with translate_errors():
                intent = await self._intents.cancel_async(
                    reference, {"cancellation_reason": why}, {"idempotency_key": f"{reference}:{why}"}
                )
        except RequestRefused as refusal:
            if refusal.code != "payment_intent_unexpected_state":
                raise
            return await self.look_up(reference)
        with reading_answer():
            return _result(intent)


def _declined(error: stripe.CardError) -> ChargeResult:
    intent = error.error.payment_intent if error.error is not None else None
    reference = intent.id if intent is not None else None
    return ChargeResult(ChargeStatus.FAILED, reference, reason_code=reason_of(error.error))


def _result(intent: PaymentIntent) -> ChargeResult:
    status = _STATUSES.get(intent.status, ChargeStatus.PENDING)
    reason = None
    # A declined attempt leaves the PaymentIntent waiting for another card, with the error: to us it failed.
    if intent.status == "requires_payment_method" and intent.last_payment_error is not None:
        status = ChargeStatus.FAILED
        reason = reason_of(intent.last_payment_error)
    if status is ChargeStatus.CANCELED and intent.cancellation_reason == "abandoned":
        reason = TopUpReason.ABANDONED
    amount = intent.amount_received if status is ChargeStatus.SUCCEEDED else intent.amount
    return ChargeResult(
        status=status,
        reference=intent.id,
        money=Money(amount, intent.currency.upper()),
        top_up_id=intent.metadata["top_up_id"] if "top_up_id" in intent.metadata else None,  # noqa: SIM401 - no .get() on the SDK's objects
        reason_code=reason,
        action_url=action_url_of(intent),
    )


def action_url_of(intent: PaymentIntent | SetupIntent) -> str | None:
    """Return where the person has to go next."""
    redirect = getattr(intent.next_action, "redirect_to_url", None)
    return redirect.url if redirect is not None else None


def reason_of(error: object) -> TopUpReason:
    """Return in our words why a card was refused."""
    # The SDK's objects lack the attributes of members that the answer leaves out.
    codes: list[str | None] = [getattr(error, name, None) for name in ("decline_code", "code")]
    return next((_REASONS[code] for code in codes if code and code in _REASONS), TopUpReason.CARD_DECLINED)
