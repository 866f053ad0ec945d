"""Patterns of `matches`: RE2, where no text makes one slow, within limits on what it may become."""

from collections.abc import Callable, Collection, Iterator, Sequence
from functools import lru_cache
from typing import Any, Final

import re2

MAX_PATTERN_CHARACTERS: Final = 500
"""How long all patterns of one condition may be together: reading one costs by its length."""

MAX_PROGRAM_SIZE: Final = 4_000
"""How many instructions they may become together: `.{1000}` is short and large."""

_MOST_KEPT: Final = 512
_BUDGET_BYTES: Final = 256 * 1024
_SEARCHED_AT_ONCE: Final = 10_000
"""How many instructions are searched for in one pass: what does not fit the budget is not found, silently."""
_BUDGET_AT_ONCE_BYTES: Final = 16 * 1024 * 1024


class PatternError(ValueError):
    """The text is no pattern; the message says why."""


def program_size(pattern: str) -> int:
    """Return how many instructions the pattern becomes; raise PatternError when it is none."""
    size: int = _compiled(pattern).programsize
    return size


def finder(pattern: str) -> Callable[[str], bool]:
    """Return a function that answers whether a text has a part that fits the pattern."""
    search = _compiled(pattern).search

    def finds(text: str) -> bool:
        # Bytes, because for a str the binding also counts where its characters are, at twice the cost. Half a
        # surrogate pair, which a network may send, has no bytes.
        return search(text.encode(errors="replace")) is not None

    return finds


def batches(patterns: Sequence[str]) -> Iterator[Sequence[str]]:
    """Divide patterns into such as are searched for in one pass."""
    batch: list[str] = []
    size = 0
    for pattern in patterns:
        added = program_size(pattern)
        if batch and size + added > _SEARCHED_AT_ONCE:
            yield batch
            batch, size = [], 0
        batch.append(pattern)
        size += added
    if batch:
        yield batch


def searcher(patterns: Sequence[str]) -> Callable[[str], Collection[int]]:
    """Return a function that tells which of a batch of patterns fit a part of a text, by their positions.

    One pass over the text, however many patterns there are.
    """
    found: Any = re2.Set.SearchSet(_options(_BUDGET_AT_ONCE_BYTES))  # type: ignore[no-untyped-call]
    for pattern in patterns:
        found.Add(pattern)
    found.Compile()
    match: Callable[[bytes], Sequence[int] | None] = found.Match

    def positions(text: str) -> Collection[int]:
        return match(text.encode(errors="replace")) or ()

    return positions


def finds(text: str | None, pattern: str) -> bool | None:
    """Answer the same for a pattern that comes along; None for no text, as functions in SQL do."""
    return None if text is None else _kept_finder(pattern)(text)


@lru_cache(maxsize=_MOST_KEPT)
def _kept_finder(pattern: str) -> Callable[[str], bool]:
    return finder(pattern)


@lru_cache(maxsize=_MOST_KEPT)
def _compiled(pattern: str) -> Any:
    if "\\C" in pattern.replace("\\\\", ""):
        raise PatternError("\\C, a single byte, is no part of a text")
    try:
        return re2.compile(pattern, _options(_BUDGET_BYTES))  # type: ignore[no-untyped-call] # the binding has no types
    except re2.error as error:
        raise PatternError(_reason(error)) from None


def _options(budget_bytes: int) -> Any:
    options: Any = re2.Options()
    options.max_mem, options.log_errors, options.never_capture = budget_bytes, False, True
    return options


def _reason(error: Exception) -> str:
    reason = error.args[0]
    return reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)
