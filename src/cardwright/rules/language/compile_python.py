"""Checked conditions to one Python function: a transaction costs one call, however many rules there are."""

import ast
from collections.abc import Callable, Mapping, Sequence
from functools import singledispatch
from typing import Any, Final, TypeAlias

from cardwright.rules.language import syntax
from cardwright.rules.language.arithmetic import quotient, remainder
from cardwright.rules.language.catalogue import Field
from cardwright.rules.language.checker import Checked
from cardwright.rules.language.interpreter import Facts

Matcher: TypeAlias = Callable[[Facts], int]
"""Answers which conditions hold: bit 0 is the first condition."""

_FRAME: Final = "def matches(facts):\n    hits = 0\n    return hits\n"
_COMPARISONS: Final[Mapping[str, type[ast.cmpop]]] = {
    "==": ast.Eq,
    "!=": ast.NotEq,
    "<": ast.Lt,
    "<=": ast.LtE,
    ">": ast.Gt,
    ">=": ast.GtE,
}
_OPERATORS: Final[Mapping[str, type[ast.operator]]] = {"+": ast.Add, "-": ast.Sub, "*": ast.Mult}
_DIVISIONS: Final[Mapping[str, Callable[[int, int], int]]] = {"/": quotient, "%": remainder}
_METHODS: Final = {"startsWith": "startswith", "endsWith": "endswith"}

Locals: TypeAlias = Mapping[str, str]


def compile_conditions(conditions: Sequence[Checked]) -> Matcher:
    """Return a function from facts, which must hold every required field, to the bits of what holds."""
    fields = {field.name: field for condition in conditions for field in condition.fields}
    names = {name: f"f{index}" for index, name in enumerate(sorted(fields))}
    module = ast.parse(_FRAME)
    function = module.body[0]
    assert isinstance(function, ast.FunctionDef)  # noqa: S101 - the frame above is one function
    function.body[1:1] = [
        *(_load(fields[name], local) for name, local in names.items()),
        *(_test(condition, 1 << index, names) for index, condition in enumerate(conditions)),
    ]
    code = compile(ast.fix_missing_locations(module), "<rulebook>", "exec")
    namespace: dict[str, Any] = {
        "__builtins__": {},
        **{function.__name__: function for function in _DIVISIONS.values()},
    }
    # Safe: nothing an author wrote is ever read as Python. The code comes from syntax nodes built below, in
    # which the author's texts and numbers are constants and fields are locals named by their position.
    exec(code, namespace)  # noqa: S102
    matches: Matcher = namespace["matches"]
    return matches


def _load(field: Field, local: str) -> ast.stmt:
    facts, key = ast.Name("facts", ast.Load()), ast.Constant(field.name)
    value: ast.expr = ast.Subscript(facts, key, ast.Load())
    if field.is_optional:
        value = ast.Call(ast.Attribute(facts, "get", ast.Load()), [key], [])
    return ast.Assign([ast.Name(local, ast.Store())], value)


def _test(condition: Checked, bit: int, names: Locals) -> ast.stmt:
    mark = ast.AugAssign(ast.Name("hits", ast.Store()), ast.BitOr(), ast.Constant(bit))
    return ast.If(_expression(condition.tree, names), [mark], [])


@singledispatch
def _expression(node: Any, names: Locals) -> ast.expr:
    raise TypeError(f"not a node: {node!r} with {names!r}")


@_expression.register
def _(node: syntax.Literal, names: Locals) -> ast.expr:
    del names
    return ast.Constant(node.value)


@_expression.register
def _(node: syntax.FieldReference, names: Locals) -> ast.expr:
    return ast.Name(names[node.name], ast.Load())


@_expression.register
def _(node: syntax.Has, names: Locals) -> ast.expr:
    return ast.Compare(_expression(node.field, names), [ast.IsNot()], [ast.Constant(None)])


@_expression.register
def _(node: syntax.Not, names: Locals) -> ast.expr:
    return ast.UnaryOp(ast.Not(), _expression(node.operand, names))


@_expression.register
def _(node: syntax.Negation, names: Locals) -> ast.expr:
    return ast.UnaryOp(ast.USub(), _expression(node.operand, names))


@_expression.register
def _(node: syntax.Logical, names: Locals) -> ast.expr:
    operator: ast.boolop = ast.And() if node.operator == "&&" else ast.Or()
    return ast.BoolOp(operator, [_expression(operand, names) for operand in node.operands])


@_expression.register
def _(node: syntax.Comparison, names: Locals) -> ast.expr:
    operator = _COMPARISONS[node.operator]()
    return ast.Compare(_expression(node.left, names), [operator], [_expression(node.right, names)])


@_expression.register
def _(node: syntax.Membership, names: Locals) -> ast.expr:
    # A frozen set, so that the cost of a test does not grow with the list.
    options: Any = frozenset(option.value for option in node.options)
    return ast.Compare(_expression(node.item, names), [ast.In()], [ast.Constant(options)])


@_expression.register
def _(node: syntax.Arithmetic, names: Locals) -> ast.expr:
    left, right = _expression(node.left, names), _expression(node.right, names)
    if node.operator in _DIVISIONS:
        return ast.Call(ast.Name(_DIVISIONS[node.operator].__name__, ast.Load()), [left, right], [])
    return ast.BinOp(left, _OPERATORS[node.operator](), right)


@_expression.register
def _(node: syntax.TextTest, names: Locals) -> ast.expr:
    target, argument = _expression(node.target, names), ast.Constant(node.argument.value)
    if node.test == "contains":
        return ast.Compare(argument, [ast.In()], [target])
    return ast.Call(ast.Attribute(target, _METHODS[node.test], ast.Load()), [argument], [])


@_expression.register
def _(node: syntax.Conditional, names: Locals) -> ast.expr:
    parts = (_expression(part, names) for part in (node.condition, node.then, node.otherwise))
    return ast.IfExp(*parts)
