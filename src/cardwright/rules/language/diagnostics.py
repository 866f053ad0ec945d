"""What is wrong with an expression and where: line, column, excerpt with a caret, often a suggestion."""

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from heapq import nlargest
from itertools import pairwise
from typing import Final

_EXCERPT_WIDTH: Final = 100
_LONGEST_QUOTED_NAME: Final = 64
_COMPARED: Final = 20
_WORDS: Final = re.compile(r"[^._]+")
_ENOUGH_WORDS: Final = 3


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the source text, as offsets in characters: from `start` up to but not including `end`."""

    start: int
    end: int

    def to(self, other: "Span") -> "Span":
        """Return the stretch from the start of this one to the end of the other."""
        return Span(self.start, other.end)


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One fault; `line` and `column` count from 1, `excerpt` is two lines: the text and a caret under it."""

    line: int
    column: int
    message: str
    excerpt: str
    suggestion: str | None = None

    def __str__(self) -> str:
        hint = f"; did you mean {self.suggestion!r}?" if self.suggestion else ""
        return f"{self.line}:{self.column} {self.message}{hint}"


class ExpressionError(Exception):
    """The expression cannot be used; `diagnostics` says why, first fault first, never empty."""

    def __init__(self, *diagnostics: Diagnostic) -> None:
        super().__init__("\n".join(f"{each}\n{each.excerpt}" for each in diagnostics))
        self.diagnostics = diagnostics


def diagnose(source: str, span: Span, message: str, suggestion: str | None = None) -> Diagnostic:
    """Build the diagnostic for a stretch of `source`."""
    line_start = source.rfind("\n", 0, span.start) + 1
    line_end = source.find("\n", line_start)
    text = source[line_start : line_end if line_end >= 0 else len(source)]
    column = span.start - line_start
    return Diagnostic(
        line=source.count("\n", 0, span.start) + 1,
        column=column + 1,
        message=message,
        excerpt=_excerpt(text, column, span.end - span.start),
        suggestion=suggestion,
    )


def closest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that `word` most likely stands for, or None when none is near."""
    word, known = word[:_LONGEST_QUOTED_NAME], tuple(known)
    # Who leaves a part out, as of `velocity.card.approved_count_1h`, means a name that has all the others.
    fuller = [name for name in known if _has_all_words(name, word)]
    if fuller:
        return min(fuller, key=len)
    parts = _parts(word)
    # An exact comparison takes its time, and hundreds of names are known.
    likely = nlargest(
        _COMPARED, known, key=lambda name: len(parts & _parts(name)) / (len(parts) + len(_parts(name)))
    )
    found = difflib.get_close_matches(word, likely, n=1, cutoff=0.6)
    return found[0] if found else None


def _has_all_words(name: str, word: str) -> bool:
    wanted = _WORDS.findall(word)
    found = iter(_WORDS.findall(name))
    # Asking an iterator takes it up to what was found, so the words have to stand in one order.
    return len(wanted) >= _ENOUGH_WORDS and all(each in found for each in wanted)


@lru_cache(1_024)
def _parts(word: str) -> frozenset[str]:
    """Return the letters of a word, and its pairs of letters."""
    return frozenset({*word, *(one + two for one, two in pairwise(word))})


def shorten(word: str) -> str:
    """Return `word`, cut so that a message stays readable however long the input was."""
    return word if len(word) <= _LONGEST_QUOTED_NAME else word[:_LONGEST_QUOTED_NAME] + "…"


def _excerpt(line: str, column: int, length: int) -> str:
    first = max(0, column - _EXCERPT_WIDTH // 2)
    shown = line[first : first + _EXCERPT_WIDTH].rstrip("\r").encode(errors="replace").decode()
    # Tabs are kept before the caret, so that it stands under its text at any tab width.
    margin = "".join("\t" if char == "\t" else " " for char in shown[: column - first])
    carets = "^" * max(1, min(length, len(shown) - len(margin)))
    return f"{shown}\n{margin}{carets}"
