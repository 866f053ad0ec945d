"""Values of dataclasses as plain JSON values."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any


def plain(value: Any) -> Any:
    """Return dataclasses as objects and sequences as lists, at any depth; whatever else as it is.

    What `dataclasses.asdict` returns, without a copy of every text and number, which takes most of its time.

    >>> from cardwright.core.money import Money
    >>> plain({"paid": (Money(5, "USD"),)})
    {'paid': [{'amount': 5, 'currency': 'USD'}]}
    """
    if is_dataclass(value) and not isinstance(value, type):
        return {name: plain(getattr(value, name)) for name in _names(type(value))}
    if isinstance(value, Mapping):
        return {name: plain(each) for name, each in value.items()}
    return [plain(each) for each in value] if isinstance(value, list | tuple) else value


@cache
def _names(of: type[Any]) -> tuple[str, ...]:
    return tuple(it.name for it in fields(of))
