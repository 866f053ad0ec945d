"""The catalogue as others read it: the `webhooks` of OpenAPI, and a page of the documentation."""

import json
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any, Final

from cardwright.events.catalogue import CATALOGUE
from cardwright.events.domain import Audience, EventType

_HEAD: Final = """# Events

Written by `make events` from the catalogue in `src/cardwright/events`; do not edit.

What happens is told as events: as a stream to follow (`GET /v1/events`) and, posted to you, as webhooks. Both
show an event in the same shape. `id` is the same at every repetition, so keep the ids that you have handled.
`position` rises with each event of the program, those that you may not see among them; holders are not told
it. `data` holds the fields below; a field that is optional is absent where there is nothing to tell. Fields
and types are added over time: bear those that you do not know.

**Order.** The stream has one order, which never changes, and in it the events about one object stand as
its changes were committed. Events about different objects may stand in another order than `timestamp` says.

**Following.** Read without `after` once; then go on with the `cursor` of each answer, also when it was empty.
Nothing comes twice and nothing is left out. With `wait_seconds` an answer waits for an event. Events are kept
for 90 days unless the deployment says otherwise (`CARDWRIGHT_EVENT_RETENTION_DAYS`). A cursor that is older
is answered with 410 `cursor_expired`: then read your objects anew and begin without a cursor.

**Audience.** *Holders* see the events about themselves. *Developers* see those of their program that are for
developers; administrators and auditors see those for *staff* as well.

**Tests.** `POST /v1/webhook-endpoints/{id}/test` posts an event of the type `webhooks.test`, which is in no
stream: its `position` is null, and its `data` is a `message`.

No event carries a card number, a code, a secret, or the name of a document.
"""


WEBHOOK_HEADERS: Final[Mapping[str, Any]] = {
    name: {
        "name": name, "in": "header", "required": True, "description": description,
        "schema": {"type": "string", "pattern": pattern}, "example": example,
    }
    for name, pattern, description, example in (
        (
            "webhook-id", "^[A-Za-z0-9_]+$",
            "The event's id, the same in every attempt: what was handled already can be told by it.",
            "evt_01kb3x9p4fe8s8b9xkq5n2r7vt",
        ),
        (
            "webhook-timestamp", "^[0-9]+$",
            "When this attempt was sent, in seconds since 1970; refuse what is older than some minutes.",
            "1795348800",
        ),
        (
            "webhook-signature", "^v1a?,[A-Za-z0-9+/=]+( v1a?,[A-Za-z0-9+/=]+)*$",
            "HMAC-SHA256 (`v1`) or Ed25519 (`v1a`) of `id.timestamp.body`; one of several is enough.",
            "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=",
        ),
    )
}  # fmt: skip
"""The headers of every webhook, as OpenAPI's reusable parameters by their names."""


def webhooks() -> dict[str, Any]:
    """Return OpenAPI's `webhooks`: what is posted for each type that developers or holders may hear of."""
    outside = {Audience.HOLDER, Audience.DEVELOPER}
    return {it.name: {"post": _operation(it)} for it in CATALOGUE.values() if it.audience & outside}


def _operation(kind: EventType) -> dict[str, Any]:
    told = {"schema": _body_schema(kind), "example": kind.example}
    return {
        "operationId": f"on_{kind.name.replace('.', '_')}",
        "tags": [kind.area],
        "summary": kind.summary,
        "description": f"For {_audience(kind)}.",
        "parameters": [{"$ref": f"#/components/parameters/{name}"} for name in WEBHOOK_HEADERS],
        "requestBody": {"required": True, "content": {"application/json": told}},
        "responses": {"2XX": {"description": "It was received, and is not sent again."}},
    }


def _body_schema(kind: EventType) -> dict[str, Any]:
    narrowed = {"properties": {"type": {"const": kind.name}, "data": kind.schema}}
    return {"allOf": [{"$ref": "#/components/schemas/EventView"}, narrowed]}


def page() -> str:
    """Return the documentation of all types, as Markdown."""
    parts = [_HEAD, *_overview()]
    for area, kinds in groupby(sorted(CATALOGUE.values(), key=lambda it: it.name), key=lambda it: it.area):
        parts.append(f"\n## {area}\n")
        parts += [_section(it) for it in kinds]
    return "".join(parts)


def _overview() -> Iterator[str]:
    yield f"\n{len(CATALOGUE)} types:\n\n| type | for | what happened |\n|---|---|---|\n"
    for kind in sorted(CATALOGUE.values(), key=lambda it: it.name):
        anchor = kind.name.replace(".", "")
        yield f"| [`{kind.name}`](#{anchor}) | {_audience(kind)} | {kind.summary} |\n"


def _section(kind: EventType) -> str:
    lines = [f"\n### {kind.name}\n\n{kind.summary} For {_audience(kind)}.\n"]
    if kind.fields:
        lines.append("\n| field | type | | |\n|---|---|---|---|\n")
        lines += [
            f"| `{it.name}` | {it.type} | {'optional' if it.is_optional else ''} | {it.summary} |\n"
            for it in kind.fields
        ]
    lines.append(f"\n```json\n{_written(kind.example)}\n```\n")
    return "".join(lines)


def _written(example: Mapping[str, Any]) -> str:
    return json.dumps(example, indent=2, ensure_ascii=False)


def _audience(kind: EventType) -> str:
    names = {Audience.HOLDER: "holders", Audience.DEVELOPER: "developers", Audience.STAFF: "staff"}
    return ", ".join(name for audience, name in names.items() if audience in kind.audience)
