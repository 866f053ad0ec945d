"""Checked conditions to one Python function: a transaction costs one call, however many rules there are."""

import ast
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import singledispatch
from typing import Any, Final, Protocol

from cardwright.rules.language import syntax
from cardwright.rules.language.arithmetic import quotient, remainder
from cardwright.rules.language.catalogue import Field
from cardwright.rules.language.checker import Checked
from cardwright.rules.language.interpreter import NO_LISTS, Facts, Lists
from cardwright.rules.language.patterns import batches, finder, searcher


class Matcher(Protocol):
    """Answers which conditions hold: bit 0 is the first condition."""

    def __call__(self, facts: Facts, lists: Lists = NO_LISTS, /) -> int:
        """Return the bits; `facts` and `lists` hold all that is required."""
        ...


_FRAME: Final = "def matches(facts, lists={}):\n    hits = 0\n    return hits\n"
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


@dataclass(frozen=True, slots=True)
class _Search:
    """Patterns that are looked for in a field in one pass, before all conditions."""

    field: Field
    patterns: Sequence[str]
    number: int

    @property
    def found(self) -> str:
        """The local that holds the positions of those that fit."""
        return f"found{self.number}"

    @property
    def function(self) -> str:
        """The global that searches."""
        return f"search{self.number}"


@dataclass(slots=True)
class _Names:
    """What stands for what in the generated code: locals for fields and lists, globals for patterns."""

    locals: Mapping[str, str]
    searched: Mapping[tuple[str, str], tuple[str, int]]
    finders: dict[str, str] = field(default_factory=dict)

    def finder(self, pattern: str) -> str:
        """Return the name of the function that looks for the pattern."""
        return self.finders.setdefault(pattern, f"finds{len(self.finders)}")


def compile_conditions(conditions: Sequence[Checked]) -> Matcher:
    """Return one function for all conditions."""
    fields = {field.name: field for condition in conditions for field in condition.fields}
    lists = {each.name for condition in conditions for each in condition.lists}
    searches = _searches(conditions, fields)
    names = _Names(
        {name: f"v{index}" for index, name in enumerate(sorted({*fields, *lists}))},
        {
            (search.field.name, pattern): (search.found, position)
            for search in searches
            for position, pattern in enumerate(search.patterns)
        },
    )
    module = ast.parse(_FRAME)
    function = module.body[0]
    assert isinstance(function, ast.FunctionDef)  # noqa: S101 - the frame above is one function
    function.body[1:1] = [
        *(_load(fields.get(name), name, local) for name, local in names.locals.items()),
        *(_search(search, names) for search in searches),
        *(_test(condition, 1 << index, names) for index, condition in enumerate(conditions)),
    ]
    code = compile(ast.fix_missing_locations(module), "<rulebook>", "exec")
    namespace: dict[str, Any] = {
        "__builtins__": {},
        **{function.__name__: function for function in _DIVISIONS.values()},
        **{name: finder(pattern) for pattern, name in names.finders.items()},
        **{search.function: searcher(search.patterns) for search in searches},
    }
    # Safe: nothing an author wrote is ever read as Python. The code comes from syntax nodes built below, in
    # which the author's texts and numbers are constants and the rest are names that end in a position.
    exec(code, namespace)  # noqa: S102
    matches: Matcher = namespace["matches"]
    return matches


def _load(field: Field | None, name: str, local: str) -> ast.stmt:
    source, key = ast.Name("facts" if field else "lists", ast.Load()), ast.Constant(name)
    value: ast.expr = ast.Subscript(source, key, ast.Load())
    if field and field.is_optional:
        value = ast.Call(ast.Attribute(source, "get", ast.Load()), [key], [])
    return ast.Assign([ast.Name(local, ast.Store())], value)


def _searches(conditions: Sequence[Checked], fields: Mapping[str, Field]) -> Sequence[_Search]:
    """Return what is looked for in one pass: matching costs more than all else, and a field has one text."""
    asked: defaultdict[str, list[str]] = defaultdict(list)
    for condition in conditions:
        for node in syntax.walk(condition.tree):
            match node:
                case syntax.TextTest(test="matches", target=syntax.FieldReference(name=name)):
                    asked[name].append(str(node.argument.value))
    together = [
        (fields[name], batch)
        for name, patterns in asked.items()
        if len(patterns) > 1
        for batch in batches(list(dict.fromkeys(patterns)))
    ]
    return [_Search(field, batch, number) for number, (field, batch) in enumerate(together)]


