"""Two rulebooks side by side in one solver, and the runtime that confirms what it says."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from cardwright.rules.domain import Rule, RuleHit
from cardwright.rules.evaluation import CompiledRulebook, evaluate
from cardwright.rules.language.catalogue import Catalogue, Unit
from cardwright.rules.language.checker import Checked
from cardwright.rules.proofs.findings import Witness, WitnessHit
from cardwright.rules.proofs.outcomes import Outcome, outcome_of
from cardwright.rules.proofs.solving import Budget, Example, Solver
from cardwright.rules.proofs.variables import Term


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
        return cls(book, active, solver, _named(solver, "new", book), _named(solver, "active", active))

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules that are evaluated."""
        return self.book.rules

    def confirmed(self, example: Example) -> Tried:
        """Run the rules on an example, and remember it."""
        matched = self.book.matches(example.facts, example.lists)
        hits = frozenset(rule.name for place, rule in enumerate(self.rules) if matched >> place & 1)
        self.tried.append(Tried(example, hits))
        return self.tried[-1]

    def evaluated(self, example: Example, *, active: bool = False) -> tuple[RuleHit, ...]:
        """Return the hits of an example, explained."""
        return evaluate(self.active if active else self.book, example.facts, example.lists)

    def outcome(self, example: Example, counting: frozenset[str], *, active: bool = False) -> Outcome:
        """Return what the rules that count make of an example."""
        hits = [hit for hit in self.evaluated(example, active=active) if hit.rule in counting]
        return outcome_of(hits, (self.active if active else self.book).rulebook.scoring)

    def witness(self, example: Example, shown: Iterable[str], conditions: Sequence[Checked] = ()) -> Witness:
        """Return an example as it is shown: what the rules of those names read, and their hits."""
        names = frozenset(shown)
        hits = {hit.rule: hit for active in (True, False) for hit in self.evaluated(example, active=active)}
        read = [*conditions, *self._conditions(names)]
        fields = {each.name: each for condition in read for each in condition.fields}
        if any(each.unit is Unit.MINOR_UNITS for each in fields.values()) and "currency" in example.facts:
            fields["currency"] = next(
                each for each in self.solver.variables.catalogue.fields if each.name == "currency"
            )
        lists = {each.name for condition in read for each in condition.lists}
        return Witness(
            {name: example.facts.get(name) for name in sorted(fields)},
            {name: example.lists[name] for name in sorted(lists)},
            tuple(WitnessHit(hit.rule, hit.explanation) for hit in hits.values() if hit.rule in names),
        )

    def _conditions(self, names: frozenset[str]) -> list[Checked]:
        return [
            condition
            for book in (self.active, self.book)
            for rule, condition in zip(book.rules, book.conditions, strict=True)
            if rule.name in names
        ]


def _named(solver: Solver, prefix: str, book: CompiledRulebook) -> dict[str, Term]:
    pairs = zip(book.rules, book.conditions, strict=True)
    return {
        rule.name: solver.named(f"{prefix} {rule.name}", solver.encoder.condition(condition))
        for rule, condition in pairs
    }
