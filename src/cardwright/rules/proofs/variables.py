"""What a proof knows of a transaction's fields: a variable for each, and what holds of them all."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, Final, TypeAlias

import z3

from cardwright.rules.language import types
from cardwright.rules.language.catalogue import Catalogue, Field
from cardwright.rules.language.types import Base, Vocabulary
from cardwright.rules.proofs.machines import TextTest
from cardwright.rules.proofs.texts import holds, implied

Term: TypeAlias = Any
"""An expression of the solver; its binding has no types."""

# Categories are the only vocabulary that is described and not listed.
_DESCRIBED: Final = {types.MCC.vocabulary: tuple(f"{code:04}" for code in range(10_000))}


@dataclass(frozen=True, slots=True)
class Plan:
    """What has to be known before the first condition is written: texts that fields are compared with.

    `together` are groups of fields that are compared with each other.
    """

    texts: tuple[str, ...]
    together: tuple[frozenset[str], ...]


class Variables:
    """Variables in a solver of their own.

    A text is a number: its place among the vocabulary's words, or among the texts that rules name. Below 0 it
    is some other text; fields that are compared with each other share those, one for each of them.
    """

    def __init__(self, catalogue: Catalogue, plan: Plan) -> None:
        self.context: Final = z3.Context()
        self.solver: Final = z3.Solver(ctx=self.context)
        self.catalogue: Final = catalogue
        self.texts: Final = ("", *sorted(set(plan.texts) - {""}))
        self.others: Final[dict[str, range]] = {}
        self.tests: Final[dict[int, dict[TextTest, Term]]] = {}
        self._places: Final[dict[Vocabulary | None, dict[str, int]]] = {}
        self._within: Final[dict[tuple[str, TextTest], Term]] = {}
        self._share(plan.together)
        self._values: Final = {field.name: self._variable(field) for field in catalogue.fields}
        self._present: Final = {
            field.name: z3.Bool(f"has {field.name}", self.context)
            for field in catalogue.fields
            if field.is_optional
        }
        for low, high in catalogue.at_most:
            self._require_at_most(low, high)
        for name, value in catalogue.fixed.items():
            vocabulary = next(field.type.vocabulary for field in catalogue.fields if field.name == name)
            self.solver.add(self._values[name] == self.place(vocabulary, value))

    def _share(self, together: Sequence[frozenset[str]]) -> None:
        grouped = {name for group in together for name in group}
        alone = [frozenset({field.name}) for field in self.catalogue.fields if field.name not in grouped]
        lowest = 0
        for group in (*together, *alone):
            lowest -= len(group)
            self.others.update(dict.fromkeys(group, range(lowest, lowest + len(group))))

    def _variable(self, field: Field) -> Term:
        if field.type.base is Base.TRUTH:
            return z3.Bool(field.name, self.context)
        variable = z3.Int(field.name, self.context)
        low, high = field.bounds.low, field.bounds.high
        if field.type.base is Base.TEXT:
            words = self.words(field.type.vocabulary)
            low, high = (
                (self.others[field.name].start if field.type.vocabulary is None else 0),
                len(words) - 1,
            )
            if field.type.vocabulary is None:
                self.solver.add(z3.Or(variable >= 0, variable < self.others[field.name].stop))
        self.solver.add(variable >= low, variable <= high)
        return variable

    def _require_at_most(self, low: str, high: str) -> None:
        present = [self._present[name] for name in (low, high) if name in self._present]
        self.solver.add(z3.Or(*map(z3.Not, present), self._values[low] <= self._values[high]))

    def value(self, name: str) -> Term:
        """Return the variable of a field."""
        return self._values[name]

    def present(self, name: str) -> Term:
        """Return whether a field has a value."""
        return self._present[name] if name in self._present else self.truth(value=True)

    def truth(self, *, value: bool) -> Term:
        """Return the constant."""
        return z3.BoolVal(value, self.context)

    def number(self, value: int) -> Term:
        """Return the constant."""
        return z3.IntVal(value, self.context)

    def any_of(self, terms: Iterable[Term]) -> Term:
        """Return whether some of the terms hold."""
        return z3.Or(self.truth(value=False), *terms)

    def words(self, vocabulary: Vocabulary | None) -> tuple[str, ...]:
        """Return the texts whose places stand for them; without a vocabulary, those of the plan."""
        if vocabulary is None:
            return self.texts
        return _DESCRIBED.get(vocabulary) or tuple(sorted(vocabulary.words))

    def place(self, vocabulary: Vocabulary | None, text: str) -> int:
        """Return the number that stands for a text."""
        if vocabulary not in self._places:
            self._places[vocabulary] = {word: place for place, word in enumerate(self.words(vocabulary))}
        return self._places[vocabulary][text]

    def passes(self, field: Field, test: TextTest) -> Term:
        """Return whether the field's text passes a test."""
        known = field.name, test
        if known not in self._within:
            self._within[known] = self._passing(field, test)
        return self._within[known]

    def _passing(self, field: Field, test: TextTest) -> Term:
        variable = self._values[field.name]
        places = [place for place, word in enumerate(self.words(field.type.vocabulary)) if holds(test, word)]
        runs = self._runs(variable, places)
        if field.type.vocabulary is not None:
            return self.any_of(runs)
        others = self.others[field.name]
        return self.any_of(
            [*runs, *(z3.And(variable == other, self._tested(other, test)) for other in others)]
        )

    def _runs(self, variable: Term, places: Sequence[int]) -> list[Term]:
        starts = [place for before, place in pairwise([-2, *places]) if place != before + 1]
        ends = [place for place, after in pairwise([*places, -2]) if after != place + 1]
        return [
            z3.And(variable >= start, variable <= end) if start < end else variable == start
            for start, end in zip(starts, ends, strict=True)
        ]

    def _tested(self, other: int, test: TextTest) -> Term:
        """Return whether a text without a place passes a test; what follows from it is told to the solver."""
        known = self.tests.setdefault(other, {})
        if test not in known:
            passed = z3.Bool(f"{other} {test}", self.context)
            for before, passed_before in known.items():
                self._relate(test, passed, before, passed_before)
                self._relate(before, passed_before, test, passed)
            known[test] = passed
        return known[test]

    def _relate(self, test: TextTest, passed: Term, other: TextTest, other_passed: Term) -> None:
        follows = implied(test, other)
        if follows is not None:
            self.solver.add(z3.Implies(passed, other_passed if follows else z3.Not(other_passed)))

    @cached_property
    def optional(self) -> frozenset[str]:
        """The fields that can be missing."""
        return frozenset(self._present)
