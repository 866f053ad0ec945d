"""Two rulebooks side by side in one solver, and the runtime that confirms what it says."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from typing import Final

from cardwright.rules.domain import Rule
from cardwright.rules.evaluation import CompiledRulebook, evaluate
from cardwright.rules.language.catalogue import CURRENCY, Catalogue, Unit
from cardwright.rules.language.checker import Checked
from cardwright.rules.language.compile_python import compile_conditions
from cardwright.rules.proofs.findings import Witness, WitnessHit
from cardwright.rules.proofs.outcomes import Outcome, outcome_of
from cardwright.rules.proofs.solving import Budget, Example, Impossible, Solver
from cardwright.rules.proofs.variables import Term

_NEW: Final = "new"
_ACTIVE: Final = "active"
_NONE: Final = frozenset[str]()


@dataclass(frozen=True, slots=True)
class Tried:
    """A transaction and the rules that hold for it, as the generated function says."""

    example: Example
    hits: frozenset[str]


@dataclass(slots=True)
class Room:
    """What all proofs about a rulebook share: the solver, and every transaction seen so far."""

    book: CompiledRulebook
    active: CompiledRulebook
    solver: Solver
    hits: Mapping[str, Term]
    active_hits: Mapping[str, Term]
    tried: list[Tried] = field(default_factory=list)

    @classmethod
    def of(
        cls, catalogue: Catalogue, book: CompiledRulebook, active: CompiledRulebook,
        others: Sequence[Checked], budget: Budget,
    ) -> "Room":  # fmt: skip
        """Write both rulebooks as terms; `others` are conditions that will be asked about as well."""
        conditions = (*book.conditions, *active.conditions, *others)
        solver = Solver.of(catalogue, conditions, budget)
        return cls(book, active, solver, _named(solver, _NEW, book), _named(solver, _ACTIVE, active))

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules that are evaluated."""
        return self.book.rules

    def find(self, *assumptions: Term) -> Example | Impossible | None:
        """Return a transaction for which the assumptions hold, or that there is none; None for unknown."""
        return self.solver.find(assumptions, self._judged)

    def _judged(self, example: Example) -> frozenset[str]:
        return frozenset(
            f"{prefix} {rule.name}"
            for prefix, book in ((_NEW, self.book), (_ACTIVE, self.active))
            for rule in _hits(book, example)
        )

    def names(self, counting: AbstractSet[str], before: AbstractSet[str] = _NONE) -> frozenset[str]:
        """Return the solver's names of the conditions of rules that count, and that counted before."""
        return frozenset({f"{_NEW} {name}" for name in counting} | {f"{_ACTIVE} {name}" for name in before})

    def confirmed(self, example: Example) -> Tried:
        """Run the rules on an example, and remember it."""
        self.tried.append(Tried(example, frozenset(rule.name for rule in _hits(self.book, example))))
        return self.tried[-1]

    def hit_names(self, example: Example) -> frozenset[str]:
        """Return the rules of either rulebook that hold for an example."""
        return frozenset(rule.name for book in (self.active, self.book) for rule in _hits(book, example))

    def outcome(self, example: Example, counting: frozenset[str], *, active: bool = False) -> Outcome:
        """Return what the rules that count make of an example."""
        book = self.active if active else self.book
        return outcome_of(
            [rule for rule in _hits(book, example) if rule.name in counting], book.rulebook.scoring
        )

    def witness(self, example: Example, shown: Iterable[str], conditions: Sequence[Checked] = ()) -> Witness:
        """Return an example as it is shown: what the rules of those names read, and their hits."""
        books = [_narrowed(book, frozenset(shown)) for book in (self.active, self.book)]
        hits = {hit.rule: hit for book in books for hit in evaluate(book, example.facts, example.lists)}
        read = [*conditions, *(condition for book in books for condition in book.conditions)]
        fields = {each.name: each for condition in read for each in condition.fields}
        if any(each.unit is Unit.MINOR_UNITS for each in fields.values()):
            catalogue = self.solver.variables.catalogue
            fields |= {each.name: each for each in catalogue.fields if each.name == CURRENCY}
        lists = {each.name for condition in read for each in condition.lists}
        return Witness(
            {name: example.facts.get(name) for name in sorted(fields)},
            {name: example.lists[name] for name in sorted(lists)},
            tuple(WitnessHit(hit.rule, hit.explanation) for hit in hits.values()),
        )


def _narrowed(book: CompiledRulebook, names: frozenset[str]) -> CompiledRulebook:
    """Return the rulebook as if it had those rules only: explaining all of them takes its time."""
    pairs = [pair for pair in zip(book.rules, book.conditions, strict=True) if pair[0].name in names]
    conditions = tuple(condition for _, condition in pairs)
    return replace(
        book, rules=tuple(rule for rule, _ in pairs), conditions=conditions,
        matches=compile_conditions(conditions),
    )  # fmt: skip


def _hits(book: CompiledRulebook, example: Example) -> list[Rule]:
    matched = book.matches(example.facts, example.lists)
    return [rule for place, rule in enumerate(book.rules) if matched >> place & 1]


def _named(solver: Solver, prefix: str, book: CompiledRulebook) -> dict[str, Term]:
    pairs = zip(book.rules, book.conditions, strict=True)
    return {
        rule.name: solver.named(f"{prefix} {rule.name}", solver.encoder.condition(condition), [condition])
        for rule, condition in pairs
    }
