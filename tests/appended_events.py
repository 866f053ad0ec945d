"""Sees to it that whatever a whole run of the tests appends to the outbox is what the catalogue promises."""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

import jsonschema_rs

from cardwright.db import outbox
from cardwright.db.outbox import Event
from cardwright.db.session import Session, canonical_json
from cardwright.events import CATALOGUE, INTERNAL, FieldType, RecordedEvent

AREAS: Final = {name.partition(".")[0] for name in (*CATALOGUE, *INTERNAL)}
_append = outbox.append
_wrong: Final[list[str]] = []


def fault_of(event: Event) -> str | None:
    """Return what is wrong with an event; None when it is internal, fits, or was invented by a test."""
    area = event.type.partition(".")[0]
    if event.type in INTERNAL or area not in AREAS:
        return None
    if event.type not in CATALOGUE:
        return f"{event.type} is neither in the catalogue nor among the internal ones"
    told = CATALOGUE[event.type].data_of(event.payload)
    first = next(_validator(event.type).iter_errors(_as_json(told)), None)
    return None if first is None else f"{event.type}: {first.message}"


def fault_of_recorded(event: RecordedEvent) -> str | None:
    """Return what is wrong with an event of the stream, where nothing may stand that is not declared."""
    first = next(_validator(event.type).iter_errors(_as_json(event.data)), None)
    return None if first is None else f"{event.type}: {first.message}"


async def checked_append(session: Session, *events: Event) -> None:
    """Append as ever, and fail where an event does not fit."""
    for event in events:
        fault = fault_of(event)
        if fault is not None:
            _wrong.append(fault)
            raise AssertionError(fault)
    await _append(session, *events)


def refuse_wrong_ones() -> None:
    """Fail when any did not fit, also where a handler that tries again hid it."""
    assert not _wrong, _wrong


@cache
def _validator(type_: str) -> jsonschema_rs.Draft202012Validator:
    kind = CATALOGUE[type_]
    properties = {it.name: dict(it.schema) for it in kind.fields}
    for it in kind.fields:
        if it.type is FieldType.ID:
            # Tests name things as they like.
            properties[it.name].pop("pattern")
    closed = {**kind.schema, "properties": properties, "additionalProperties": False}
    return jsonschema_rs.Draft202012Validator(closed)


def _as_json(data: Mapping[str, Any]) -> Any:
    # As its readers get it: instants and members of enums are strings.
    return json.loads(canonical_json(dict(data)))
