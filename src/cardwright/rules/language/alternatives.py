"""What would have let a transaction pass: the smallest change of one field that makes a condition false."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from cardwright.rules.language import syntax
from cardwright.rules.language.catalogue import Field
from cardwright.rules.language.checker import Checked
from cardwright.rules.language.interpreter import NO_LISTS, Facts, Lists, interpret
from cardwright.rules.language.syntax import Value
from cardwright.rules.language.types import TRUTH, Base
from cardwright.rules.language.wording import list_text, value_text

MAX_ALTERNATIVES: Final = 3

_Passes = Callable[[Value], bool]


def would_pass(condition: Checked, facts: Facts, lists: Lists = NO_LISTS) -> str | None:
    """Return changes of one field each, such as `amount at most 300.00`, or None when none is easily said.

    The condition must hold for `facts`. Every change was tried: with it, all else equal, it is false.
    """
    compared = _literals_compared_with(condition.tree)
    changes = (
        _change(field, compared.get(field.name, frozenset()), condition, facts, lists)
        for field in condition.fields
        if (field.type == TRUTH or compared.get(field.name)) and facts.get(field.name) is not None
    )
    found = [change for change in changes if change is not None][:MAX_ALTERNATIVES]
    return " or ".join(found) or None


def _literals_compared_with(tree: syntax.Node) -> dict[str, frozenset[Value]]:
    """Map each field that only ever meets literals to those; between two of them its effect is constant."""
    met: dict[str, set[Value]] = defaultdict(set)
    plain_uses: set[int] = set()
    nodes = syntax.walk(tree)
    for node in nodes:
        for reference, values in _meetings(node):
            met[reference.name].update(values)
            plain_uses.add(id(reference))
    guards = {id(node.field) for node in nodes if isinstance(node, syntax.Has)}
    mixed = {
        node.name
        for node in nodes
        if isinstance(node, syntax.FieldReference) and id(node) not in plain_uses | guards
    }
    return {name: frozenset(values) for name, values in met.items() if name not in mixed}


def _meetings(node: syntax.Node) -> Iterable[tuple[syntax.FieldReference, Sequence[Value]]]:
    match node:
        case syntax.Membership(item=syntax.FieldReference() as reference, options=options):
            return [(reference, [option.value for option in options])]
        case (
            syntax.Comparison(left=syntax.FieldReference() as reference, right=syntax.Literal() as literal)
            | syntax.Comparison(left=syntax.Literal() as literal, right=syntax.FieldReference() as reference)
        ) if type(literal.value) is int or node.operator in {"==", "!="}:
            return [(reference, [literal.value])]
        case _:
            return []


def _change(
    field: Field, literals: frozenset[Value], condition: Checked, facts: Facts, lists: Lists
) -> str | None:
    def passes(value: Value) -> bool:
        return not interpret(condition.tree, {**facts, field.name: value}, lists)

    if field.type.base is Base.INTEGER:
        numbers = [value for value in literals if isinstance(value, int)]
        return _number_change(field, numbers, passes, facts)
    if field.type == TRUTH:
        opposite = not facts[field.name]
        return f"{field.name} {value_text(opposite)}" if passes(opposite) else None
    return _text_change(field, sorted(str(value) for value in literals), passes)


def _number_change(field: Field, literals: list[int], passes: _Passes, facts: Facts) -> str | None:
    actual, bounds = facts[field.name], field.bounds
    assert isinstance(actual, int)  # noqa: S101 - the caller looked at the field's type
    # The effect of the number changes only beside a literal, so these points stand for all numbers.
    near = {literal + step for literal in literals for step in (-1, 0, 1)} | {bounds.low, bounds.high}
    points = sorted(point for point in near if bounds.low <= point <= bounds.high)
    runs = [
        run
        for run in (
            _passing_run([point for point in reversed(points) if point < actual], passes),
            _passing_run([point for point in points if point > actual], passes),
        )
        if run
    ]
    if not runs:
        return None
    nearest, furthest = min(runs, key=lambda run: abs(run[0] - actual))
    low, high = (value_text(end, field.unit, facts.get("currency")) for end in sorted((nearest, furthest)))
    if furthest == bounds.low:
        return f"{field.name} at most {high}"
    if furthest == bounds.high:
        return f"{field.name} at least {low}"
    return f"{field.name} {low}" if low == high else f"{field.name} from {low} to {high}"


def _passing_run(points: list[int], passes: _Passes) -> tuple[int, int] | None:
    """Return the first and the last of the first unbroken run of points that pass, walking away."""
    run: list[int] = []
    for point in points:
        if passes(point):
            run.append(point)
        elif run:
            break
    return (run[0], run[-1]) if run else None


def _text_change(field: Field, literals: list[str], passes: _Passes) -> str | None:
    other = _other_text(field, literals)
    if other is not None and passes(other):
        blocked = [text for text in literals if not passes(text)]
        return f"{field.name} other than {list_text(blocked)}"
    allowed = [text for text in literals if passes(text)]
    return f"{field.name} {' or '.join(map(value_text, allowed))}" if allowed else None


def _other_text(field: Field, literals: list[str]) -> str | None:
    """Return a text the field could hold that the condition never names: it stands for all of those."""
    vocabulary = field.type.vocabulary
    if vocabulary is not None and vocabulary.words:
        return min(vocabulary.words - set(literals) - {""}, default=None)
    return "".join(literals) + "?"
