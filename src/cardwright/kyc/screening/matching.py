"""A list of names that can be asked for those like another: candidates by their sounds, then scored."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cardwright.kyc.screening.births import POINTS, Agreement, Birth, compare_births
from cardwright.kyc.screening.names import Name, Word, read_name
from cardwright.kyc.screening.similarity import compare_names

_CANDIDATES: Final = 48
"""Of the names that share sounds with a person's, so many are scored."""
_LEAST_WEIGHT: Final = 0.5


@dataclass(frozen=True, slots=True)
class Listed:
    """Somebody on a list: `names` are as published, the chief one first."""

    reference: str
    names: tuple[str, ...]
    births: tuple[Birth, ...]
    countries: tuple[str, ...] = ()
    programs: str = ""
    list_name: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """Somebody listed who may be a person; `listed_name` is the one of their names that is most alike."""

    listed: Listed
    listed_name: str
    score: int
    name_score: int
    births: Agreement


class NameIndex:
    """The names of a list, ready to be asked; building one takes seconds, asking it milliseconds."""

    def __init__(self, everybody: Sequence[Listed]) -> None:
        self._everybody = everybody
        self._owners = [owner for owner, it in enumerate(everybody) for _ in it.names]
        self._written = [name for it in everybody for name in it.names]
        self._names: list[Name] = [read_name(name) for name in self._written]
        self._weights = _weights(self._names)
        self._postings, self._rarity = _postings(self._names)
        lengths = np.zeros(len(self._names), np.float32)
        for key, posting in self._postings.items():
            lengths[posting] += self._rarity[key] ** 2
        self._lengths = np.sqrt(np.maximum(lengths, 1e-6))

    def __len__(self) -> int:
        return len(self._everybody)

    def find(self, full_name: str, born: date, *, threshold: int) -> Sequence[Match]:
        """Return who may be a person of this name and date of birth, the likeliest first, once each."""
        name = read_name(full_name)
        best: dict[int, Match] = {}
        for candidate in self._candidates(name):
            owner = self._owners[candidate]
            listed = self._everybody[owner]
            alike = compare_names(name, self._names[candidate], self._weigh)
            agreement = compare_births(born, listed.births)
            score = max(0, min(100, round(alike + POINTS[agreement])))
            if score >= threshold and (owner not in best or score > best[owner].score):
                best[owner] = Match(listed, self._written[candidate], score, round(alike), agreement)
        return sorted(best.values(), key=lambda it: (-it.score, it.listed.list_name, it.listed.reference))

    def _weigh(self, word: Word) -> float:
        return self._weights.get(word.sound, 1.0)

    def _candidates(self, name: Name) -> Sequence[int]:
        overlap = np.zeros(len(self._names), np.float32)
        for key in _keys(name):
            posting = self._postings.get(key)
            if posting is not None:
                overlap[posting] += self._rarity[key] ** 2
        overlap /= self._lengths
        count = min(_CANDIDATES, int(np.count_nonzero(overlap)))
        if not count:
            return []
        nearest: list[int] = np.argpartition(overlap, -count)[-count:].tolist()
        return nearest


def _keys(name: Name) -> frozenset[str]:
    """Three letters each of how the words sound, and their consonants."""
    found: set[str] = set()
    for word in name.words:
        padded = f"^{word.sound}$"
        found.update(padded[start : start + 3] for start in range(len(padded) - 2))
        if len(word.consonants) > 1:
            found.add(f"={word.consonants}")
            found.update(f"={first}{second}" for first, second in pairwise(word.consonants))
        if word.family is not None:
            found.add(f"~{word.family}")
    return frozenset(found)


def _postings(names: Iterable[Name]) -> tuple[Mapping[str, NDArray[np.int32]], Mapping[str, float]]:
    found: dict[str, list[int]] = defaultdict(list)
    count = 0
    for count, name in enumerate(names, start=1):
        for key in _keys(name):
            found[key].append(count - 1)
    rarity = {key: math.log1p(count / len(where)) for key, where in found.items()}
    return {key: np.array(where, np.int32) for key, where in found.items()}, rarity


def _weights(names: Sequence[Name]) -> Mapping[str, float]:
    counted = Counter(word.sound for name in names for word in name.words)
    most = math.log1p(len(names))
    return {
        sound: max(_LEAST_WEIGHT, math.log1p(len(names) / times) / most) for sound, times in counted.items()
    }
