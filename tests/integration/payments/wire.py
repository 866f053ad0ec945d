"""Stripe's real-time authorization webhook as it goes over the wire, signed by Stripe's own SDK."""

import json
from collections.abc import Mapping
from typing import Any, Final

import stripe

from builders import AUTHORIZATION_SECRET

PATH: Final = "/webhooks/stripe/authorizations"
MERCHANT: Final[Mapping[str, Any]] = {
    "network_id": "m_bakery", "name": "Bakery", "category": "bakeries", "category_code": "5462",
    "country": "US", "city": "Springfield", "state": None, "postal_code": None,
}  # fmt: skip


def question(
    card: str, amount: int, *, reference: str = "iauth_1", earlier: int = 0, **changes: Any
) -> dict[str, Any]:
    """A request event; `earlier` requests of the same authorization have been decided before."""
    pending = {"amount": amount, "currency": "usd", "merchant_amount": amount, "merchant_currency": "usd"}
    authorization = {
        "id": reference, "object": "issuing.authorization", "card": {"id": card},
        "pending_request": pending, "merchant_data": dict(MERCHANT), "request_history": [{}] * earlier,
        "authorization_method": "online", "wallet": None, **changes,
    }  # fmt: skip
    return event("issuing_authorization.request", authorization)


def event(type_: str, about: Mapping[str, Any]) -> dict[str, Any]:
    return {"id": f"evt_{about['id']}", "object": "event", "type": type_, "data": {"object": about}}


def signed(body: str, *, timestamp: int | None = None) -> dict[str, Any]:
    """Keyword arguments of a POST; without a timestamp it is signed now."""
    header = stripe.WebhookSignature.generate_signature_header(body, AUTHORIZATION_SECRET.reveal(), timestamp)
    headers = {"stripe-signature": header, "content-type": "application/json"}
    return {"content": body.encode(), "headers": headers}


def asking(card: str, amount: int, **more: Any) -> dict[str, Any]:
    """Keyword arguments of a POST that asks for an authorization."""
    return signed(json.dumps(question(card, amount, **more)))
