"""Writes what the mobile app takes over from elsewhere: its models, from openapi.json, and its colours."""

import json
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[1]
APP: Final = ROOT / "mobile" / "cardwright_mobile"
OPERATIONS: Final = {
    "models": (
        "get_me", "get_wallet", "list_cards", "get_card", "freeze_card", "unfreeze_card", "list_card_limits",
        "list_payments", "get_payment", "list_card_templates", "create_card",
    ),
    "answer_models": ("list_challenges", "list_payment_questions", "list_disputes", "open_dispute"),
    "card_models": (
        "grant_reveal", "reveal_number", "get_card_controls", "allow_merchant", "list_merchants",
    ),
    "money_models": ("create_top_up", "list_payment_methods"),
    "person_models": (
        "list_sessions", "list_connections", "list_factors", "get_identity_standing",
        "request_identity_verification", "list_my_identity_documents", "list_notifications", "count_unread",
    ),
}  # fmt: skip
"""What the app calls, by the module that the models of their answers stand in."""
_HEAD: Final = '''"""What the API answers; written by `make mobile-client` from openapi.json, never by hand.

Enumerations are plain strings: an app that is older than its server must not stumble over a new word.
"""

'''
_PLAIN: Final = {"integer": "int", "string": "str", "boolean": "bool", "number": "int"}


def written() -> dict[Path, str]:
    """Return every file that this writes, with its text."""
    document = json.loads((ROOT / "openapi.json").read_text())
    return {
        **{APP / "api" / f"{name}.py": _models(document, called) for name, called in OPERATIONS.items()},
        APP / "design" / "tokens.json": (ROOT / "web" / "design" / "tokens.json").read_text(),
    }


def _models(document: Any, called: Iterable[str]) -> str:
    schemas = document["components"]["schemas"]
    operations = {o["operationId"]: o for path in document["paths"].values() for o in path.values()}
    names: list[str] = []
    for operation in called:
        for status, answer in operations[operation]["responses"].items():
            if status.startswith("2"):
                _collect(answer, schemas, names)
    models = "".join(_model(name, schemas[name]) for name in names if "properties" in schemas[name])
    return _HEAD + _imports(models) + models


def _imports(models: str) -> str:
    lines = ["from dataclasses import dataclass"]
    if "datetime" in models:
        lines.append("from datetime import datetime")
    if "Any" in models:
        lines.append("from typing import Any")
    return "".join(f"{line}\n" for line in lines)


def _collect(node: Any, schemas: Any, names: list[str]) -> None:
    # What a model holds stands before it.
    for reference in _references(node):
        if reference not in names:
            _collect(schemas[reference], schemas, names)
            names.append(reference)


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"].rsplit("/", 1)[1]
        for key, value in node.items():
            # Of a choice of models the first is what cardholders are shown, the others what staff are.
            yield from _references(_first_choice(value) if key == "anyOf" else value)
    elif isinstance(node, list):
        for item in node:
            yield from _references(item)


def _first_choice(choices: list[Any]) -> list[Any]:
    return [choice for choice in choices if choice != {"type": "null"}][:1]


def _model(name: str, schema: Any) -> str:
    fields = "".join(f"    {field}: {_type(told)}\n" for field, told in schema["properties"].items())
    doc = schema.get("description", "A page of a list.").splitlines()[0]
    return f'\n\n@dataclass(frozen=True, slots=True)\nclass {_class(name)}:\n    """{doc}"""\n\n{fields}'


def _class(name: str) -> str:
    return re.sub(r"\W|_", "", name.rsplit("__", 1)[-1])


def _type(told: Any) -> str:
    if "anyOf" in told:
        return f"{_type(_first_choice(told['anyOf'])[0])} | None"
    if "$ref" in told:
        name = told["$ref"].rsplit("/", 1)[1]
        return _class(name) if name in _with_fields() else "str"
    if told["type"] == "array":
        return f"tuple[{_type(told['items'])}, ...]"
    if told["type"] == "object":
        return "dict[str, Any]"
    return "datetime" if told.get("format") == "date-time" else _PLAIN[told["type"]]


def _with_fields() -> set[str]:
    schemas = json.loads((ROOT / "openapi.json").read_text())["components"]["schemas"]
    return {name for name, schema in schemas.items() if "properties" in schema}


def main() -> None:
    """Write what is to be written."""
    for path, text in written().items():
        path.write_text(text)
        sys.stdout.write(f"{path.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()
