"""Programs that read a text once and tell whether a test holds; the shortest text that passes several."""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from cardwright.rules.language.syntax import TextTestName
from cardwright.rules.proofs import characters
from cardwright.rules.proofs.characters import CharacterSet
from cardwright.rules.proofs.pattern_syntax import (
    Choice,
    Edge,
    Part,
    PatternUnreadable,
    Repeat,
    Sequence,
    read,
)

TextTest: TypeAlias = tuple[TextTestName | Literal["=="], str]
"""A test and its argument: what a text starts with, ends with, contains, matches or is."""

MOST_STEPS: Final = 5_000
MOST_STEPS_OF_SEARCH: Final = 400_000


class SearchTooLong(Exception):
    """The search for a text went on for too long; whether there is one stays unknown."""


@dataclass(frozen=True, slots=True)
class _Read:
    """Reads one character of the set."""

    characters: CharacterSet
    then: int


@dataclass(frozen=True, slots=True)
class _Fork:
    """Goes on at every one of those places, if the text is at that edge."""

    then: tuple[int, ...]
    where: Literal["begin", "end"] | None = None


_State: TypeAlias = tuple[bool, frozenset[int]] | None
"""Whether nothing was read yet, and where the program stands; None once the test holds whatever follows."""

_MATCH: Final = 0
_START: Final[_State] = (True, frozenset())


@dataclass(slots=True)
class Machine:
    """The program of one test."""

    steps: list[_Read | _Fork]
    entry: int
    _known: dict[tuple[_State, str], _State] = field(default_factory=dict)

    @property
    def sets(self) -> Iterator[CharacterSet]:
        """Iterate over the sets of characters that the program tells apart."""
        return (step.characters for step in self.steps if isinstance(step, _Read))

    def step(self, state: _State, character: str) -> _State:
        """Return the state after one more character."""
        known = state, character
        if known not in self._known:
            self._known[known] = self._stepped(state, ord(character))
        return self._known[known]

    def _stepped(self, state: _State, code: int) -> _State:
        if state is None:
            return None
        reading, is_matched = self._reached(state, at_end=False)
        if is_matched:
            return None
        then = (step.then for step in reading if characters.holds(step.characters, code))
        return False, frozenset(then)

    def accepts(self, state: _State) -> bool:
        """Answer whether the test holds of a text that ends here."""
        return state is None or self._reached(state, at_end=True)[1]

    def is_stuck(self, state: _State) -> bool:
        """Answer whether the test can hold of no text that goes on from here."""
        if state is None:
            return False
        reading, is_matched = self._reached(state, at_end=True)
        return not reading and not is_matched

    def _reached(self, state: tuple[bool, frozenset[int]], *, at_end: bool) -> tuple[list[_Read], bool]:
        # A part of the text is enough, so the program may begin at any place as well.
        is_first, places = state
        pending, seen = [*places, self.entry], set[int]()
        reading: list[_Read] = []
        while pending:
            place = pending.pop()
            if place in seen:
                continue
            seen.add(place)
            step = self.steps[place]
            if isinstance(step, _Read):
                reading.append(step)
            elif step.where is None or (is_first if step.where == "begin" else at_end):
                pending.extend(step.then)
        return reading, _MATCH in seen


def machine(test: TextTest) -> Machine:
    """Return the program of a test; raise PatternUnreadable for a pattern without an exact translation."""
    builder = _Builder()
    return Machine(builder.steps, builder.built(_part(*test), _MATCH))


def _part(name: str, argument: str) -> Part:
    if name == "matches":
        return read(argument)
    begin = [Edge("begin")] if name in {"startsWith", "=="} else []
    end = [Edge("end")] if name in {"endsWith", "=="} else []
    return Sequence((*begin, *map(characters.only, argument), *end))


@dataclass(slots=True)
class _Builder:
    """Writes a program from its end to its beginning."""

    steps: list[_Read | _Fork] = field(default_factory=lambda: [_Fork(())])

    def _added(self, step: _Read | _Fork) -> int:
        if len(self.steps) >= MOST_STEPS:
            raise PatternUnreadable("too long")
        self.steps.append(step)
        return len(self.steps) - 1

    def built(self, part: Part, then: int) -> int:
        """Write a part, after which `then` follows; return where it begins."""
        match part:
            case Edge(where=where):
                return self._added(_Fork((then,), where))
            case Sequence(parts=parts):
                for each in reversed(parts):
                    then = self.built(each, then)
                return then
            case Choice(parts=parts):
                return self._added(_Fork(tuple(self.built(each, then) for each in parts)))
            case Repeat():
                return self._repeated(part, then)
            case _:
                return self._added(_Read(part, then))

    def _repeated(self, repeat: Repeat, then: int) -> int:
        entry = then
        if repeat.most is None:
            entry = self._added(_Fork(()))
            self.steps[entry] = _Fork((self.built(repeat.part, entry), then))
        for _ in range((repeat.most or repeat.least) - repeat.least):
            entry = self._added(_Fork((self.built(repeat.part, entry), then)))
        for _ in range(repeat.least):
            entry = self.built(repeat.part, entry)
        return entry


def shortest_text(wanted: Mapping[TextTest, bool], machines: Mapping[TextTest, Machine]) -> str | None:
    """Return a shortest text of which every test holds, or does not, as wanted; None when there is none.

    Raises SearchTooLong when too many characters had to be tried.
    """
    parts = [(machines[test], holds) for test, holds in wanted.items()]
    letters = characters.alphabet(each for one, _ in parts for each in one.sets)
    start = tuple(_START for _ in parts)
    before: dict[tuple[_State, ...], tuple[tuple[_State, ...], str] | None] = {start: None}
    pending, steps = deque([start]), 0
    while pending:
        states = pending.popleft()
        pairs = list(zip(parts, states, strict=True))
        if all(one.accepts(state) is holds for (one, holds), state in pairs):
            return _spelt(states, before)
        for letter in letters:
            after = tuple(one.step(state, letter) for (one, _), state in pairs)
            if after not in before and not _is_lost(parts, after):
                before[after] = states, letter
                pending.append(after)
        steps += len(letters) * len(parts)
        if steps > MOST_STEPS_OF_SEARCH:
            raise SearchTooLong
    return None


def _is_lost(parts: list[tuple[Machine, bool]], states: tuple[_State, ...]) -> bool:
    pairs = zip(parts, states, strict=True)
    return any(one.is_stuck(state) if holds else state is None for (one, holds), state in pairs)


def _spelt(
    states: tuple[_State, ...], before: Mapping[tuple[_State, ...], tuple[tuple[_State, ...], str] | None]
) -> str:
    letters: list[str] = []
    while (step := before[states]) is not None:
        states, letter = step
        letters.append(letter)
    return "".join(reversed(letters))
