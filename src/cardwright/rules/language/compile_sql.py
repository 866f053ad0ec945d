"""Checked conditions to SQL over columns named by fields, so that history answers what a payment would.

Whole numbers are BIGINT columns, truths BOOLEAN, texts VARCHAR or STRING. An optional field that has no value
is NULL. No answer ever is: where a missing value would be read, has() has already decided the chain.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import singledispatchmethod
from typing import Any, Final

from cardwright.rules.language import syntax
from cardwright.rules.language.catalogue import Field
from cardwright.rules.language.checker import Checked
from cardwright.rules.language.interpreter import NO_LISTS, Lists
from cardwright.rules.language.syntax import Node, TextTestName, Value


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one engine writes names, texts and functions; `division` truncates toward zero there."""

    quoted_name: Callable[[str], str]
    quoted_text: Callable[[str], str]
    whole_number: Callable[[int], str]
    division: str
    text_tests: Mapping[TextTestName, str]


def _doubled(quote: str) -> Callable[[str], str]:
    return lambda text: quote + text.replace(quote, quote * 2) + quote


def _escaped(text: str) -> str:
    # Spark reads escapes in texts, and puts values in place of ${…} even there.
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'").replace("$", "\\u0024") + "'"


DUCKDB: Final = Dialect(
    _doubled('"'),
    _doubled("'"),
    # A bare number has 32 bits, and so would what is computed from it.
    "CAST({} AS BIGINT)".format,
    "//",
    {
        "startsWith": "starts_with",
        "endsWith": "ends_with",
        "contains": "contains",
        "matches": "regexp_matches",
    },
)
PATTERN_FUNCTION: Final = "cardwright_matches"
"""What `patterns.finds` must be registered as in Spark, whose own patterns are Java's and differ."""

SPARK: Final = Dialect(
    _doubled("`"),
    _escaped,
    "{}L".format,
    "div",
    {
        "startsWith": "startswith",
        "endsWith": "endswith",
        "contains": "contains",
        "matches": PATTERN_FUNCTION,
    },
)

_OPERATORS: Final = {"==": "=", "!=": "<>", "&&": "AND", "||": "OR"}


@dataclass(frozen=True, slots=True)
class SqlCondition:
    """A condition as an expression of SQL, true or false for every row, over columns named by `fields`."""

    text: str
    fields: tuple[Field, ...]


def compile_sql(condition: Checked, dialect: Dialect, lists: Lists = NO_LISTS) -> SqlCondition:
    """Write a checked condition in a dialect; `lists` holds what the named lists it reads held."""
    return SqlCondition(_Writer(dialect, lists).text(condition.tree), condition.fields)


@dataclass(frozen=True, slots=True)
class _Writer:
    """Writes nodes; every operation stands in brackets, so that no precedence of SQL matters."""

    dialect: Dialect
    lists: Lists

    @singledispatchmethod
    def text(self, node: Any) -> str:
        raise TypeError(f"not a node: {node!r}")

    @text.register
    def _(self, node: syntax.Literal) -> str:
        return self._value(node.value)

    @text.register
    def _(self, node: syntax.FieldReference) -> str:
        return self.dialect.quoted_name(node.name)

    @text.register
    def _(self, node: syntax.Has) -> str:
        return f"({self.text(node.field)} IS NOT NULL)"

    @text.register
    def _(self, node: syntax.Not) -> str:
        return f"(NOT {self.text(node.operand)})"

    @text.register
    def _(self, node: syntax.Negation) -> str:
        return f"(- {self.text(node.operand)})"

    @text.register
    def _(self, node: syntax.Logical) -> str:
        return f"({f' {_OPERATORS[node.operator]} '.join(map(self.text, node.operands))})"

    @text.register
    def _(self, node: syntax.Comparison) -> str:
        operator = _OPERATORS.get(node.operator, node.operator)
        return f"({self.text(node.left)} {operator} {self.text(node.right)})"

    @text.register
    def _(self, node: syntax.Membership) -> str:
        return self._among(node.item, (option.value for option in node.options))

    @text.register
    def _(self, node: syntax.ListMembership) -> str:
        return self._among(node.item, sorted(self.lists[node.list.name]))

    @text.register
    def _(self, node: syntax.Arithmetic) -> str:
        operator = self.dialect.division if node.operator == "/" else node.operator
        return f"({self.text(node.left)} {operator} {self.text(node.right)})"

    @text.register
    def _(self, node: syntax.TextTest) -> str:
        function = self.dialect.text_tests[node.test]
        return f"{function}({self.text(node.target)}, {self._value(node.argument.value)})"

    @text.register
    def _(self, node: syntax.Conditional) -> str:
        condition, then = self.text(node.condition), self.text(node.then)
        return f"(CASE WHEN {condition} THEN {then} ELSE {self.text(node.otherwise)} END)"

    def _among(self, item: Node, values: Iterable[Value]) -> str:
        options = ", ".join(map(self._value, values))
        return f"({self.text(item)} IN ({options}))" if options else "FALSE"

    def _value(self, value: Value) -> str:
        if isinstance(value, bool):
            return "TRUE" if value else "FALSE"
        if isinstance(value, int):
            return self.dialect.whole_number(value)
        return self.dialect.quoted_text(value)
