"""Stripe's real-time authorization webhook: parsed by msgspec, answered in the body."""

import json
from collections.abc import Mapping
from typing import Any, Final

import msgspec
import stripe

from cardwright.adapters.stripe.issuing import SOURCE, channel, merchant
from cardwright.adapters.stripe.webhooks import verified_event
from cardwright.core.errors import Malformed
from cardwright.core.sensitive import Sensitive
from cardwright.payments import Answer, AuthorizationRequest

_REQUEST: Final = "issuing_authorization.request"


class _Pending(msgspec.Struct):
    amount: int
    currency: str
    merchant_amount: int
    merchant_currency: str
    is_amount_controllable: bool = False


class _Card(msgspec.Struct):
    id: str


class _Merchant(msgspec.Struct):
    network_id: str


class _Authorization(msgspec.Struct):
    id: str
    card: _Card
    pending_request: _Pending
    merchant_data: _Merchant
    request_history: list[Any]
    authorization_method: str
    wallet: str | None = None


class StripeAuthorizationWire:
    """Keeps the AuthorizationWire port with the secret of the one real-time endpoint."""

    def __init__(self, secret: Sensitive) -> None:
        self._secret = secret

    def read(self, headers: Mapping[str, str], body: bytes) -> AuthorizationRequest | None:
        """Verify and translate a request; None for an event of another type."""
        event = verified_event(self._secret, headers, body)
        if event.type != _REQUEST:
            return None
        try:
            found = msgspec.convert(event.object, _Authorization)
        except msgspec.ValidationError as error:
            raise Malformed("webhook_invalid", f"Not an authorization of Stripe: {error}") from error
        pending = found.pending_request
        if pending.amount < 0:
            raise Malformed("webhook_invalid", "A request for a negative amount.")
        return AuthorizationRequest(
            source=SOURCE,
            reference=found.id,
            attempt=len(found.request_history),
            card_reference=found.card.id,
            amount=pending.amount,
            currency=pending.currency.upper(),
            merchant_amount=pending.merchant_amount,
            merchant_currency=pending.merchant_currency.upper(),
            merchant=merchant(event.object["merchant_data"]),
            channel=channel(event.object),
            allows_partial=pending.is_amount_controllable,
        )

    def answer(self, *, approved: bool, decision_id: str | None, amount: int | None = None) -> Answer:
        """Write the answer; without the Stripe-Version header Stripe would take it for an error."""
        content: dict[str, Any] = {"approved": approved}
        if decision_id is not None:
            content["metadata"] = {"decision_id": decision_id}
        if amount is not None:
            content["amount"] = amount
        body = json.dumps(content).encode()
        headers = {
            "content-type": "application/json",
            "content-length": str(len(body)),
            "stripe-version": stripe.api_version,
        }
        return Answer(200, headers, body)
