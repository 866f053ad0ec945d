"""Why a condition held, or not: the condition in words, with the transaction's values beside the names."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import singledispatchmethod
from typing import Any, Final

from cardwright.rules.language import syntax
from cardwright.rules.language.catalogue import Field, Unit
from cardwright.rules.language.checker import Checked
from cardwright.rules.language.interpreter import NO_LISTS, Facts, Lists, interpret
from cardwright.rules.language.syntax import Node
from cardwright.rules.language.wording import list_text, value_text

_WORDS: Final = {"&&": "and", "||": "or"}
_UNIT_KEEPING: Final = {"+", "-"}


def explain(condition: Checked, facts: Facts, lists: Lists = NO_LISTS) -> str:
    """Return one line such as `amount 412.00 USD > 300.00 and merchant.country NG in ["NG"]: true`."""
    outcome = interpret(condition.tree, facts, lists)
    fields = {field.name: field for field in condition.fields}
    writer = _Writer(facts, lists, fields, marks_truth=not _is_plain(condition.tree, holds=bool(outcome)))
    return f"{writer.text(condition.tree)}: {value_text(outcome)}"


def _is_plain(root: Node, *, holds: bool) -> bool:
    """Answer whether the outcome of every part is evident from the outcome of the whole."""
    parts = root.operands if isinstance(root, syntax.Logical) and root.operator == "&&" and holds else (root,)
    return all(_is_atom(part) for part in parts)


def _is_atom(node: Node) -> bool:
    return not isinstance(node, syntax.Logical | syntax.Not | syntax.Conditional)


@dataclass(frozen=True, slots=True)
class _Writer:
    """Writes nodes as text; `unit` is what literals count at the present place."""

    facts: Facts
    lists: Lists
    fields: Mapping[str, Field]
    marks_truth: bool
    unit: Unit | None = None

    def text(self, node: Node) -> str:
        """Return the text of a node, with its outcome when that is true or false and not evident."""
        text: str = self._write(node)
        if self.marks_truth and _is_atom(node) and not isinstance(node, syntax.Literal):
            return text + self._outcome(node)
        return text

    def _outcome(self, node: Node) -> str:
        try:
            outcome = interpret(node, self.facts, self.lists)
        except LookupError:
            return " (not asked)"
        return f" ({value_text(outcome)})" if isinstance(outcome, bool) else ""

    def _value(self, value: syntax.Value) -> str:
        return value_text(value, self.unit, self.facts.get("currency"))

    def _counting(self, *operands: Node) -> "_Writer":
        """Return a writer for literals that stand beside `operands`."""
        units = (self._unit_of(operand) for operand in operands)
        return replace(self, unit=next((unit for unit in units if unit), None))

    def _unit_of(self, node: Node) -> Unit | None:
        if isinstance(node, syntax.FieldReference):
            return self.fields[node.name].unit
        if isinstance(node, syntax.Literal | syntax.Conditional):
            return None
        return next(filter(None, map(self._unit_of, syntax.children(node))), None)

    @singledispatchmethod
    def _write(self, node: Any) -> str:
        raise TypeError(f"not a node: {node!r}")

    @_write.register
    def _(self, node: syntax.Literal) -> str:
        return self._value(node.value)

    @_write.register
    def _(self, node: syntax.FieldReference) -> str:
        value, field = self.facts.get(node.name), self.fields[node.name]
        if value is None:
            return f"{node.name} (missing)"
        if (
            isinstance(value, str)
            and value
            and field.type.vocabulary
            and field.type.vocabulary.has_word(value)
        ):
            return f"{node.name} {value}"
        currency = self.facts.get("currency")
        suffix = f" {currency}" if field.unit is Unit.MINOR_UNITS else ""
        return f"{node.name} {value_text(value, field.unit, currency)}{suffix}"

    @_write.register
    def _(self, node: syntax.Has) -> str:
        return f"has({node.field.name})"

    @_write.register
    def _(self, node: syntax.Not) -> str:
        return f"not {self._grouped(node.operand)}"

    @_write.register
    def _(self, node: syntax.Negation) -> str:
        return f"-({self._write(node.operand)})"

    @_write.register
    def _(self, node: syntax.Logical) -> str:
        return f" {_WORDS[node.operator]} ".join(self._grouped(operand) for operand in node.operands)

    @_write.register
    def _(self, node: syntax.Comparison) -> str:
        writer = self._counting(node.left, node.right)
        return f"{writer.operand(node.left)} {node.operator} {writer.operand(node.right)}"

    @_write.register
    def _(self, node: syntax.Membership) -> str:
        writer = self._counting(node.item)
        options = list_text(
            (option.value for option in node.options), writer.unit, self.facts.get("currency")
        )
        return f"{writer.operand(node.item)} in [{options}]"

    @_write.register
    def _(self, node: syntax.ListMembership) -> str:
        return f"{self.operand(node.item)} in {node.list.name}"

    @_write.register
    def _(self, node: syntax.Arithmetic) -> str:
        # A factor or a divisor is a bare number; a term counts what the other term counts.
        writer = self if node.operator in _UNIT_KEEPING else replace(self, unit=None)
        return f"{writer.operand(node.left)} {node.operator} {writer.operand(node.right)}"

    @_write.register
    def _(self, node: syntax.TextTest) -> str:
        return f"{self.operand(node.target)} {node.test} {self._value(node.argument.value)}"

    @_write.register
    def _(self, node: syntax.Conditional) -> str:
        condition = self._grouped(node.condition)
        return f"if {condition} then {self._grouped(node.then)} else {self._grouped(node.otherwise)}"

    def _grouped(self, node: Node) -> str:
        text = self.text(node)
        return f"({text})" if isinstance(node, syntax.Logical | syntax.Conditional) else text

    def operand(self, node: Node) -> str:
        """Return the text of one side of an operator, in brackets when it is not simple."""
        text: str = self._write(node)
        is_simple = isinstance(node, syntax.Literal | syntax.FieldReference | syntax.Has)
        return text if is_simple else f"({text})"
