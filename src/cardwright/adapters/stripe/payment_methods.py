"""Kept cards through Stripe: a Customer per person, SetupIntents, and PaymentMethods that can be let go."""

from typing import Final

import stripe
from stripe import PaymentMethod, SetupIntent, StripeClient
from stripe.params import SetupIntentCreateParams

from cardwright.adapters.stripe.client import RequestRefused, reading_answer, translate_errors
from cardwright.adapters.stripe.funding import action_url_of, reason_of
from cardwright.core.sensitive import Sensitive
from cardwright.funding import (
    CardDetails,
    MethodSnapshot,
    SavedMethod,
    SetupResult,
    SetupStatus,
    TopUpReason,
)

_WITH_METHOD: Final = ["payment_method"]
_NOT_FOUND: Final = 404


class StripeMethodGateway:
    """Keeps the MethodGateway port."""

    def __init__(self, client: StripeClient) -> None:
        self._customers = client.v1.customers
        self._setups = client.v1.setup_intents
        self._methods = client.v1.payment_methods

    async def create_customer(self, *, program_id: str, user_id: str) -> str:
        """Create a Customer that is known by our id alone: Stripe needs no name to keep a card."""
        metadata = {"user_id": user_id, "program_id": program_id}
        with translate_errors():
            made = await self._customers.create_async(
                {"metadata": metadata}, {"idempotency_key": f"{user_id}:customer"}
            )
        with reading_answer():
            return str(made.id)

    async def set_up(
        self, method: SavedMethod, token: Sensitive, customer_reference: str, return_url: str
    ) -> SetupResult:
        """Create and confirm the SetupIntent, the same one for every call of a method."""
        params: SetupIntentCreateParams = {
            "customer": customer_reference,
            "payment_method": token.reveal(),
            "usage": "off_session",
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "always"},
            "confirm": True,
            "return_url": return_url,
            "metadata": {"payment_method_id": method.id, "program_id": method.program_id},
            "expand": _WITH_METHOD,
        }
        try:
            with translate_errors():
                setup = await self._setups.create_async(params, {"idempotency_key": method.id})
        except stripe.CardError as error:
            return _declined(error)
        except RequestRefused as refusal:
            if refusal.param != "payment_method":
                raise
            return SetupResult(SetupStatus.FAILED, reason_code=TopUpReason.PAYMENT_METHOD_INVALID)
        with reading_answer():
            return _result(setup)

    async def look_up_setup(self, reference: str) -> SetupResult:
        """Retrieve the SetupIntent as it is now."""
        with translate_errors():
            setup = await self._setups.retrieve_async(reference, {"expand": _WITH_METHOD})
        with reading_answer():
            return _result(setup)

    async def look_up_method(self, reference: str) -> MethodSnapshot | None:
        """Retrieve the PaymentMethod; one without a customer was let go."""
        try:
            with translate_errors():
                method = await self._methods.retrieve_async(reference)
        except RequestRefused as refusal:
            if refusal.http_status != _NOT_FOUND:
                raise
            return None
        with reading_answer():
            return MethodSnapshot(method.id, method.customer is not None, _card(method))

    async def detach(self, reference: str) -> None:
        """Detach the PaymentMethod; Stripe refuses it for one that is detached already."""
        snapshot = await self.look_up_method(reference)
        if snapshot is None or not snapshot.is_attached:
            return
        with translate_errors():
            await self._methods.detach_async(reference, {}, {"idempotency_key": f"{reference}:detach"})


def _declined(error: stripe.CardError) -> SetupResult:
    setup = getattr(error.error, "setup_intent", None)
    reference = setup.id if setup is not None else None
    return SetupResult(SetupStatus.FAILED, reference, reason_code=reason_of(error.error))


def _result(setup: SetupIntent) -> SetupResult:
    status, reason = SetupStatus.PENDING, None
    match setup.status:
        case "succeeded":
            status = SetupStatus.SUCCEEDED
        case "requires_action":
            status = SetupStatus.REQUIRES_ACTION
        case "canceled":
            status, reason = SetupStatus.FAILED, TopUpReason.ABANDONED
        case "requires_payment_method" if setup.last_setup_error is not None:
            status, reason = SetupStatus.FAILED, reason_of(setup.last_setup_error)
    method = setup.payment_method
    known = method if isinstance(method, PaymentMethod) else None
    if status is SetupStatus.SUCCEEDED and known is None:
        raise TypeError("a method that is ready comes with the answer")
    metadata = setup.metadata.to_dict() if setup.metadata is not None else {}
    return SetupResult(
        status=status,
        reference=setup.id,
        method_reference=known.id if known is not None and status is SetupStatus.SUCCEEDED else None,
        method_id=metadata.get("payment_method_id"),
        card=_card(known) if known is not None else None,
        reason_code=reason,
        action_url=action_url_of(setup),
    )


def _card(method: PaymentMethod) -> CardDetails | None:
    card = getattr(method, "card", None)
    return None if card is None else CardDetails(card.brand, card.last4, card.exp_month, card.exp_year)
