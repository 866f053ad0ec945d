"""Rulebooks to functions, and facts to hits. Pure: the same rulebook and facts give the same hits, always."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from cardwright.core.errors import Invalid
from cardwright.rules.domain import Rule, Rulebook, RuleHit
from cardwright.rules.language.alternatives import would_pass
from cardwright.rules.language.catalogue import AUTHORIZATION_FIELDS, RISK_SCORE, Catalogue, Field, NamedList
from cardwright.rules.language.checker import Checked, check
from cardwright.rules.language.compile_python import Matcher, compile_conditions
from cardwright.rules.language.diagnostics import Diagnostic, ExpressionError
from cardwright.rules.language.explain import explain
from cardwright.rules.language.interpreter import NO_LISTS, Facts, Lists
from cardwright.rules.language.syntax import ListMembership, Literal, walk
from cardwright.rules.language.types import Base, FactValue
from cardwright.rules.velocity.domain import definition

_PYTHON_TYPES: Final = {Base.INTEGER: int, Base.TRUTH: bool, Base.TEXT: str}


@dataclass(frozen=True, slots=True)
class RuleFault:
    """A rule that cannot be used, and where its condition is wrong."""

    rule: str
    diagnostics: tuple[Diagnostic, ...]


class RulebookInvalid(Invalid):
    """Some rules of a rulebook cannot be used; `faults` tells which and why, in the rulebook's order."""

    def __init__(self, faults: tuple[RuleFault, ...]) -> None:
        names = ", ".join(fault.rule for fault in faults)
        super().__init__("rules_invalid", f"These rules have faults: {names}.", faults=plain_faults(faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class CompiledRulebook:
    """A rulebook ready to run: the rules that are evaluated, with their checked conditions.

    `fields` and `lists` are what those read, `velocity` names the fields that have to be counted, `texts` are
    what they write out and may look for in a list, `matches` is one function for all of them.
    """

    rulebook: Rulebook
    rules: tuple[Rule, ...]
    conditions: tuple[Checked, ...]
    fields: tuple[Field, ...]
    lists: tuple[NamedList, ...]
    texts: frozenset[str]
    matches: Matcher
    velocity: tuple[str, ...] = ()

    @property
    def reads_risk(self) -> bool:
        """Whether a rule reads what the risk model says."""
        return any(field.name == RISK_SCORE for field in self.fields)


def checked_rules(rules: Iterable[Rule], catalogue: Catalogue) -> Mapping[str, Checked]:
    """Check rules, whatever their stage, by name; raise RulebookInvalid with all that is wrong."""
    checked: dict[str, Checked] = {}
    faults: list[RuleFault] = []
    for rule in rules:
        try:
            checked[rule.name] = check(rule.when, catalogue)
        except ExpressionError as error:
            faults.append(RuleFault(rule.name, error.diagnostics))
    if faults:
        raise RulebookInvalid(tuple(faults))
    return checked


def compile_rulebook(rulebook: Rulebook, catalogue: Catalogue = AUTHORIZATION_FIELDS) -> CompiledRulebook:
    """Check and compile every rule; raise RulebookInvalid with all that is wrong."""
    checked = checked_rules(rulebook.rules, catalogue)
    rules = tuple(rule for rule in rulebook.rules if rule.is_evaluated)
    conditions = tuple(checked[rule.name] for rule in rules)
    fields = {field.name: field for condition in conditions for field in condition.fields}
    lists = {each.name: each for condition in conditions for each in condition.lists}
    return CompiledRulebook(
        rulebook,
        rules,
        conditions,
        tuple(fields.values()),
        tuple(lists.values()),
        frozenset(text for condition in conditions for text in _looked_for(condition)),
        compile_conditions(conditions),
        tuple(sorted(name for name in fields if definition(name) is not None)),
    )


def evaluate(
    compiled: CompiledRulebook, facts: Facts, lists: Lists = NO_LISTS, *, draw: str = ""
) -> tuple[RuleHit, ...]:
    """Return every rule that holds, in the rulebook's order; raise ValueError for facts of a wrong type.

    `facts` and `lists` hold at least what the rules read; an optional field may be None or absent. `draw`
    names the payment, for the rules that count for a sample of them.
    """
    for field in compiled.fields:
        _ensure_fact(field, facts.get(field.name))
    for named in compiled.lists:
        if named.name not in lists:
            raise ValueError(f"the list {named.name} was not given")
    matched = compiled.matches(facts, lists)
    pairs = zip(compiled.rules, compiled.conditions, strict=True)
    return tuple(
        _hit(rule, condition, facts, lists, draw)
        for index, (rule, condition) in enumerate(pairs)
        if matched >> index & 1
    )


def _looked_for(condition: Checked) -> Iterator[str]:
    for node in walk(condition.tree):
        if isinstance(node, ListMembership):
            for part in walk(node.item):
                if isinstance(part, Literal) and isinstance(part.value, str):
                    yield part.value


def _ensure_fact(field: Field, value: FactValue) -> None:
    if value is None and field.is_optional:
        return
    # Members of a StrEnum or IntEnum are welcome; a bool, which Python takes for an int, is no number.
    is_right = isinstance(value, _PYTHON_TYPES[field.type.base])
    if not is_right or (isinstance(value, bool) and field.type.base is Base.INTEGER):
        raise ValueError(f"the fact {field.name} must be {field.type}, not {type(value).__name__}")


def _hit(rule: Rule, condition: Checked, facts: Facts, lists: Lists, draw: str) -> RuleHit:
    return RuleHit(
        rule.name, rule.action, rule.reason, explain(condition, facts, lists),
        would_pass(condition, facts, lists), counts=rule.counts_for(draw), points=rule.points or 0,
    )  # fmt: skip


def plain_faults(faults: tuple[RuleFault, ...]) -> list[dict[str, object]]:
    """Return faults as JSON."""
    return [
        {
            "rule": fault.rule,
            "line": diagnostic.line,
            "column": diagnostic.column,
            "message": diagnostic.message,
            "excerpt": diagnostic.excerpt,
            "suggestion": diagnostic.suggestion,
        }
        for fault in faults
        for diagnostic in fault.diagnostics
    ]
