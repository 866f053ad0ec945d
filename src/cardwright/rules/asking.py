"""A condition that stands by itself, asked about one authorization. Pure."""

from dataclasses import dataclass
from typing import Self

from cardwright.rules.domain import Rule, RuleAction, Rulebook
from cardwright.rules.evaluation import CompiledRulebook, compile_rulebook, evaluate
from cardwright.rules.language.catalogue import Catalogue
from cardwright.rules.language.explain import explain
from cardwright.rules.language.interpreter import Facts, Lists

_NAME = "condition"


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether a condition holds, in words why, and what would have to be otherwise where it does."""

    holds: bool
    explanation: str
    would_pass: str | None


@dataclass(frozen=True, slots=True)
class Question:
    """A condition that was checked: `names` are the fields and `list_names` the lists that it reads."""

    compiled: CompiledRulebook

    @classmethod
    def of(cls, when: str, catalogue: Catalogue) -> Self:
        """Check a condition; raise RulebookInvalid with what is wrong."""
        rule = Rule(_NAME, when, RuleAction.FLAG, "Asked.")
        return cls(compile_rulebook(Rulebook(0, (rule,)), catalogue))

    @property
    def names(self) -> tuple[str, ...]:
        """The fields that it reads."""
        return tuple(field.name for field in self.compiled.fields)

    @property
    def list_names(self) -> tuple[str, ...]:
        """The lists that it reads, by their full names."""
        return tuple(named.name for named in self.compiled.lists)

    def answer(self, facts: Facts, lists: Lists) -> Answer:
        """Ask it about an authorization: `facts` hold all of `names`, `lists` those that exist."""
        held = {name: lists.get(name, frozenset()) for name in self.list_names}
        hits = evaluate(self.compiled, facts, held)
        if hits:
            return Answer(holds=True, explanation=hits[0].explanation, would_pass=hits[0].would_pass)
        (condition,) = self.compiled.conditions
        return Answer(holds=False, explanation=explain(condition, facts, held), would_pass=None)
