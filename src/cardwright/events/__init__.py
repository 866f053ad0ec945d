"""The stream of events that holders, staff and developers rely on: catalogue, order, replay."""

from cardwright.events.catalogue import CATALOGUE, INTERNAL
from cardwright.events.describing import WEBHOOK_HEADERS, page, webhooks
from cardwright.events.domain import Audience, EventField, EventType, FieldType, RecordedEvent, shown
from cardwright.events.reading import Retention, get_event, last_position, list_events, matches, sweep_events
from cardwright.events.recording import begin_recording, record
from cardwright.events.waiting import WaitingRoom

__all__ = [
    "CATALOGUE",
    "INTERNAL",
    "WEBHOOK_HEADERS",
    "Audience",
    "EventField",
    "EventType",
    "FieldType",
    "RecordedEvent",
    "Retention",
    "WaitingRoom",
    "begin_recording",
    "get_event",
    "last_position",
    "list_events",
    "matches",
    "page",
    "record",
    "shown",
    "sweep_events",
    "webhooks",
]
