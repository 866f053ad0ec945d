"""The meaning of the language, node by node: explanations use it, and it is what compiled code must equal."""

import operator
from collections.abc import Callable, Mapping
from functools import singledispatch
from types import MappingProxyType
from typing import Any, Final

from cardwright.rules.language import syntax
from cardwright.rules.language.arithmetic import OPERATIONS
from cardwright.rules.language.patterns import finds
from cardwright.rules.language.syntax import Node, Value
from cardwright.rules.language.types import FactValue

Facts = Mapping[str, FactValue]
Lists = Mapping[str, frozenset[int] | frozenset[str]]
"""What the named lists hold, by their full names."""

NO_LISTS: Final[Lists] = MappingProxyType({})

_COMPARISONS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_TEXT_TESTS: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "startsWith": str.startswith,
    "endsWith": str.endswith,
    "contains": operator.contains,
    "matches": lambda text, pattern: finds(text, pattern) is True,
}


def interpret(node: Node, facts: Facts, lists: Lists = NO_LISTS) -> Value:
    """Return the value of a checked node; raise LookupError when it reads a field that has no value.

    A whole checked condition never raises it: the checker saw to it that has() is asked first.
    """
    value: Value = _value(node, facts, lists)
    return value


@singledispatch
def _value(node: Any, facts: Facts, lists: Lists) -> Any:
    raise TypeError(f"not a node: {node!r} with {facts!r} and {lists!r}")


@_value.register
def _(node: syntax.Literal, facts: Facts, lists: Lists) -> Value:
    del facts, lists
    return node.value


@_value.register
def _(node: syntax.FieldReference, facts: Facts, lists: Lists) -> Value:
    del lists
    value = facts.get(node.name)
    if value is None:
        raise LookupError(node.name)
    return value


@_value.register
def _(node: syntax.Has, facts: Facts, lists: Lists) -> bool:
    del lists
    return facts.get(node.field.name) is not None


@_value.register
def _(node: syntax.Not, facts: Facts, lists: Lists) -> bool:
    return not _value(node.operand, facts, lists)


@_value.register
def _(node: syntax.Negation, facts: Facts, lists: Lists) -> int:
    negated: int = -_value(node.operand, facts, lists)
    return negated


@_value.register
def _(node: syntax.Logical, facts: Facts, lists: Lists) -> bool:
    outcomes = (_value(operand, facts, lists) for operand in node.operands)
    return all(outcomes) if node.operator == "&&" else any(outcomes)


@_value.register
def _(node: syntax.Comparison, facts: Facts, lists: Lists) -> bool:
    return _COMPARISONS[node.operator](_value(node.left, facts, lists), _value(node.right, facts, lists))


@_value.register
def _(node: syntax.Membership, facts: Facts, lists: Lists) -> bool:
    item = _value(node.item, facts, lists)
    return any(item == option.value for option in node.options)


@_value.register
def _(node: syntax.ListMembership, facts: Facts, lists: Lists) -> bool:
    return _value(node.item, facts, lists) in lists[node.list.name]


@_value.register
def _(node: syntax.Arithmetic, facts: Facts, lists: Lists) -> int:
    return OPERATIONS[node.operator](_value(node.left, facts, lists), _value(node.right, facts, lists))


@_value.register
def _(node: syntax.TextTest, facts: Facts, lists: Lists) -> bool:
    return _TEXT_TESTS[node.test](_value(node.target, facts, lists), str(node.argument.value))


@_value.register
def _(node: syntax.Conditional, facts: Facts, lists: Lists) -> Value:
    chosen = node.then if _value(node.condition, facts, lists) else node.otherwise
    value: Value = _value(chosen, facts, lists)
    return value
