"""The stream of events that holders, staff and developers rely on: catalogue, order, replay."""

from cardwright.events.catalogue import CATALOGUE, INTERNAL
from cardwright.events.domain import Audience, EventType, FieldOf, FieldType, RecordedEvent, shown
from cardwright.events.recording import begin_recording, record

__all__ = [
    "CATALOGUE",
    "INTERNAL",
    "Audience",
    "EventType",
    "FieldOf",
    "FieldType",
    "RecordedEvent",
    "begin_recording",
    "record",
    "shown",
]
