"""Types: finds every fault of an expression that could surprise at run time, before it is ever stored."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import singledispatchmethod
from typing import Final

from cardwright.rules.language import syntax
from cardwright.rules.language.arithmetic import bounds_of
from cardwright.rules.language.catalogue import Catalogue, Field, NamedList
from cardwright.rules.language.decimals import explain_decimal
from cardwright.rules.language.diagnostics import (
    Diagnostic,
    ExpressionError,
    Span,
    closest,
    diagnose,
    shorten,
)
from cardwright.rules.language.parser import parse
from cardwright.rules.language.patterns import (
    MAX_PATTERN_CHARACTERS,
    MAX_PROGRAM_SIZE,
    PatternError,
    program_size,
)
from cardwright.rules.language.syntax import Node
from cardwright.rules.language.tokens import DecimalFound
from cardwright.rules.language.types import (
    ANY_INTEGER,
    INTEGER,
    TEXT,
    TRUTH,
    Base,
    Bounds,
    Type,
    type_of_value,
)

MAX_DIAGNOSTICS: Final = 20

_NOTHING: Final[frozenset[str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Checked:
    """An expression proven well typed; back ends accept nothing else. It reads `fields` and `lists`."""

    source: str
    tree: Node
    fields: tuple[Field, ...]
    lists: tuple[NamedList, ...] = ()


def check(source: str, catalogue: Catalogue) -> Checked:
    """Parse and type-check a condition; raise ExpressionError with up to 20 faults."""
    try:
        tree = parse(source)
    except DecimalFound as error:
        raise explain_decimal(source, error, catalogue) from error
    checker = _Checker(source, catalogue)
    result = checker.known(tree, _NOTHING)
    if result.type not in {None, TRUTH}:
        checker.report(tree.span, f"a condition must be true or false, this is {result.type}")
    elif not checker.fields and not checker.diagnostics:
        checker.report(tree.span, "the condition reads no field, so it is always the same")
    if checker.diagnostics:
        raise ExpressionError(*checker.diagnostics)
    fields = tuple(checker.fields[name] for name in sorted(checker.fields))
    return Checked(source, tree, fields, tuple(checker.lists[name] for name in sorted(checker.lists)))


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of a node: type (None after a fault), bounds, fields its outcome proves present."""

    type: Type | None
    bounds: Bounds = ANY_INTEGER
    when_true: frozenset[str] = _NOTHING
    when_false: frozenset[str] = _NOTHING


_FAULTY: Final = _Known(None)


