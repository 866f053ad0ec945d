"""Velocity: what happened before an authorization, counted exactly in its own transaction."""

from cardwright.rules.velocity.domain import (
    ALIASES,
    DEFINITIONS,
    MOST_PERCENT,
    Definition,
    Entity,
    Measure,
    Window,
    definition,
)
from cardwright.rules.velocity.rolling import roll_up
from cardwright.rules.velocity.store import Concerned, Event, Occurrence, Seen, occurrences, unseen
from cardwright.rules.velocity.watching import (
    lock_velocity,
    read_past_velocity,
    read_velocity,
    record_velocity,
)

__all__ = [
    "ALIASES",
    "DEFINITIONS",
    "MOST_PERCENT",
    "Concerned",
    "Definition",
    "Entity",
    "Event",
    "Measure",
    "Occurrence",
    "Seen",
    "Window",
    "definition",
    "lock_velocity",
    "occurrences",
    "read_past_velocity",
    "read_velocity",
    "record_velocity",
    "roll_up",
    "unseen",
]
