"""Every route that takes an amount, found in the API's own description, refuses whatever is no amount.

An amount is a JSON integer of minor units within bounds, and a currency an ISO 4217 code in upper case.
Anything else is answered with a problem of 4xx that names the field, and leaves every table as it was.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from secrets import token_hex
from typing import Any, Final

import httpx
import pytest
from sqlalchemy import text

from access.asking import API, DOCUMENT, SAFE, asked, parameters_of
from access.makers import OF_THE_DEPLOYMENT, prepared, thing
from access.matrix import CHANGES
from access.world import World
from cardwright.access import Operation, Reach, operations
from cardwright.access.permissions import TABLE
from cardwright.core.money import MAX_MINOR_UNITS
from cardwright.db.session import transaction

Path = tuple[str | int, ...]
HOLE: Final = "what is probed stands here"

NO_AMOUNTS: Final[Mapping[str, str]] = {
    "a bool": "true",
    "a string": '"5"',
    "a decimal string": '"5.00"',
    "an empty string": '""',
    "a string in spaces": '" 5 "',
    "a string with an underscore": '"1_000"',
    "a string with a comma": '"1,000"',
    "digits of another script": '"\u0665"',
    "a string of an exponent": '"1e2"',
    "a float": "5.5",
    "a whole float": "5.0",
    "more decimals than any currency has": "5.00001",
    "an exponent": "1e2",
    "an exponent below zero": "500E-2",
    "an underscore": "1_000",
    "a sign": "+5",
    "a leading zero": "05",
    "hexadecimal": "0x10",
    "less than nothing": "-5",
    "one more than the most": str(MAX_MINOR_UNITS + 1),
    "2^63": str(2**63),
    "10^30": str(10**30),
    "5,000 digits": "9" * 5_000,
    "a huge exponent": "1e999",
    "not a number": "NaN",
    "infinity": "Infinity",
    "infinity below zero": "-Infinity",
    "a list": "[5]",
    "an object": '{"amount": 5}',
    "nothing there": "",
}
NOTHING: Final[Mapping[str, str]] = {"zero": "0", "zero below zero": "-0"}
"""Refused where an amount of nothing has no meaning."""
NO_CURRENCIES: Final[Mapping[str, str]] = {
    "unknown": '"XXX"',
    "of the past": '"DEM"',
    "in lower case": '"usd"',
    "in mixed case": '"Usd"',
    "in spaces": '" USD"',
    "with a line end": '"USD\\n"',
    "too short": '"US"',
    "too long": '"USDT"',
    "in wide letters": '"\uff35\uff33\uff24"',
    "a number": "840",
    "a bool": "true",
    "a list": '["USD"]',
    "nothing": "null",
    "empty": '""',
}
NO_QUERIES: Final = (
    "true", "5.5", "5.0", "1e2", " 5", "5 ", "1_000", "+5", "0x10", "\u0665", "NaN", "Infinity", str(2**63),
    str(10**30), "-",
)  # fmt: skip


@dataclass(frozen=True)
class Field:
    """A member of a body, by its path; `0` stands for an element of a list."""

    path: Path
    schema: Mapping[str, Any]
    is_nullable: bool

    @property
    def is_amount(self) -> bool:
        return self.schema.get("type") == "integer" and self.schema.get("maximum") == MAX_MINOR_UNITS

    @property
    def is_currency(self) -> bool:
        return self.schema.get("pattern") == "^[A-Z]{3}$"

    def probes(self) -> Iterator[tuple[str, str]]:
        yield from (NO_AMOUNTS if self.is_amount else NO_CURRENCIES).items()
        if self.is_amount and self.schema.get("minimum") != 0:
            yield from NOTHING.items()
        if self.is_amount and not self.is_nullable:
            yield "null", "null"


def fields_of(schema: Mapping[str, Any], path: Path = (), *, is_nullable: bool = False) -> Iterator[Field]:
    """Walk through a schema to everything in it that is no object and no list."""
    schema = resolved(schema)
    choices = [resolved(each) for kind in ("anyOf", "oneOf", "allOf") for each in schema.get(kind, ())]
    can_be_null = any(each.get("type") == "null" for each in choices)
    for each in choices:
        yield from fields_of(each, path, is_nullable=can_be_null)
    for name, member in schema.get("properties", {}).items():
        yield from fields_of(member, (*path, name))
    if schema.get("type") == "array":
        yield from fields_of(schema["items"], (*path, 0))
    if not choices and "properties" not in schema and schema.get("type") not in {"array", "null"}:
        yield Field(path, schema, is_nullable)


def resolved(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" not in schema:
        return schema
    found: Mapping[str, Any] = DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return found


def described(operation: Operation) -> Mapping[str, Any]:
    found: Mapping[str, Any] = DOCUMENT["paths"].get(operation.path, {}).get(operation.method.lower(), {})
    return found


def body_fields(operation: Operation) -> Sequence[Field]:
    content = described(operation).get("requestBody", {}).get("content", {})
    found = list(fields_of(content["application/json"]["schema"])) if "application/json" in content else []
    return found if any(field.is_amount for field in found) else []


def query_integers(operation: Operation) -> Sequence[str]:
    # All of them, amounts or not: there is one way to read a whole number.
    return [
        parameter["name"]
        for parameter in described(operation).get("parameters", ())
        if parameter["in"] == "query"
        and any(field.schema.get("type") == "integer" for field in fields_of(parameter["schema"]))
    ]


OPERATIONS: Final = [each for each in operations(API.routes) if body_fields(each)]
QUERIES: Final = [each for each in operations(API.routes) if query_integers(each)]


def name_of(operation: Operation) -> str:
    return f"{operation.method} {operation.path}"


def test_no_amount_is_declared_in_another_way() -> None:
    assert OPERATIONS
    for operation in operations(API.routes):
        content = described(operation).get("requestBody", {}).get("content", {})
        for kind in content:
            for field in fields_of(content[kind]["schema"]):
                name = str(field.path[-1]) if field.path else ""
                is_money = name.endswith("amount") or name in {"price", "fee", "total", "threshold"}
                assert field.is_amount or not is_money, f"{operation.name} takes {name}, not as an Amount"


@pytest.mark.parametrize("operation", OPERATIONS, ids=name_of)
async def test_whatever_is_no_amount_is_refused_and_changes_nothing(
    client: httpx.AsyncClient,
    world: World,
    operation: Operation,
    record_property: Callable[[str, object], None],
) -> None:
    role = next(iter(TABLE[operation.permission])) if operation.permission else None
    assert role is not None
    actor = await prepared(world, role, operation.name)
    named = {
        name: OF_THE_DEPLOYMENT.get(name) or await thing(world, actor, name, operation=operation.name)
        for name in parameters_of(operation)
    }
    request = asked(operation, named, CHANGES.get(operation.name, {}))
    before, count = await fingerprint(world), 0
    for field in body_fields(operation):
        if not (field.is_amount or field.is_currency):
            continue
        written = json.dumps(with_hole(request.body, field.path))
        member = f"{json.dumps(field.path[-1])}: {json.dumps(HOLE)}"
        assert written.count(member) == 1, f"{field.path} of {operation.name} is not in {written}"
        twice = written.replace(member, f"{json.dumps(field.path[-1])}: 5, {json.dumps(field.path[-1])}: 5")
        probes = [
            *((what, written.replace(json.dumps(HOLE), value)) for what, value in field.probes()),
            ("a key twice", twice),
        ]
        for what, body in probes:
            headers = {**actor.headers, "Idempotency-Key": token_hex(8), "Content-Type": "application/json"}
            answer = await client.request(request.method, request.path, headers=headers, content=body)
            said = f"{what} as {field.path} of {operation.name}: {answer.status_code} {answer.text[:300]}"
            assert 400 <= answer.status_code < 500, said
            assert answer.headers["content-type"] == "application/problem+json", said
            assert names_it(answer.json(), field), said
            count += 1
    assert await fingerprint(world) == before
    record_property("money inputs refused", count)


async def test_whatever_is_no_whole_number_is_refused_in_a_query(
    client: httpx.AsyncClient, world: World
) -> None:
    assert {"amount_min", "limit"} <= {name for it in QUERIES for name in query_integers(it)}
    for operation in QUERIES:
        assert operation.permission is not None
        assert operation.method in SAFE
        reaches = TABLE[operation.permission]
        # Whose reach is everybody's may ask about all there is.
        role = next((it for it, reach in reaches.items() if reach is Reach.ANY), next(iter(reaches)))
        actor = await prepared(world, role, operation.name)
        named = {
            name: await thing(world, actor, name, operation=operation.name)
            for name in parameters_of(operation)
        }
        path = operation.path.format_map(named)
        for name, value in product(query_integers(operation), NO_QUERIES):
            answer = await client.get(path, headers=actor.headers, params={name: value})
            said = f"{name}={value} of {operation.name}: {answer.text[:300]}"
            assert (answer.status_code, answer.json()["code"]) == (422, "validation_failed"), said


def with_hole(body: Any, path: Path) -> Any:
    """Return a body in which the member of a path is the hole; what leads there is made where it lacks."""
    if not path:
        return HOLE
    head, *rest = path
    if isinstance(head, int):
        elements = list(body) if body else [{}]
        return [with_hole(elements[0], tuple(rest)), *elements[1:]]
    return {**(body or {}), head: with_hole((body or {}).get(head), tuple(rest))}


def names_it(problem: Mapping[str, Any], field: Field) -> bool:
    """Answer whether a problem is about the field, or about JSON that cannot be read at all."""
    if problem["code"] in {"json_invalid", "json_duplicate_key", "currency_unknown"}:
        return True
    pointers = [error["pointer"].split("/") for error in problem.get("errors", ())]
    return any(str(field.path[-1]) in pointer for pointer in pointers)


async def fingerprint(world: World) -> Mapping[str, str | None]:
    """Return a digest of every row of every table."""
    async with transaction(world.engine) as session:
        ours = "schemaname IN ('public', 'vault')"
        names = (
            await session.execute(text(f"SELECT schemaname || '.' || tablename FROM pg_tables WHERE {ours}"))  # noqa: S608
        ).scalars()
        whole = " UNION ALL ".join(
            f"SELECT '{name}', md5(string_agg(row::text, '' ORDER BY row::text)) FROM {name} AS row"  # noqa: S608
            for name in sorted(names)
        )
        # In no certain order: the server may look into several tables at once.
        return {row[0]: row[1] for row in await session.execute(text(whole))}
