"""Asking the solver: a transaction for which some terms hold, or which of them cannot hold together."""

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from itertools import islice
from time import monotonic
from typing import Any, Final, TypeAlias

import z3

from cardwright.rules.language.catalogue import CURRENCY, Catalogue
from cardwright.rules.language.checker import Checked
from cardwright.rules.language.interpreter import Lists
from cardwright.rules.language.types import Base, FactValue, Vocabulary
from cardwright.rules.proofs.encode import Asked, Encoder, plan, tests_of
from cardwright.rules.proofs.machines import TextTest
from cardwright.rules.proofs.texts import Clash, Texts
from cardwright.rules.proofs.variables import Term, Variables

_MOST_ROUNDS: Final = 60
_PATIENCE: Final = 64


@dataclass(frozen=True, slots=True)
class Budget:
    """Until when to go on at all, and how long one question may take."""

    ends: float
    query_seconds: float = 1.0

    @classmethod
    def of(cls, seconds: float, query_seconds: float = 1.0) -> "Budget":
        """Return a budget of so many seconds from now on."""
        return cls(monotonic() + seconds, query_seconds)

    @property
    def milliseconds(self) -> int:
        """How long the next question may take; 0 when the time is over."""
        return max(0, round(1_000 * min(self.query_seconds, self.ends - monotonic())))


@dataclass(frozen=True, slots=True)
class Example:
    """A transaction, and what the named lists would hold."""

    facts: Mapping[str, FactValue]
    lists: Lists


@dataclass(frozen=True, slots=True)
class Impossible:
    """Nothing like that exists; the assumptions at these places are enough to see it."""

    places: frozenset[int]


Judge: TypeAlias = Callable[[Example], AbstractSet[str]]
"""Tells which named conditions really hold for an example."""

