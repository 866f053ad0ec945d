"""Objects and signed messages as Stripe sends them."""

import hashlib
import hmac
import json
import time
from typing import Any

from cardwright.core.sensitive import Sensitive

SECRET = Sensitive("whsec_of_one_endpoint")
MERCHANT = {
    "network_id": "1234567890", "name": "Blue Door Books", "category_code": "5942", "country": "US",
    "city": "Springfield", "category": "book_stores", "postal_code": "12345", "state": "IL",
}  # fmt: skip


def an_authorization(**changes: Any) -> dict[str, Any]:
    """Return an authorization whose decision is asked for."""
    return {
        "id": "iauth_1", "object": "issuing.authorization", "amount": 0, "currency": "usd", "approved": False,
        "status": "pending", "card": {"id": "ic_1", "object": "issuing.card"}, "merchant_data": MERCHANT,
        "authorization_method": "online", "wallet": None, "request_history": [], "transactions": [],
        "pending_request": {
            "amount": 2_500, "currency": "usd", "merchant_amount": 2_300, "merchant_currency": "eur",
            "is_amount_controllable": False,
        },
    } | changes  # fmt: skip


def an_event(type_: str, about: Any, event_id: str = "evt_1") -> bytes:
    return json.dumps({"id": event_id, "object": "event", "type": type_, "data": {"object": about}}).encode()


def signed(body: bytes, secret: Sensitive = SECRET, at: float | None = None) -> dict[str, str]:
    """Return the headers of a genuine message."""
    timestamp = int(time.time() if at is None else at)
    digest = hmac.new(secret.reveal().encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
    return {"stripe-signature": f"t={timestamp},v1={digest}", "content-type": "application/json"}
