"""Sets of characters, as sorted ranges of code points. Half a surrogate pair is no character of a text."""

from collections.abc import Iterable
from typing import Final, TypeAlias

CharacterSet: TypeAlias = tuple[tuple[int, int], ...]

_LAST: Final = 0x10FFFF
_LAST_ASCII: Final = 0x7F
_SURROGATES: Final = (0xD800, 0xDFFF)
# Two letters that RE2 takes for an ASCII letter where case does not matter: the sign of Kelvin, the long s.
_FOLDED: Final = {"k": 0x212A, "s": 0x17F}
_READABLE: Final = "Aa0XYZBCxyzbc19-. _/"


def of(*ranges: tuple[int, int]) -> CharacterSet:
    """Return the set of those ranges, joined where they touch.

    >>> of((97, 99), (100, 101), (48, 57))
    ((48, 57), (97, 101))
    """
    joined: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if joined and low <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(joined[-1][1], high))
        else:
            joined.append((low, high))
    return tuple(joined)


def only(character: str) -> CharacterSet:
    """Return the set of one character."""
    return of((ord(character), ord(character)))


def outside(characters: CharacterSet) -> CharacterSet:
    """Return every character that is not in the set."""
    edges = [-1, *(edge for pair in characters for edge in pair), _LAST + 1]
    pairs = zip(edges[::2], edges[1::2], strict=True)
    return of(*((low + 1, high - 1) for low, high in pairs if low + 1 <= high - 1))


def ignoring_case(characters: CharacterSet) -> CharacterSet | None:
    """Return the set with the other case of its letters; None when it has letters outside ASCII."""
    if any(high > _LAST_ASCII and not _has_no_case(low, high) for low, high in characters):
        return None
    letters = [
        chr(code)
        for low, high in characters
        for code in range(low, min(high, _LAST_ASCII) + 1)
        if chr(code).isalpha()
    ]
    swapped = [(ord(letter.swapcase()),) * 2 for letter in letters]
    folded = [(_FOLDED[letter.lower()],) * 2 for letter in letters if letter.lower() in _FOLDED]
    return of(*characters, *swapped, *folded)


def _has_no_case(low: int, high: int) -> bool:
    return low == high and chr(low).lower() == chr(low).upper() == chr(low).title()


def alphabet(sets: Iterable[CharacterSet]) -> tuple[str, ...]:
    """Return one character for each kind of character that the sets can tell apart, readable ones first."""
    known = tuple(set(sets))
    edges = {0, *_SURROGATES, _SURROGATES[1] + 1} | {
        edge for each in known for low, high in each for edge in (low, high + 1)
    }
    readable = {code: place for place, code in enumerate(map(ord, _READABLE))}
    starts = sorted((edges - {_LAST + 1}) | {code + step for code in readable for step in (0, 1)})
    kinds: dict[tuple[bool, ...], int] = {}
    for code in sorted(starts, key=lambda code: (readable.get(code, 1_000), not chr(code).isprintable())):
        if not _SURROGATES[0] <= code <= _SURROGATES[1]:
            kinds.setdefault(tuple(holds(each, code) for each in known), code)
    return tuple(map(chr, kinds.values()))


def holds(characters: CharacterSet, code: int) -> bool:
    """Answer whether the character of that code point is in the set."""
    return any(low <= code <= high for low, high in characters)