_NO_NAMES: Final = frozenset[str]()


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a name stands for, the tests of texts in it, and the names that it is made `of`."""

    name: Term
    term: Term
    tests: frozenset[TextTest]
    of: frozenset[str]


class _TextUnknownError(Exception):
    """No text was found for what the solver wants of one."""


@dataclass(slots=True)
class Solver:
    """One solver for many questions about the same conditions.

    Conditions have names, and most questions need few of them: a name may hold or not until an example shows
    that the solver took it for what it is not. Only then is its condition told to the solver.
    """

    variables: Variables
    encoder: Encoder
    budget: Budget
    meanings: dict[str, Meaning] = field(default_factory=dict)
    _texts: Texts = field(default_factory=Texts)
    _learned: list[Term] = field(default_factory=list)

    @classmethod
    def of(cls, catalogue: Catalogue, conditions: Sequence[Checked], budget: Budget) -> "Solver":
        """Return a solver that may be asked about those conditions, and no others."""
        read = {field.name for condition in conditions for field in condition.fields}
        # The currency is shown beside every amount, whether or not rules read it.
        known = catalogue.narrowed({*read, CURRENCY})
        variables = Variables(known, plan(known, conditions))
        return cls(variables, Encoder(variables), budget)

    def named(
        self, name: str, term: Term, conditions: Sequence[Checked] = (), of: AbstractSet[str] = _NO_NAMES
    ) -> Term:
        """Return a name for a term, fit to be assumed; it is made of those conditions and other names."""
        tests = frozenset(test for condition in conditions for test in tests_of(condition))
        named = z3.Bool(name, self.variables.context)
        self.meanings[name] = Meaning(named, term, tests, frozenset(of))
        return named

    def find(self, assumptions: Sequence[Term], judge: Judge) -> Example | Impossible | None:
        """Return a transaction for which all hold, or that there is none; None when neither is known."""
        solver, learned = self.variables.solver, len(self._learned)
        solver.push()
        try:
            return self._found(assumptions, judge)
        finally:
            solver.pop()
            solver.add(*self._learned[learned:])

    def _found(self, assumptions: Sequence[Term], judge: Judge) -> Example | Impossible | None:
        expected = dict(map(_named, assumptions))
        concerned = sorted(
            expected.keys() | frozenset[str]().union(*(self.meanings[name].of for name in expected))
        )
        told = {name for name, holds in expected.items() if holds}
        self._tell(told)
        for turn in range(_MOST_ROUNDS):
            answer = self._answer(assumptions)
            if answer == z3.unsat:
                return self._impossible(assumptions)
            if answer != z3.sat:
                return None
            model = self.variables.solver.model()
            tests = frozenset[TextTest]().union(*(self.meanings[name].tests for name in told))
            try:
                example = _Reading(self, model, tests).example()
            except _TextUnknownError:
                return None
            if example is not None:
                mistaken = self._mistaken(model, judge(example), expected)
                if not mistaken or mistaken <= told:
                    return None if mistaken else example
                # Where examples go on to be wrong one by one, ever more is told unasked.
                unasked = islice((name for name in concerned if name not in told), 2**turn // _PATIENCE)
                news = (mistaken | set(unasked)) - told
                self._tell(news)
                told |= news
        return None

    def _answer(self, assumptions: Sequence[Term]) -> Any:
        left = self.budget.milliseconds
        if not left:
            return z3.unknown
        self.variables.solver.set("timeout", left)
        return self.variables.solver.check(*assumptions)

    def _tell(self, names: AbstractSet[str]) -> None:
        for meaning in (self.meanings[name] for name in names):
            self.variables.solver.add(meaning.name == meaning.term)

    def _mistaken(self, model: Any, holding: AbstractSet[str], expected: Mapping[str, bool]) -> set[str]:
        """Return names that the solver takes to hold and do not, or the other way; not always all of them."""

        def taken(name: str) -> Any:
            return model.eval(self.meanings[name].name)

        parts = frozenset[str]().union(*(self.meanings[name].of for name in expected))
        plain = {name: holds for name, holds in expected.items() if not self.meanings[name].of}
        mistaken = {name for name, holds in plain.items() if (name in holding) is not holds}
        mistaken |= {name for name in parts & holding if z3.is_false(taken(name))}
        return mistaken or {name for name in parts - holding if z3.is_true(taken(name))}

    def _impossible(self, assumptions: Sequence[Term]) -> Impossible:
        core = {each.get_id() for each in self.variables.solver.unsat_core()}
        return Impossible(frozenset(place for place, each in enumerate(assumptions) if each.get_id() in core))

    def text(
        self, other: int, model: Any, relevant: AbstractSet[TextTest], taken: AbstractSet[str]
    ) -> str | None:
        """Return what a text without a place is; None after the solver was told that there is none."""
        tests = self.variables.tests.get(other, {})
        wanted = {
            test: z3.is_true(value)
            for test, passed in tests.items()
            if test in relevant
            if z3.is_true(value := model.eval(passed)) or z3.is_false(value)
        }
        found = self._texts.find(wanted, taken)
        if isinstance(found, str):
            return found
        if found is None or not self._learn(other, found):
            raise _TextUnknownError
        return None

    def _learn(self, other: int, clash: Clash) -> bool:
        """Tell the solver what clashes; not when it was only with a text chosen for another field."""
        tests, named = self.variables.tests[other], set(self.variables.texts)
        if any(test not in tests and test[1] not in named for test in clash.tests):
            return False
        self._learned.append(
            self.variables.any_of(
                z3.Not(tests[test]) if value else tests[test]
                for test, value in clash.tests.items()
                if test in tests
            )
        )
        self.variables.solver.add(self._learned[-1])
        return True


def _named(assumption: Term) -> tuple[str, bool]:
    """Return the name that is assumed, and whether it is to hold."""
    if z3.is_const(assumption):
        return assumption.decl().name(), True
    return assumption.arg(0).decl().name(), False


@dataclass(slots=True)
class _Reading:
    """Reads a model of the solver as a transaction."""

    solver: Solver
    model: Any
    relevant: AbstractSet[TextTest]
    texts: dict[int, str] = field(default_factory=dict)

    def example(self) -> Example | None:
        """Return the transaction; None when one of its texts cannot be."""
        variables, facts = self.solver.variables, dict[str, FactValue]()
        for each in variables.catalogue.fields:
            if not self._truth(variables.present(each.name)):
                continue
            value = self._value(each.type.base, each.type.vocabulary, variables.value(each.name))
            if value is None:
                return None
            facts[each.name] = value
        return Example(facts, self._lists(facts))

    def _truth(self, term: Term) -> bool:
        return bool(z3.is_true(self.model.eval(term, model_completion=True)))

    def _number(self, term: Term) -> int:
        return int(self.model.eval(term, model_completion=True).as_long())

    def _value(self, base: Base, vocabulary: Vocabulary | None, term: Term) -> FactValue:
        if base is Base.TRUTH:
            return self._truth(term)
        number = self._number(term)
        if base is Base.INTEGER:
            return number
        return self.solver.variables.words(vocabulary)[number] if number >= 0 else self._other(number)

    def _other(self, other: int) -> str | None:
        if other not in self.texts:
            taken = frozenset({*self.solver.variables.texts, *self.texts.values()})
            found = self.solver.text(other, self.model, self.relevant, taken)
            if found is None:
                return None
            self.texts[other] = found
        return self.texts[other]

    def _lists(self, facts: Mapping[str, FactValue]) -> Lists:
        entries: dict[str, set[Any]] = {named.name: set() for named in self.solver.variables.catalogue.lists}
        for asked in self.solver.encoder.asked.values():
            is_readable = asked.field is None or asked.field in facts
            if is_readable and self._truth(asked.answer):
                entries[asked.name].add(self._entry(asked))
        return {name: frozenset(values) for name, values in entries.items()}

    def _entry(self, asked: Asked) -> FactValue:
        return self._value(Base.TEXT if asked.is_text else Base.INTEGER, asked.vocabulary, asked.item)
