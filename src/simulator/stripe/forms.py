"""Bracketed form encoding: `a[b][0][c]=v` becomes nested dictionaries of strings."""

import re
from typing import Any
from urllib.parse import parse_qsl

from simulator.stripe.errors import StripeError

_NAME = re.compile(r"^([^\[\]]+)((?:\[[^\[\]]*\])*)$")
_PART = re.compile(r"\[([^\[\]]*)\]")


def parse_form(encoded: str) -> dict[str, Any]:
    """Parse a form body or a query; list members stay keyed by their index, `a[]` gets the next one."""
    root: dict[str, Any] = {}
    for name, value in parse_qsl(encoded, keep_blank_values=True):
        _set(root, _split(name), value, name)
    return root


def _split(name: str) -> list[str]:
    match = _NAME.match(name)
    if match is None:
        raise StripeError(f"Invalid parameter name: {name}", param=name)
    return [match.group(1), *_PART.findall(match.group(2))]


def _set(root: dict[str, Any], parts: list[str], value: str, name: str) -> None:
    node = root
    for part in parts[:-1]:
        child = node.setdefault(part or str(len(node)), {})
        if not isinstance(child, dict):
            raise StripeError(f"Parameter given both as a value and as an object: {name}", param=name)
        node = child
    node[parts[-1] or str(len(node))] = value