@dataclass(slots=True)
class _Checker:
    """Walks the tree once, carrying the optional fields that are proven present at each place."""

    source: str
    catalogue: Catalogue
    diagnostics: list[Diagnostic] = field(default_factory=list)
    fields: dict[str, Field] = field(default_factory=dict)
    lists: dict[str, NamedList] = field(default_factory=dict)
    pattern_characters: int = 0
    program_size: int = 0

    def report(self, span: Span, message: str, word: str = "", known: Iterable[str] = ()) -> None:
        """Add a fault, and the known word that `word` may stand for; not past the cap: the search costs."""
        if len(self.diagnostics) < MAX_DIAGNOSTICS:
            self.diagnostics.append(diagnose(self.source, span, message, closest(word, known)))

    @singledispatchmethod
    def known(self, node: Node, present: frozenset[str]) -> _Known:
        raise TypeError(f"not a node: {node!r} with {present!r}")

    @known.register
    def _(self, node: syntax.Literal, present: frozenset[str]) -> _Known:
        del present
        bounds = Bounds(node.value, node.value) if isinstance(node.value, int) else ANY_INTEGER
        # From what cannot be, anything follows: `false` is never true.
        anything = self.catalogue.optional_names
        return _Known(
            type_of_value(node.value),
            bounds,
            when_true=anything if node.value is False else _NOTHING,
            when_false=anything if node.value is True else _NOTHING,
        )

    @known.register
    def _(self, node: syntax.FieldReference, present: frozenset[str]) -> _Known:
        found = self._field(node)
        if found is None:
            return _FAULTY
        if found.is_optional and node.name not in present:
            self.report(node.span, f"{node.name} may be missing; guard it: has({node.name}) && …")
        return _Known(found.type, found.bounds)

    @known.register
    def _(self, node: syntax.Has, present: frozenset[str]) -> _Known:
        del present
        found = self._field(node.field)
        if found is not None and not found.is_optional:
            self.report(node.span, f"{found.name} always has a value; has() is for optional fields")
        return _Known(TRUTH, when_true=frozenset({node.field.name}))

    @known.register
    def _(self, node: syntax.Not, present: frozenset[str]) -> _Known:
        operand = self._wanted(node.operand, TRUTH, present, "'!'")
        return _Known(TRUTH, when_true=operand.when_false, when_false=operand.when_true)

    @known.register
    def _(self, node: syntax.Negation, present: frozenset[str]) -> _Known:
        operand = self._wanted(node.operand, INTEGER, present, "'-'")
        if operand.type is None:
            return _Known(INTEGER)
        return self._bounded(node, Bounds(-operand.bounds.high, -operand.bounds.low))

    @known.register
    def _(self, node: syntax.Logical, present: frozenset[str]) -> _Known:
        # An operand is looked at only when the ones before it were all true (&&) or all false (||).
        is_and = node.operator == "&&"
        passed_on: list[frozenset[str]] = []
        stopped_at: list[frozenset[str]] = []
        for operand in node.operands:
            known = self._wanted(operand, TRUTH, present, repr(node.operator))
            go_on, stop = (
                (known.when_true, known.when_false) if is_and else (known.when_false, known.when_true)
            )
            stopped_at.append(_NOTHING.union(*passed_on, stop))
            passed_on.append(go_on)
            present |= go_on
        every, some = _NOTHING.union(*passed_on), frozenset.intersection(*stopped_at)
        return _Known(TRUTH, when_true=every if is_and else some, when_false=some if is_and else every)

    @known.register
    def _(self, node: syntax.Comparison, present: frozenset[str]) -> _Known:
        left, right = self.known(node.left, present), self.known(node.right, present)
        agreed = self._agreed(node.left, left, node.right, right)
        if agreed is not None and node.operator not in {"==", "!="} and not _is_ordered(agreed):
            self.report(node.span, f"{agreed} has no order; compare with == or !=")
        return _Known(TRUTH)

    @known.register
    def _(self, node: syntax.Membership, present: frozenset[str]) -> _Known:
        item = self.known(node.item, present)
        for option in node.options:
            self._agreed(node.item, item, option, self.known(option, present))
        return _Known(TRUTH)

    @known.register
    def _(self, node: syntax.ListMembership, present: frozenset[str]) -> _Known:
        item = self.known(node.item, present)
        found = self.catalogue.find_list(node.list.name)
        if found is None:
            message = f"unknown list {shorten(node.list.name)!r}"
            self.report(node.list.span, message, node.list.name, self.catalogue.list_names)
            return _Known(TRUTH)
        self.lists[found.name] = found
        self._agreed(node.item, item, node.list, _Known(found.type))
        return _Known(TRUTH)

    @known.register
    def _(self, node: syntax.Arithmetic, present: frozenset[str]) -> _Known:
        left = self._wanted(node.left, INTEGER, present, repr(node.operator))
        right = self._wanted(node.right, INTEGER, present, repr(node.operator))
        if None in {left.type, right.type}:
            return _Known(INTEGER)
        if node.operator in {"/", "%"} and not _is_positive_literal(node.right):
            self.report(
                node.right.span, f"{node.operator!r} takes a positive number written out on its right"
            )
            return _Known(INTEGER)
        return self._bounded(node, bounds_of(node.operator, left.bounds, right.bounds))

    @known.register
    def _(self, node: syntax.TextTest, present: frozenset[str]) -> _Known:
        self._wanted(node.target, TEXT, present, node.test)
        if not isinstance(node.argument.value, str):
            self.report(node.argument.span, f"{node.test} takes a text in quotes")
        elif node.test == "matches":
            self._ensure_pattern(node.argument.span, node.argument.value)
        return _Known(TRUTH)

    @known.register
    def _(self, node: syntax.Conditional, present: frozenset[str]) -> _Known:
        condition = self._wanted(node.condition, TRUTH, present, "'?'")
        then = self.known(node.then, present | condition.when_true)
        otherwise = self.known(node.otherwise, present | condition.when_false)
        agreed = self._agreed(node.then, then, node.otherwise, otherwise)
        return _Known(
            agreed,
            Bounds(min(then.bounds.low, otherwise.bounds.low), max(then.bounds.high, otherwise.bounds.high)),
            (condition.when_true | then.when_true) & (condition.when_false | otherwise.when_true),
            (condition.when_true | then.when_false) & (condition.when_false | otherwise.when_false),
        )

    def _ensure_pattern(self, span: Span, pattern: str) -> None:
        # What was too much stays too much, so that a flood of patterns is not read to its end.
        if self.pattern_characters <= MAX_PATTERN_CHARACTERS:
            self.pattern_characters += len(pattern)
            if self.pattern_characters > MAX_PATTERN_CHARACTERS:
                self.report(span, f"the patterns have more than {MAX_PATTERN_CHARACTERS} characters together")
        if max(self.pattern_characters - MAX_PATTERN_CHARACTERS, self.program_size - MAX_PROGRAM_SIZE) > 0:
            return
        try:
            self.program_size += program_size(pattern)
        except PatternError as error:
            self.report(span, f"not a pattern of RE2: {shorten(str(error))}")
        if self.program_size > MAX_PROGRAM_SIZE:
            self.report(span, "the patterns are too large together; repeat less")

    def _field(self, node: syntax.FieldReference) -> Field | None:
        found = self.catalogue.find(node.name)
        if found is None and node.name in self.catalogue.list_names:
            self.report(node.span, f"{node.name} is a list; it may stand only after 'in'")
            return None
        if found is None:
            message = f"unknown field {shorten(node.name)!r}"
            self.report(node.span, message, node.name, self.catalogue.names)
            return None
        self.fields[node.name] = found
        return found

    def _wanted(self, node: Node, wanted: Type, present: frozenset[str], where: str) -> _Known:
        """Return what is known of `node`; report it, and forget its type, when its base is another."""
        known = self.known(node, present)
        if known.type is not None and known.type.base is not wanted.base:
            self.report(node.span, f"{where} needs {wanted}, this is {known.type}")
            return replace(known, type=None)
        return known

    def _agreed(
        self, left: Node, known_left: _Known, right: Node | syntax.ListReference, known_right: _Known
    ) -> Type | None:
        """Return the type both sides share, or None after reporting why they cannot be compared."""
        one, two = known_left.type, known_right.type
        if one is None or two is None or one == two:
            return one if two is not None else None
        for literal, other in ((left, two), (right, one)):
            if isinstance(literal, syntax.Literal) and isinstance(literal.value, str) and other.vocabulary:
                return self._ensured_word(literal, other)
        span = right.span if isinstance(right, syntax.Literal) else left.span.to(right.span)
        self.report(span, f"cannot compare {one} with {two}")
        return None

    def _ensured_word(self, literal: syntax.Literal, wanted: Type) -> Type | None:
        text = str(literal.value)
        if wanted.vocabulary is None or wanted.vocabulary.has_word(text):
            return wanted
        message = f"{shorten(text)!r} is not {wanted}"
        self.report(literal.span, message, text, sorted(wanted.vocabulary.words))
        return None

    def _bounded(self, node: Node, bounds: Bounds) -> _Known:
        if not bounds.fits:
            self.report(node.span, "the result may be too great for a 64-bit whole number")
            return _FAULTY
        return _Known(INTEGER, bounds)


def _is_ordered(agreed: Type) -> bool:
    return agreed.base is Base.INTEGER or (agreed.vocabulary is not None and agreed.vocabulary.is_ordered)


def _is_positive_literal(node: Node) -> bool:
    return isinstance(node, syntax.Literal) and type(node.value) is int and node.value > 0
