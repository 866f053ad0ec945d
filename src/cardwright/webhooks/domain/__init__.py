"""What a webhook endpoint is, what it hears of, and what becomes of a delivery. No I/O."""

from cardwright.webhooks.domain.deliveries import (
    Attempt,
    Delivery,
    DeliveryState,
    Settled,
    ensure_replayable,
    settle,
)
from cardwright.webhooks.domain.endpoints import (
    MOST_ENDPOINTS,
    Changes,
    DisabledBecause,
    Endpoint,
    EndpointDraft,
    Signature,
    audience_of,
    ensure_event_types,
    filters_for,
)
from cardwright.webhooks.domain.schedule import GIVEN_UP_AFTER, PAUSES, next_pause

__all__ = [
    "GIVEN_UP_AFTER",
    "MOST_ENDPOINTS",
    "PAUSES",
    "Attempt",
    "Changes",
    "Delivery",
    "DeliveryState",
    "DisabledBecause",
    "Endpoint",
    "EndpointDraft",
    "Settled",
    "Signature",
    "audience_of",
    "ensure_event_types",
    "ensure_replayable",
    "filters_for",
    "next_pause",
    "settle",
]
