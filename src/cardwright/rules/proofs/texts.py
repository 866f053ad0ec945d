"""A text of which given tests hold and others do not, or which of them cannot go together."""

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from cardwright.rules.language.patterns import finds
from cardwright.rules.proofs.machines import Machine, SearchTooLong, TextTest, machine, shortest_text
from cardwright.rules.proofs.pattern_syntax import PatternUnreadable

_SEPARATORS: Final = "~|§¤¬¦"
_MOST_ADDED: Final = 3
_ANY: Final = ("A", "a", "7", "")
_MARKS: Final = re.compile(r"\\[bBAz]|\(\?[a-zA-Z:]*\)?|[\^$()+*?]")
"""What is no letter in most patterns that people write; without it a pattern often matches itself."""


@dataclass(frozen=True, slots=True)
class Clash:
    """Tests that no text can pass as wanted, all at once."""

    tests: Mapping[TextTest, bool]


def holds(test: TextTest, text: str) -> bool:
    """Answer whether a test holds of a text, as the rules' own matchers do."""
    name, argument = test
    match name:
        case "matches":
            return finds(text, argument) is True
        case "startsWith":
            return text.startswith(argument)
        case "endsWith":
            return text.endswith(argument)
        case "contains":
            return argument in text
        case _:
            return text == argument


def implied(test: TextTest, other: TextTest) -> bool | None:
    """Return whether `other` holds, or fails, wherever `test` holds; None when it depends, or is hard."""
    (name, text), (other_name, part) = test, other
    if name == "==":
        return holds(other, text)
    if name == "matches" or other_name == "matches":
        return None
    if other_name in {name, "contains"}:
        if holds(other, text):
            return True
        is_start = name == other_name == "startsWith"
        is_end = name == other_name == "endsWith"
        if (is_start and not part.startswith(text)) or (is_end and not part.endswith(text)):
            return False
    return None


@dataclass(slots=True)
class Texts:
    """Finds texts, and remembers what it found out."""

    _machines: dict[TextTest, Machine | None] = field(default_factory=dict)
    _alone: dict[TextTest, str] = field(default_factory=dict)

    def find(self, wanted: Mapping[TextTest, bool], taken: AbstractSet[str]) -> str | Clash | None:
        """Return a text that is not taken, or what clashes; None when neither was found."""
        try:
            guesses = _guesses(wanted, self._words(wanted))
            guess = next((text for text in guesses if text not in taken and not _missed(wanted, text)), None)
            if guess is not None:
                return guess
            return self._searched(wanted, taken)
        except SearchTooLong:
            return None

    def _words(self, wanted: Mapping[TextTest, bool]) -> list[str]:
        """Return a text for each pattern that is wanted, as if it were wanted alone."""
        patterns = [test for test, value in wanted.items() if value and test[0] == "matches"]
        for test in patterns:
            if test not in self._alone:
                text = self._shortest({test: True}) if self._machine(test) else _MARKS.sub("", test[1])
                self._alone[test] = text or ""
        return [self._alone[test] for test in patterns]

    def _searched(self, wanted: Mapping[TextTest, bool], taken: AbstractSet[str]) -> str | Clash | None:
        """Search with what is wanted to hold, then with whatever the text that was found misses.

        Patterns that are not readable cannot be searched for; the text may pass them by luck.
        """
        readable = {test: value for test, value in wanted.items() if self._machine(test) is not None}
        chosen = {test: True for test, is_wanted in readable.items() if is_wanted}
        while True:
            text = self._shortest(chosen)
            if text is None:
                return Clash(self._least(chosen))
            missed = dict(islice(_missed(readable, text).items(), _MOST_ADDED))
            if text in taken:
                missed["==", text] = False
            if not missed:
                return None if _missed(wanted, text) else text
            chosen.update(missed)

    def _machine(self, test: TextTest) -> Machine | None:
        if test not in self._machines:
            try:
                self._machines[test] = machine(test)
            except PatternUnreadable:
                self._machines[test] = None
        return self._machines[test]

    def _shortest(self, wanted: Mapping[TextTest, bool]) -> str | None:
        machines = {test: known for test in wanted if (known := self._machine(test)) is not None}
        return shortest_text(wanted, machines)

    def _least(self, clashing: Mapping[TextTest, bool]) -> dict[TextTest, bool]:
        least = dict(clashing)
        for test in clashing:
            fewer = {other: value for other, value in least.items() if other != test}
            if fewer and self._shortest(fewer) is None:
                least = fewer
        return least


def _missed(wanted: Mapping[TextTest, bool], text: str) -> dict[TextTest, bool]:
    return {test: value for test, value in wanted.items() if holds(test, text) is not value}


def _guesses(wanted: Mapping[TextTest, bool], words: list[str]) -> list[str]:
    """Return texts made of what is wanted: side by side, and apart by a sign that no test names."""
    positive = [test for test, value in wanted.items() if value]
    begin, end = (
        max((text for name, text in positive if name == wanted_name), key=len, default="")
        for wanted_name in ("startsWith", "endsWith")
    )
    middle = [text for name, text in positive if name == "contains" and text not in begin and text not in end]
    named = "".join(text for _, text in wanted)
    apart = next((sign for sign in _SEPARATORS if sign not in named), "~")
    joined = begin if begin == end else begin + "".join(middle) + end
    guesses = [joined, "".join((begin, *words, *middle, end)), apart.join((begin, *words, *middle, end))]
    return [*filter(None, guesses), begin + apart + end, *_ANY]
