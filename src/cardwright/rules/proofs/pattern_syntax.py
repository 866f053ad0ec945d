"""Patterns of RE2 to programs that can be reasoned about; what has no exact translation is refused."""

import re
from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias

from cardwright.rules.proofs import characters
from cardwright.rules.proofs.characters import CharacterSet


class PatternUnreadable(ValueError):
    """The pattern has a part whose meaning is not known here; proofs about it end as unknown."""


@dataclass(frozen=True, slots=True)
class Edge:
    """Only at that end of the text."""

    where: Literal["begin", "end"]


@dataclass(frozen=True, slots=True)
class Sequence:
    """One part after the other; without parts, the empty text."""

    parts: tuple["Part", ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the parts."""

    parts: tuple["Part", ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """The part so many times; without `most`, any more."""

    part: "Part"
    least: int
    most: int | None


Part: TypeAlias = CharacterSet | Edge | Sequence | Choice | Repeat

EMPTY: Final = Sequence(())
_DIGITS: Final = characters.of((48, 57))
_WORD: Final = characters.of((48, 57), (65, 90), (95, 95), (97, 122))
_SPACE: Final = characters.of((9, 10), (12, 13), (32, 32))
_CLASSES: Final = {"d": _DIGITS, "w": _WORD, "s": _SPACE}
_POSIX: Final = {
    "alpha": characters.of((65, 90), (97, 122)), "digit": _DIGITS, "word": _WORD,
    "alnum": characters.of((48, 57), (65, 90), (97, 122)),
    "upper": characters.of((65, 90)), "lower": characters.of((97, 122)),
    "space": characters.of((9, 13), (32, 32)),
    "punct": characters.of((33, 47), (58, 64), (91, 96), (123, 126)),
    "xdigit": characters.of((48, 57), (65, 70), (97, 102)),
}  # fmt: skip
_CONTROLS: Final = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v", "a": "\a"}
_NEWLINE: Final = characters.only("\n")
_ANYTHING: Final = characters.outside(())
_COUNTED: Final = re.compile(r"\{(\d+)(,(\d*))?\}")
_GROUP: Final = re.compile(r"\(\?(?:P?<\w+>|([imsU]*(?:-[imsU]+)?)(:|\)))")


@dataclass(frozen=True, slots=True)
class _Flags:
    ignores_case: bool = False
    dot_is_all: bool = False
    has_lines: bool = False


def read(pattern: str) -> Part:
    """Return what a valid pattern looks for; raise PatternUnreadable where that is not known."""
    reader = _Reader(pattern)
    part = reader.choice(_Flags())
    if reader.place != len(pattern):
        raise PatternUnreadable(pattern)
    return part


@dataclass(slots=True)
class _Reader:
    """Reads a pattern from left to right; RE2 has accepted it before."""

    pattern: str
    place: int = 0

    def choice(self, flags: _Flags) -> Part:
        """Read up to the end of the group; flags set within it hold until there."""
        choices: list[Part] = []
        parts: list[Part] = []
        while self.place < len(self.pattern) and self._next != ")":
            if self._taken("|"):
                choices.append(Sequence(tuple(parts)))
                parts = []
                continue
            part, flags = self._part(flags)
            parts.append(self._repeated(part))
        choices.append(Sequence(tuple(parts)))
        return Choice(tuple(choices)) if len(choices) > 1 else choices[0]

    @property
    def _next(self) -> str:
        return self.pattern[self.place]

    def _taken(self, text: str) -> bool:
        found = self.pattern.startswith(text, self.place)
        self.place += len(text) if found else 0
        return found

    def _part(self, flags: _Flags) -> tuple[Part, _Flags]:
        if self._next == "(":
            return self._group(flags)
        return self._edge(flags) or self._one(flags), flags

    def _edge(self, flags: _Flags) -> Edge | None:
        if self._next in "^$" and flags.has_lines:
            raise PatternUnreadable("lines")
        if self._taken("^") or self._taken("\\A"):
            return Edge("begin")
        return Edge("end") if self._taken("$") or self._taken("\\z") else None

    def _one(self, flags: _Flags) -> CharacterSet:
        """Read what stands for one character."""
        if self._taken("."):
            return _ANYTHING if flags.dot_is_all else characters.outside(_NEWLINE)
        return self._class(flags) if self._taken("[") else self._single(flags)

    def _group(self, flags: _Flags) -> tuple[Part, _Flags]:
        inside = flags
        found = _GROUP.match(self.pattern, self.place)
        if found is None and self.pattern.startswith("(?", self.place):
            raise PatternUnreadable("group")
        self.place = found.end() if found else self.place + 1
        if found and found[2]:
            inside = _changed(flags, found[1])
            if found[2] == ")":
                if self.pattern[self.place : self.place + 1] in {"*", "+", "?", "{"}:
                    raise PatternUnreadable("flags repeated: RE2 repeats what stands before them")
                return EMPTY, inside
        part = self.choice(inside)
        if not self._taken(")"):
            raise PatternUnreadable("group")
        return part, flags

    def _repeated(self, part: Part) -> Part:
        while self.place < len(self.pattern):
            counted = _COUNTED.match(self.pattern, self.place)
            if self._taken("*"):
                part = Repeat(part, 0, None)
            elif self._taken("+"):
                part = Repeat(part, 1, None)
            elif self._taken("?"):
                part = Repeat(part, 0, 1)
            elif counted:
                self.place = counted.end()
                least = int(counted[1])
                most = least if counted[2] is None else int(counted[3]) if counted[3] else None
                part = Repeat(part, least, most)
            else:
                break
            # Which of several matches is preferred does not matter here: only whether there is one.
            self._taken("?")
        return part

    def _single(self, flags: _Flags) -> CharacterSet:
        return self._negated_class(flags) or self._folded(self._character(), flags)

    def _negated_class(self, flags: _Flags) -> CharacterSet | None:
        # Letters are folded before the rest is taken: \W has no sign of Kelvin where case does not matter.
        sign = self.pattern[self.place + 1 : self.place + 2]
        if self._next != "\\" or not sign.isupper() or sign.lower() not in _CLASSES:
            return None
        self.place += 2
        return characters.outside(self._folded(_CLASSES[sign.lower()], flags))

    def _character(self) -> CharacterSet:
        return self._escape() if self._taken("\\") else self._literal()

    def _literal(self) -> CharacterSet:
        self.place += 1
        return characters.only(self.pattern[self.place - 1])

    def _folded(self, found: CharacterSet, flags: _Flags) -> CharacterSet:
        if not flags.ignores_case:
            return found
        folded = characters.ignoring_case(found)
        if folded is None:
            raise PatternUnreadable("letters outside ASCII without their case")
        return folded

    def _escape(self) -> CharacterSet:
        sign = self._next
        self.place += 1
        if sign in _CLASSES:
            return _CLASSES[sign]
        if sign in _CONTROLS:
            return characters.only(_CONTROLS[sign])
        if sign == "x":
            found = re.compile(r"([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]+)\}").match(self.pattern, self.place)
            if found is None:
                raise PatternUnreadable("escape")
            self.place = found.end()
            return characters.only(chr(int(found[1] or found[2], 16)))
        if sign.isascii() and not sign.isalnum() and sign != "_":
            return characters.only(sign)
        raise PatternUnreadable(f"\\{sign}")

    def _class(self, flags: _Flags) -> CharacterSet:
        is_negated = self._taken("^")
        found: list[tuple[int, int]] = []
        is_first = True
        while is_first or self._next != "]":
            is_first = False
            found.extend(self._member(flags))
            if self.place >= len(self.pattern):
                raise PatternUnreadable("class")
        self.place += 1
        whole = characters.of(*found)
        return characters.outside(whole) if is_negated else whole

    def _member(self, flags: _Flags) -> CharacterSet:
        named = re.compile(r"\[:(\w+):\]").match(self.pattern, self.place)
        if named:
            self.place = named.end()
            if named[1] not in _POSIX:
                raise PatternUnreadable(named[1])
            return self._folded(_POSIX[named[1]], flags)
        if self.pattern.startswith("[:", self.place):
            raise PatternUnreadable("class")
        negated = self._negated_class(flags)
        if negated is not None:
            return negated
        low = self._character()
        is_range = (
            self.pattern.startswith("-", self.place) and self.pattern[self.place + 1 : self.place + 2] != "]"
        )
        if not is_range:
            return self._folded(low, flags)
        self.place += 1
        high = self._character()
        if any(len(end) != 1 or end[0][0] != end[0][1] for end in (low, high)):
            raise PatternUnreadable("range")
        return self._folded(characters.of((low[0][0], high[0][0])), flags)


def _changed(flags: _Flags, letters: str) -> _Flags:
    on, _, off = letters.partition("-")
    for signs, value in ((on, True), (off, False)):
        if "i" in signs:
            flags = replace(flags, ignores_case=value)
        if "s" in signs:
            flags = replace(flags, dot_is_all=value)
        if "m" in signs:
            flags = replace(flags, has_lines=value)
    return flags