def _search(search: _Search, names: _Names) -> ast.stmt:
    value = ast.Name(names.locals[search.field.name], ast.Load())
    found: ast.expr = ast.Call(ast.Name(search.function, ast.Load()), [value], [])
    if search.field.is_optional:
        # Whoever reads it has asked has(), but what is done once is done before.
        is_there = ast.Compare(value, [ast.IsNot()], [ast.Constant(None)])
        found = ast.IfExp(is_there, found, ast.Tuple([], ast.Load()))
    return ast.Assign([ast.Name(search.found, ast.Store())], found)


def _test(condition: Checked, bit: int, names: _Names) -> ast.stmt:
    mark = ast.AugAssign(ast.Name("hits", ast.Store()), ast.BitOr(), ast.Constant(bit))
    return ast.If(_expression(condition.tree, names), [mark], [])


@singledispatch
def _expression(node: Any, names: _Names) -> ast.expr:
    raise TypeError(f"not a node: {node!r} with {names!r}")


@_expression.register
def _(node: syntax.Literal, names: _Names) -> ast.expr:
    del names
    return ast.Constant(node.value)


@_expression.register
def _(node: syntax.FieldReference, names: _Names) -> ast.expr:
    return ast.Name(names.locals[node.name], ast.Load())


@_expression.register
def _(node: syntax.Has, names: _Names) -> ast.expr:
    return ast.Compare(_expression(node.field, names), [ast.IsNot()], [ast.Constant(None)])


@_expression.register
def _(node: syntax.Not, names: _Names) -> ast.expr:
    return ast.UnaryOp(ast.Not(), _expression(node.operand, names))


@_expression.register
def _(node: syntax.Negation, names: _Names) -> ast.expr:
    return ast.UnaryOp(ast.USub(), _expression(node.operand, names))


@_expression.register
def _(node: syntax.Logical, names: _Names) -> ast.expr:
    operator: ast.boolop = ast.And() if node.operator == "&&" else ast.Or()
    return ast.BoolOp(operator, [_expression(operand, names) for operand in node.operands])


@_expression.register
def _(node: syntax.Comparison, names: _Names) -> ast.expr:
    operator = _COMPARISONS[node.operator]()
    return ast.Compare(_expression(node.left, names), [operator], [_expression(node.right, names)])


@_expression.register
def _(node: syntax.Membership, names: _Names) -> ast.expr:
    # A frozen set, so that the cost of a test does not grow with the list.
    options: Any = frozenset(option.value for option in node.options)
    return ast.Compare(_expression(node.item, names), [ast.In()], [ast.Constant(options)])


@_expression.register
def _(node: syntax.ListMembership, names: _Names) -> ast.expr:
    entries = ast.Name(names.locals[node.list.name], ast.Load())
    return ast.Compare(_expression(node.item, names), [ast.In()], [entries])


@_expression.register
def _(node: syntax.Arithmetic, names: _Names) -> ast.expr:
    left, right = _expression(node.left, names), _expression(node.right, names)
    if node.operator in _DIVISIONS:
        return ast.Call(ast.Name(_DIVISIONS[node.operator].__name__, ast.Load()), [left, right], [])
    return ast.BinOp(left, _OPERATORS[node.operator](), right)


@_expression.register
def _(node: syntax.TextTest, names: _Names) -> ast.expr:
    target, argument = _expression(node.target, names), ast.Constant(node.argument.value)
    if node.test == "matches":
        name = node.target.name if isinstance(node.target, syntax.FieldReference) else ""
        searched = names.searched.get((name, str(node.argument.value)))
        if searched is not None:
            found, position = searched
            return ast.Compare(ast.Constant(position), [ast.In()], [ast.Name(found, ast.Load())])
        return ast.Call(ast.Name(names.finder(str(node.argument.value)), ast.Load()), [target], [])
    if node.test == "contains":
        return ast.Compare(argument, [ast.In()], [target])
    return ast.Call(ast.Attribute(target, _METHODS[node.test], ast.Load()), [argument], [])


@_expression.register
def _(node: syntax.Conditional, names: _Names) -> ast.expr:
    parts = (_expression(part, names) for part in (node.condition, node.then, node.otherwise))
    return ast.IfExp(*parts)
