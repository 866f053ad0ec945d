"""How every operation is asked for: its address, headers and a body that the API's own description gives."""

from collections.abc import Mapping
from dataclasses import dataclass
from secrets import token_hex
from typing import Any

import httpx

from cardwright.access import Operation
from cardwright.main import build_api

API = build_api()
DOCUMENT = API.openapi()
SAFE = {"GET", "HEAD", "OPTIONS"}


@dataclass(frozen=True, slots=True)
class Asked:
    """A request without credentials."""

    method: str
    path: str
    query: Mapping[str, Any]
    body: Any
    is_form: bool


def parameters_of(operation: Operation) -> list[str]:
    """Return the names in an operation's path."""
    return [part.partition("}")[0] for part in operation.path.split("{")[1:]]


def asked(operation: Operation, named: Mapping[str, str], changes: Mapping[str, Any]) -> Asked:
    """Return a request for an operation on the things that are named; `changes` go into its body."""
    described = DOCUMENT["paths"].get(operation.path, {}).get(operation.method.lower(), {})
    content = described.get("requestBody", {}).get("content", {})
    is_form = "application/x-www-form-urlencoded" in content
    schema = next((content[kind]["schema"] for kind in content), None)
    query = {
        parameter["name"]: example_of(parameter["schema"])
        for parameter in described.get("parameters", ())
        if parameter["in"] == "query" and parameter.get("required")
    }
    body = None if schema is None else {**example_of(schema), **changes}
    return Asked(operation.method, operation.path.format_map(named), query, body, is_form=is_form)


async def ask(
    client: httpx.AsyncClient, request: Asked, headers: Mapping[str, str]
) -> tuple[httpx.Response, str | None]:
    """Send a request; return the answer, and the code of the problem when it is one."""
    extra = {} if request.method in SAFE else {"Idempotency-Key": token_hex(8)}
    sent = client.build_request(
        request.method, request.path, params=dict(request.query), headers={**extra, **headers},
        json=None if request.is_form else request.body, data=request.body if request.is_form else None,
    )  # fmt: skip
    answer = await client.send(sent)
    is_problem = answer.headers.get("content-type", "").startswith("application/problem+json")
    return answer, answer.json()["code"] if is_problem else None


def example_of(schema: Mapping[str, Any]) -> Any:
    """Return a value that a schema describes, from its own examples where it has some."""
    if "$ref" in schema:
        return example_of(DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    for source in ("examples", "enum"):
        if source in schema:
            return schema[source][0]
    for source in ("example", "default", "const"):
        if source in schema:
            return schema[source]
    for combined in ("anyOf", "oneOf", "allOf"):
        if combined in schema:
            return example_of(schema[combined][0])
    return _plain_example(schema)


def _plain_example(schema: Mapping[str, Any]) -> Any:
    match schema.get("type"):
        case "object":
            members = schema.get("properties", {})
            return {name: example_of(members[name]) for name in schema.get("required", ())}
        case "array":
            return [example_of(schema["items"])] * schema.get("minItems", 0)
        case "integer":
            return int(schema.get("minimum", schema.get("exclusiveMinimum", -1) + 1))
        case "boolean":
            return False
        case "null":
            return None
        case _:
            return "x" * max(1, schema.get("minLength", 0))
