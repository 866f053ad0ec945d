"""Judges recorded traffic against Stripe's published schema."""

import json
import re
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

import stripe_sdk_types
from running_stripe import Exchange
from simulator.stripe.forms import parse_form

_ROOT = "urn:stripe"
_FORM = "application/x-www-form-urlencoded"
_NOT_IN_THE_SCHEMA = re.compile(r"/v1/issuing/cards/[^/]+/test/authorizations$")
# The schema has what a file is, and not how one is uploaded.
_FILES = re.compile(r"/v1/files(/|$)")
_OWN_BROWSER_PARAMETER = "client_secret"
OK = 200


class Conformance:
    """The schema, ready to judge; every method returns a list of problems, empty when all is well."""

    def __init__(self, path: Path) -> None:
        self._spec = json.loads(path.read_text(encoding="utf-8"))
        document = _as_json_schema({"components": self._spec["components"]})
        resource = Resource.from_contents(document, default_specification=DRAFT202012)
        self._registry: Registry[Any] = Registry().with_resource(_ROOT, resource)
        self._paths = [
            (re.compile("^" + re.sub(r"{\w+}", "[^/]+", path) + "$"), path)
            for path in sorted(self._spec["paths"], key=lambda path: path.count("{"))
        ]

    def problems(self, exchange: Exchange) -> list[str]:
        """Judge an exchange: requests that the simulator refused may be as wrong as their test made them."""
        if _NOT_IN_THE_SCHEMA.search(exchange.path):
            return []
        label = f"{exchange.method} {exchange.path} -> {exchange.status}"
        if exchange.status != OK:
            return [f"{label}: {text}" for text in self._validate(_reference("error"), exchange.body)]
        if _FILES.match(exchange.path):
            return [f"{label}: {text}" for text in self._validate(_reference("file"), exchange.body)]
        operation = self._operation(exchange)
        described = stripe_sdk_types.find(exchange)
        if operation is None and described is not None:
            return [f"{label}: {text}" for text in stripe_sdk_types.problems(exchange, described)]
        if operation is None:
            return [f"{label}: not in the schema"]
        problems = self._request_problems(exchange, operation) + self._answer_problems(exchange, operation)
        return [f"{label}: {text}" for text in problems]

    def event_problems(self, event: dict[str, Any]) -> list[str]:
        """Judge a webhook's event and the object in it."""
        obj = event["data"]["object"]
        problems = self._validate(_reference("event"), event)
        if obj["object"] in self._spec["components"]["schemas"]:
            problems += self._validate(_reference(obj["object"]), obj)
        elif obj["object"] in stripe_sdk_types.OBJECTS:
            problems += stripe_sdk_types.object_problems(obj, stripe_sdk_types.OBJECTS[obj["object"]])
        return [f"event {event['type']}: {text}" for text in problems]

    def _operation(self, exchange: Exchange) -> dict[str, Any] | None:
        for pattern, path in self._paths:
            found: dict[str, Any] | None = self._spec["paths"][path].get(exchange.method.lower())
            if pattern.match(exchange.path) and found is not None:
                return found
        return None

    def _request_problems(self, exchange: Exchange, operation: dict[str, Any]) -> list[str]:
        if exchange.method == "POST":
            schema = operation["requestBody"]["content"][_FORM]["schema"]
            given = parse_form(exchange.form)
        else:
            queries = [param for param in operation.get("parameters", []) if param["in"] == "query"]
            properties = {param["name"]: param["schema"] for param in queries}
            schema = {"type": "object", "additionalProperties": False, "properties": properties}
            given = parse_form(exchange.query)
        given.pop(_OWN_BROWSER_PARAMETER, None)
        return [f"request: {text}" for text in self._validate(schema, self._coerced(given, schema))]

    def _answer_problems(self, exchange: Exchange, operation: dict[str, Any]) -> list[str]:
        if exchange.body.get("deleted"):
            # The schema describes the whole object also where only three members are left of it.
            return (
                []
                if set(exchange.body) == {"id", "object", "deleted"}
                else ["odd members of a deleted object"]
            )
        schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
        return [f"answer: {text}" for text in self._validate(schema, exchange.body)]

    def _validate(self, schema: dict[str, Any], instance: Any) -> list[str]:
        validator = Draft202012Validator(_as_json_schema(schema), registry=self._registry)
        return [
            f"{'.'.join(map(str, error.absolute_path))}: {error.message[:200]}"
            for error in validator.iter_errors(instance)
        ]

    def _coerced(self, value: Any, schema: dict[str, Any]) -> Any:
        """Give the strings of a form the types that the schema expects, where they can have them."""
        schema = self._resolved(schema)
        for choice in schema.get("anyOf", []):
            candidate = self._coerced(value, choice)
            if not self._validate(choice, candidate):
                return candidate
        if schema.get("type") == "array":
            return self._coerced_list(value, schema["items"])
        if schema.get("type") == "object" and isinstance(value, dict):
            properties = schema.get("properties", {})
            return {name: self._coerced(member, properties.get(name, {})) for name, member in value.items()}
        if schema.get("type") == "integer" and re.fullmatch(r"-?\d+", str(value)):
            return int(value)
        is_flag = schema.get("type") == "boolean" and value in ("true", "false")
        return value == "true" if is_flag else value

    def _coerced_list(self, value: Any, items: dict[str, Any]) -> Any:
        if value == "":
            # Everywhere in this API an empty string empties a list; the schema does not say so.
            return []
        if isinstance(value, dict):
            return [self._coerced(value[key], items) for key in sorted(value, key=int)]
        return value

    def _resolved(self, schema: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in schema:
            schema = self._spec["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return schema


def _reference(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def _as_json_schema(node: Any) -> Any:
    """Translate OpenAPI 3.0: "nullable" and references into the document."""
    if isinstance(node, list):
        return [_as_json_schema(member) for member in node]
    if not isinstance(node, dict):
        return node
    translated = {name: _as_json_schema(member) for name, member in node.items() if name != "nullable"}
    if isinstance(translated.get("$ref"), str):
        translated["$ref"] = _ROOT + translated["$ref"]
    choices = [translated]
    if "x-expandable-pruned" in node:
        # What expansion would show was cut out of the schema.
        choices.append({"type": "object"})
    if node.get("nullable") is True:
        choices.append({"type": "null"})
    return translated if len(choices) == 1 else {"anyOf": choices}
