"""JSON into models; members that a model does not have are left out, as newer servers send more."""

from dataclasses import fields, is_dataclass
from datetime import datetime
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

T = TypeVar("T")


def decoded(model: type[T], value: Any) -> T:
    """Return a model of decoded JSON; raise KeyError, TypeError or ValueError where it does not fit."""
    made: T = _decoded(model, value)
    return made


def _decoded(kind: Any, value: Any) -> Any:
    if get_origin(kind) is UnionType:
        (actual,) = (choice for choice in get_args(kind) if choice is not NoneType)
        return None if value is None else _decoded(actual, value)
    if get_origin(kind) is tuple:
        return tuple(_decoded(get_args(kind)[0], item) for item in value)
    if is_dataclass(kind):
        model: Any = kind
        return model(**{name: _decoded(of, value[name]) for name, of in _fields(model)})
    return datetime.fromisoformat(value) if kind is datetime else value


def as_json(value: Any) -> Any:
    """Return a model as JSON has it, from which `decoded` makes the same again."""
    if is_dataclass(value):
        return {field.name: as_json(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, list | tuple):
        return [as_json(it) for it in value]
    return value.isoformat() if isinstance(value, datetime) else value


@cache
def _fields(model: Any) -> tuple[tuple[str, Any], ...]:
    hints = get_type_hints(model)
    return tuple((field.name, hints[field.name]) for field in fields(model))
