"""The meaning of the language, node by node: explanations use it, and it is what compiled code must equal."""

import operator
from collections.abc import Callable, Mapping
from functools import singledispatch
from typing import Any, Final

from cardwright.rules.language import syntax
from cardwright.rules.language.arithmetic import OPERATIONS
from cardwright.rules.language.syntax import Node, Value
from cardwright.rules.language.types import FactValue

Facts = Mapping[str, FactValue]

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
}


def interpret(node: Node, facts: Facts) -> Value:
    """Return the value of a checked node; raise LookupError when it reads a field that has no value.

    A whole checked condition never raises it: the checker saw to it that has() is asked first.
    """
    value: Value = _value(node, facts)
    return value


@singledispatch
def _value(node: Any, facts: Facts) -> Any:
    raise TypeError(f"not a node: {node!r} with {facts!r}")


@_value.register
def _(node: syntax.Literal, facts: Facts) -> Value:
    del facts
    return node.value


@_value.register
def _(node: syntax.FieldReference, facts: Facts) -> Value:
    value = facts.get(node.name)
    if value is None:
        raise LookupError(node.name)
    return value


@_value.register
def _(node: syntax.Has, facts: Facts) -> bool:
    return facts.get(node.field.name) is not None


@_value.register
def _(node: syntax.Not, facts: Facts) -> bool:
    return not _value(node.operand, facts)


@_value.register
def _(node: syntax.Negation, facts: Facts) -> int:
    negated: int = -_value(node.operand, facts)
    return negated


@_value.register
def _(node: syntax.Logical, facts: Facts) -> bool:
    outcomes = (_value(operand, facts) for operand in node.operands)
    return all(outcomes) if node.operator == "&&" else any(outcomes)


@_value.register
def _(node: syntax.Comparison, facts: Facts) -> bool:
    return _COMPARISONS[node.operator](_value(node.left, facts), _value(node.right, facts))


@_value.register
def _(node: syntax.Membership, facts: Facts) -> bool:
    item = _value(node.item, facts)
    return any(item == option.value for option in node.options)


@_value.register
def _(node: syntax.Arithmetic, facts: Facts) -> int:
    return OPERATIONS[node.operator](_value(node.left, facts), _value(node.right, facts))


@_value.register
def _(node: syntax.TextTest, facts: Facts) -> bool:
    return _TEXT_TESTS[node.test](_value(node.target, facts), str(node.argument.value))


@_value.register
def _(node: syntax.Conditional, facts: Facts) -> Value:
    chosen = node.then if _value(node.condition, facts) else node.otherwise
    value: Value = _value(chosen, facts)
    return value
