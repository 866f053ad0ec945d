"""Checked conditions to terms of the solver: total, so that what is never read does no harm."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import singledispatchmethod
from itertools import product
from typing import Any, Final, TypeAlias

import z3

from cardwright.rules.language import syntax
from cardwright.rules.language.catalogue import Catalogue
from cardwright.rules.language.checker import Checked
from cardwright.rules.language.syntax import Node
from cardwright.rules.language.types import Base, Vocabulary, type_of_value
from cardwright.rules.proofs.machines import TextTest
from cardwright.rules.proofs.texts import holds
from cardwright.rules.proofs.variables import Plan, Term, Variables

MOST_PAIRS: Final = 2_000

_Leaf: TypeAlias = syntax.Literal | syntax.FieldReference
_TRUTHS: Final = (syntax.Has, syntax.Not, syntax.Logical, syntax.Comparison, syntax.Membership)
_ORDER: Final[dict[str, Any]] = {
    "==": lambda one, two: one == two,
    "!=": lambda one, two: one != two,
    "<": lambda one, two: one < two,
    "<=": lambda one, two: one <= two,
    ">": lambda one, two: one > two,
    ">=": lambda one, two: one >= two,
}


class ConditionTooWide(Exception):
    """The condition chooses among so many texts that comparing them is not worth it."""


def plan(catalogue: Catalogue, conditions: Iterable[Checked]) -> Plan:
    """Collect the texts that fields are compared with, and which fields are compared with each other."""
    texts: list[str] = []
    groups: list[frozenset[str]] = []
    for node in (node for condition in conditions for node in syntax.walk(condition.tree)):
        leaves = [leaf for side in _compared(node) for leaf in _leaves(side)]
        if not leaves or _vocabulary(catalogue, leaves) is not None or not _are_texts(catalogue, leaves):
            continue
        texts += [str(leaf.value) for leaf in leaves if isinstance(leaf, syntax.Literal)]
        names = frozenset(leaf.name for leaf in leaves if isinstance(leaf, syntax.FieldReference))
        if len(names) > 1:
            touching = [group for group in groups if group & names]
            groups = [group for group in groups if not group & names] + [names.union(*touching)]
    return Plan(tuple(texts), tuple(groups))


def tests_of(condition: Checked) -> frozenset[TextTest]:
    """Return the tests of texts that a condition makes."""
    return frozenset(
        (node.test, str(node.argument.value))
        for node in syntax.walk(condition.tree)
        if isinstance(node, syntax.TextTest)
    )


def _compared(node: Node) -> Sequence[Node]:
    match node:
        case syntax.Comparison(left=left, right=right):
            return left, right
        case syntax.Membership(item=item, options=options):
            return item, *options
        case syntax.ListMembership(item=item):
            return (item,)
        case _:
            return ()


def _leaves(node: Node) -> Iterator[_Leaf]:
    """Iterate over the values an expression chooses among."""
    if isinstance(node, syntax.Conditional):
        yield from _leaves(node.then)
        yield from _leaves(node.otherwise)
    elif isinstance(node, syntax.Literal | syntax.FieldReference):
        yield node


def _are_texts(catalogue: Catalogue, leaves: Sequence[_Leaf]) -> bool:
    return all(_base(catalogue, leaf) is Base.TEXT for leaf in leaves)


def _vocabulary(catalogue: Catalogue, leaves: Iterable[_Leaf]) -> Vocabulary | None:
    fields = (catalogue.find(leaf.name) for leaf in leaves if isinstance(leaf, syntax.FieldReference))
    return next((found.type.vocabulary for found in fields if found), None)


def _base(catalogue: Catalogue, node: Node) -> Base:
    match node:
        case syntax.Literal(value=value):
            return type_of_value(value).base
        case syntax.FieldReference(name=name):
            found = catalogue.find(name)
            return found.type.base if found else Base.TRUTH
        case syntax.Conditional(then=then):
            return _base(catalogue, then)
        case syntax.Arithmetic() | syntax.Negation():
            return Base.INTEGER
        case _:
            return Base.TRUTH


@dataclass(frozen=True, slots=True)
class Asked:
    """What a condition asks of a named list: about `item`, a text of that vocabulary or a number."""

    name: str
    item: Term
    answer: Term
    is_text: bool
    vocabulary: Vocabulary | None = None
    field: str | None = None


@dataclass(slots=True)
class Encoder:
    """Writes conditions over one set of variables, and keeps what they ask of lists."""

    variables: Variables
    asked: dict[tuple[str, str], Asked] = field(default_factory=dict)

    def condition(self, checked: Checked) -> Term:
        """Return whether the condition holds; what is too wide may hold or not, as far as proofs know."""
        try:
            return self.term(checked.tree)
        except ConditionTooWide:
            return z3.FreshBool("any", self.variables.context)

    @property
    def _catalogue(self) -> Catalogue:
        return self.variables.catalogue

    @singledispatchmethod
    def term(self, node: Node) -> Term:
        """Return a number or truth as a term; texts are compared leaf by leaf and have none."""
        raise TypeError(f"not a node: {node!r}")

    @term.register
    def _(self, node: syntax.Literal) -> Term:
        if isinstance(node.value, bool):
            return self.variables.truth(value=node.value)
        return self.variables.number(int(node.value))

    @term.register
    def _(self, node: syntax.FieldReference) -> Term:
        return self.variables.value(node.name)

    @term.register
    def _(self, node: syntax.Has) -> Term:
        return self.variables.present(node.field.name)

    @term.register
    def _(self, node: syntax.Not) -> Term:
        return z3.Not(self.term(node.operand))

    @term.register
    def _(self, node: syntax.Negation) -> Term:
        return -self.term(node.operand)

    @term.register
    def _(self, node: syntax.Logical) -> Term:
        operands = [self.term(operand) for operand in node.operands]
        return z3.And(*operands) if node.operator == "&&" else z3.Or(*operands)

    @term.register
    def _(self, node: syntax.Arithmetic) -> Term:
        left, right = self.term(node.left), self.term(node.right)
        match node.operator:
            case "+":
                return left + right
            case "-":
                return left - right
            case "*":
                return left * right
            case "/":
                return _quotient(left, right)
            case _:
                return _remainder(left, right)

    @term.register
    def _(self, node: syntax.Conditional) -> Term:
        return z3.If(self.term(node.condition), self.term(node.then), self.term(node.otherwise))

    @term.register
    def _(self, node: syntax.Comparison) -> Term:
        if _base(self._catalogue, node.left) is not Base.TEXT:
            return _ORDER[node.operator](self.term(node.left), self.term(node.right))
        return self._equal(node.left, node.right, node.operator)

    @term.register
    def _(self, node: syntax.Membership) -> Term:
        if _base(self._catalogue, node.item) is Base.TEXT:
            return self.variables.any_of(self._equal(node.item, option) for option in node.options)
        item = self.term(node.item)
        return self.variables.any_of(item == self.term(option) for option in node.options)

    @term.register
    def _(self, node: syntax.TextTest) -> Term:
        test = node.test, str(node.argument.value)
        return self.variables.any_of(
            z3.And(guard, self._passes(leaf, test)) for guard, leaf in self._guarded(node.target)
        )

    @term.register
    def _(self, node: syntax.ListMembership) -> Term:
        if _base(self._catalogue, node.item) is not Base.TEXT:
            return self._listed(node.list.name, self.term(node.item), is_text=False)
        vocabulary = self._shared_vocabulary(node.item)
        return self.variables.any_of(
            z3.And(
                guard,
                self._listed(
                    node.list.name, self._place(leaf, vocabulary), is_text=True, vocabulary=vocabulary,
                    field=leaf.name if isinstance(leaf, syntax.FieldReference) else None,
                ),
            )
            for guard, leaf in self._guarded(node.item)
        )  # fmt: skip

    def _listed(self, name: str, item: Term, **of: Any) -> Term:
        known = name, item.sexpr()
        if known not in self.asked:
            number, truth = z3.IntSort(self.variables.context), z3.BoolSort(self.variables.context)
            self.asked[known] = Asked(name, item, z3.Function(name, number, truth)(item), **of)
        return self.asked[known].answer

    def _shared_vocabulary(self, *nodes: Node) -> Vocabulary | None:
        return _vocabulary(self._catalogue, (leaf for node in nodes for leaf in _leaves(node)))

    def _equal(self, left: Node, right: Node, operator: str = "==") -> Term:
        vocabulary = self._shared_vocabulary(left, right)
        pairs = list(product(self._guarded(left), self._guarded(right)))
        if len(pairs) > MOST_PAIRS:
            raise ConditionTooWide
        return self.variables.any_of(
            z3.And(guard, other, _ORDER[operator](self._place(one, vocabulary), self._place(two, vocabulary)))
            for (guard, one), (other, two) in pairs
        )

    def _guarded(self, node: Node) -> list[tuple[Term, _Leaf]]:
        """Return the texts an expression chooses among, each with when it is the one."""
        if isinstance(node, syntax.Literal | syntax.FieldReference):
            return [(self.variables.truth(value=True), node)]
        if not isinstance(node, syntax.Conditional):
            raise TypeError(f"not a text: {node!r}")
        chosen = self.term(node.condition)
        then = [(z3.And(chosen, guard), leaf) for guard, leaf in self._guarded(node.then)]
        return then + [(z3.And(z3.Not(chosen), guard), leaf) for guard, leaf in self._guarded(node.otherwise)]

    def _place(self, leaf: _Leaf, vocabulary: Vocabulary | None) -> Term:
        if isinstance(leaf, syntax.FieldReference):
            return self.variables.value(leaf.name)
        return self.variables.number(self.variables.place(vocabulary, str(leaf.value)))

    def _passes(self, leaf: _Leaf, test: tuple[syntax.TextTestName, str]) -> Term:
        if isinstance(leaf, syntax.Literal):
            return self.variables.truth(value=holds(test, str(leaf.value)))
        found = self._catalogue.find(leaf.name)
        if found is None:
            raise LookupError(leaf.name)
        return self.variables.passes(found, test)


def _quotient(dividend: Term, divisor: Term) -> Term:
    # The solver rounds down; the language rounds toward zero.
    return z3.If(dividend >= 0, dividend / divisor, -((-dividend) / divisor))


def _remainder(dividend: Term, divisor: Term) -> Term:
    return z3.If(dividend >= 0, dividend % divisor, -((-dividend) % divisor))
