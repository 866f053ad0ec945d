"""What a type of event is, what is told of one, and how an event looks from outside."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from cardwright.core.ids import ID_PATTERN


class Audience(StrEnum):
    """Who may rely on a type of event.

    `holder`: the person it is about. `developer`: the program's developers, with their endpoints and keys.
    `staff`: administrators and auditors, who also see what developers do.
    """

    HOLDER = "holder"
    STAFF = "staff"
    DEVELOPER = "developer"


class FieldType(StrEnum):
    """What stands in a field; instants are RFC 3339 with an offset, dates `YYYY-MM-DD`."""

    ID = "id"
    STRING = "string"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    INSTANT = "instant"
    DATE = "date"
    STRINGS = "strings"


_SCHEMAS: Final[Mapping[FieldType, Mapping[str, Any]]] = {
    FieldType.ID: {"type": "string", "pattern": ID_PATTERN},
    FieldType.STRING: {"type": "string"},
    FieldType.INTEGER: {"type": "integer"},
    FieldType.BOOLEAN: {"type": "boolean"},
    FieldType.INSTANT: {"type": "string", "format": "date-time"},
    FieldType.DATE: {"type": "string", "format": "date"},
    FieldType.STRINGS: {"type": "array", "items": {"type": "string"}},
}
Example = str | int | bool | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EventField:
    """A field of an event's data: its type, a sentence, an example. An optional one may be absent."""

    name: str
    type: FieldType
    summary: str
    example: Example
    is_optional: bool = False

    @property
    def shown_example(self) -> Any:
        """The example as JSON has it."""
        return list(self.example) if isinstance(self.example, tuple) else self.example

    @property
    def schema(self) -> dict[str, Any]:
        """JSON Schema of the field."""
        told = {"description": self.summary, "examples": [self.shown_example]}
        return {**_SCHEMAS[self.type], **told}


@dataclass(frozen=True, slots=True)
class EventType:
    """A type of event that people and programs may rely on: `name` is `noun.past_participle`.

    `subject` is an example of the id of what it happened to. Fields may be added later, never changed.
    """

    name: str
    summary: str
    audience: frozenset[Audience]
    subject: str
    fields: tuple[EventField, ...] = ()

    def data_of(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        """Return what may leave the house: the declared fields that have a value, and nothing else."""
        told = {it.name: payload.get(it.name) for it in self.fields}
        return {name: value for name, value in told.items() if value is not None}

    @property
    def area(self) -> str:
        """The part of the product that it belongs to."""
        return self.name.partition(".")[0]

    @property
    def schema(self) -> dict[str, Any]:
        """JSON Schema of the data. Readers must bear fields that are not named here yet."""
        return {
            "type": "object",
            "required": [it.name for it in self.fields if not it.is_optional],
            "properties": {it.name: it.schema for it in self.fields},
        }

    @property
    def example(self) -> dict[str, Any]:
        """A whole event of this type as it is shown."""
        return {
            "id": "evt_01jd9zq3f8e7vtm5g6w2x4y8zn",
            "type": self.name,
            "timestamp": "2026-11-23T12:00:00Z",
            "position": 1024,
            "subject_id": self.subject,
            "user_id": _EXAMPLE_USER if self._is_about_somebody else None,
            "data": {it.name: it.shown_example for it in self.fields},
        }

    @property
    def _is_about_somebody(self) -> bool:
        named = {it.name for it in self.fields}
        return bool(named & set(_NAMES_SOMEBODY)) or self.subject.startswith(_USER_PREFIX)


_USER_PREFIX: Final = "user_"
_EXAMPLE_USER: Final = "user_01jd9zq3f8e7vtm5g6w2x4y8zn"
_NAMES_SOMEBODY: Final = ("user_id", "owner_id")


def person_of(subject_id: str, payload: Mapping[str, Any]) -> str | None:
    """Return whom an event is about; None when it is about nobody in particular.

    >>> person_of("card_1", {"user_id": "user_1"}), person_of("user_1", {}), person_of("prog_1", {})
    ('user_1', 'user_1', None)
    """
    named = next((payload[it] for it in _NAMES_SOMEBODY if payload.get(it)), None)
    if named is not None:
        return str(named)
    return subject_id if subject_id.startswith(_USER_PREFIX) else None


@dataclass(frozen=True, slots=True)
class RecordedEvent:
    """An event of the stream. `position` is 1, 2, 3, … within its program, without a gap.

    `data` holds the declared fields alone; `user_id` is whom it is about.
    """

    id: str
    program_id: str
    position: int
    type: str
    subject_id: str
    user_id: str | None
    occurred_at: datetime
    data: Mapping[str, Any] = field(default_factory=dict)


def shown(event: RecordedEvent, *, to_holder: bool) -> dict[str, Any]:
    """Return an event as JSON shows it everywhere: in answers, in webhooks, in the documentation.

    Its position counts what happens in the whole program, which is no holder's affair.
    """
    return {
        "id": event.id,
        "type": event.type,
        "timestamp": event.occurred_at,
        "position": None if to_holder else event.position,
        "subject_id": event.subject_id,
        "user_id": event.user_id,
        "data": dict(event.data),
    }
