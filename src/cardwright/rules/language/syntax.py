"""The syntax tree every back end reads: frozen nodes, each with the stretch of source it came from."""

from dataclasses import dataclass
from typing import Literal as OneOf
from typing import TypeAlias

from cardwright.rules.language.diagnostics import Span

LogicalOperator: TypeAlias = OneOf["&&", "||"]
ComparisonOperator: TypeAlias = OneOf["==", "!=", "<", "<=", ">", ">="]
ArithmeticOperator: TypeAlias = OneOf["+", "-", "*", "/", "%"]
TextTestName: TypeAlias = OneOf["startsWith", "endsWith", "contains", "matches"]
Value: TypeAlias = int | str | bool


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant: a whole number, a text, true or false."""

    value: Value
    span: Span


@dataclass(frozen=True, slots=True)
class FieldReference:
    """The value of a field, by its full dotted name."""

    name: str
    span: Span


@dataclass(frozen=True, slots=True)
class Has:
    """True when the optional field has a value."""

    field: FieldReference
    span: Span


@dataclass(frozen=True, slots=True)
class Not:
    """True when the operand is false."""

    operand: "Node"
    span: Span


@dataclass(frozen=True, slots=True)
class Negation:
    """The operand with the other sign."""

    operand: "Node"
    span: Span


@dataclass(frozen=True, slots=True)
class Logical:
    """A chain of `&&`, or of `||`, of two operands or more."""

    operator: LogicalOperator
    operands: tuple["Node", ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two values compared."""

    operator: ComparisonOperator
    left: "Node"
    right: "Node"
    span: Span


@dataclass(frozen=True, slots=True)
class Membership:
    """True when the item equals one of the options."""

    item: "Node"
    options: tuple[Literal, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class ListReference:
    """A named list, by its full name such as `lists.blocked`."""

    name: str
    span: Span


@dataclass(frozen=True, slots=True)
class ListMembership:
    """True when the item is an entry of the named list, whatever that holds by then."""

    item: "Node"
    list: ListReference
    span: Span


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """Whole-number arithmetic; `/` and `%` truncate toward zero and divide by a positive literal only."""

    operator: ArithmeticOperator
    left: "Node"
    right: "Node"
    span: Span


@dataclass(frozen=True, slots=True)
class TextTest:
    """Asks whether a text starts with, ends with or contains another, or has a part that fits a pattern."""

    test: TextTestName
    target: "Node"
    argument: Literal
    span: Span


@dataclass(frozen=True, slots=True)
class Conditional:
    """`condition ? then : otherwise`."""

    condition: "Node"
    then: "Node"
    otherwise: "Node"
    span: Span


Node: TypeAlias = (
    Literal
    | FieldReference
    | Has
    | Not
    | Negation
    | Logical
    | Comparison
    | Membership
    | ListMembership
    | Arithmetic
    | TextTest
    | Conditional
)


def children(node: Node) -> tuple[Node, ...]:
    """Return the nodes directly under `node`, in source order."""
    below: tuple[Node, ...] = ()
    match node:
        case Has(field=only) | Not(operand=only) | Negation(operand=only) | TextTest(target=only):
            below = (only,)
        case Membership(item=only) | ListMembership(item=only):
            below = (only,)
        case Comparison(left=left, right=right) | Arithmetic(left=left, right=right):
            below = (left, right)
        case Logical(operands=operands):
            below = operands
        case Conditional(condition=condition, then=then, otherwise=otherwise):
            below = (condition, then, otherwise)
        case Literal() | FieldReference():
            pass
    return below


def walk(root: Node) -> tuple[Node, ...]:
    """Return every node of the tree, a parent before its children, in source order."""
    found: list[Node] = []
    pending = [root]
    while pending:
        node = pending.pop()
        found.append(node)
        pending.extend(reversed(children(node)))
    return tuple(found)
