"""Events: what happened, kept for the API and sent to every webhook endpoint that asked for it."""

import json
from contextvars import ContextVar
from dataclasses import dataclass
from fnmatch import fnmatchcase

from simulator.objects import JsonObject
from simulator.stripe import misdelivery
from simulator.stripe.account import CHANNEL, StripeAccount
from simulator.webhooks import Message

KIND = "event"
ENDPOINT_KIND = "webhook_endpoint"
API_VERSION = "2026-10-28.endive"
_FAMILIES = {
    "balance": "available",
    "customer": "created deleted updated",
    "charge": "failed pending refund.updated refunded succeeded updated",
    "charge.dispute": "closed created funds_reinstated funds_withdrawn updated",
    "identity.verification_session": "canceled created processing redacted requires_input verified",
    "issuing_authorization": "created request updated",
    "issuing_card": "created updated",
    "issuing_cardholder": "created updated",
    "issuing_dispute": "closed created funds_reinstated funds_rescinded submitted updated",
    "issuing_token": "created updated",
    "issuing_transaction": "created purchase_details_receipt_updated updated",
    "payment_method": "attached automatically_updated detached updated",
    "payment_intent": "amount_capturable_updated canceled created partially_funded payment_failed"
    " processing requires_action succeeded",
    "refund": "created failed updated",
    "setup_intent": "canceled created requires_action setup_failed succeeded",
    "topup": "canceled created failed reversed succeeded",
}
TYPES = frozenset(f"{family}.{name}" for family, names in _FAMILIES.items() for name in names.split())


@dataclass(frozen=True, slots=True)
class Origin:
    """The API request that causes what happens now."""

    request_id: str
    idempotency_key: str | None


current_origin: ContextVar[Origin | None] = ContextVar("current_origin", default=None)


def emit(
    account: StripeAccount, event_type: str, obj: JsonObject, previous: JsonObject | None = None
) -> None:
    """Record an event about an object as it now is; `previous` holds the old values of what changed."""
    endpoints = [
        endpoint
        for endpoint in account.objects.list(ENDPOINT_KIND)
        if endpoint["status"] == "enabled" and is_subscribed(endpoint["enabled_events"], event_type)
    ]
    event = new_event(account, event_type, obj, previous)
    event["pending_webhooks"] = len(endpoints)
    account.objects.put(KIND, event)
    for told in misdelivery.bodies(account, event):
        for endpoint in reversed(endpoints):
            account.dispatcher.submit(
                Message(
                    channel=CHANNEL,
                    endpoint=endpoint["id"],
                    url=endpoint["url"],
                    topic=event_type,
                    reference=event["id"],
                    body=json.dumps(told | {"api_version": endpoint["api_version"] or API_VERSION}),
                    secret=endpoint["secret"],
                )
            )


def new_event(
    account: StripeAccount, event_type: str, obj: JsonObject, previous: JsonObject | None = None
) -> JsonObject:
    """Build an event without recording or sending it."""
    origin = current_origin.get()
    data: JsonObject = {"object": obj}
    if previous is not None:
        data["previous_attributes"] = previous
    return {
        "id": account.objects.new_id("evt"),
        "object": "event",
        "api_version": API_VERSION,
        "created": account.clock.timestamp(),
        "data": data,
        "livemode": False,
        "pending_webhooks": 0,
        "request": {
            "id": origin.request_id if origin else None,
            "idempotency_key": origin.idempotency_key if origin else None,
        },
        "type": event_type,
    }


def is_subscribed(patterns: list[str], event_type: str) -> bool:
    """Say whether an endpoint wants a type; real-time requests go to their own endpoint alone."""
    if event_type == "issuing_authorization.request":
        return False
    return any(fnmatchcase(event_type, pattern) for pattern in patterns)


def changes(before: JsonObject, after: JsonObject) -> JsonObject:
    """Return the old values of the members that changed, nested objects member by member."""
    previous: JsonObject = {}
    for name in before.keys() | after.keys():
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        nested = isinstance(old, dict) and isinstance(new, dict)
        previous[name] = changes(old, new) if nested else old  # type: ignore[arg-type]
    return previous


def emit_change(account: StripeAccount, event_type: str, before: JsonObject, after: JsonObject) -> None:
    """Record an update, unless nothing changed."""
    previous = changes(before, after)
    if previous:
        emit(account, event_type, after, previous)
