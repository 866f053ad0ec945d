"""How alike two names are, from 0 to 100, whatever the order of their words."""

from collections.abc import Callable, Sequence
from typing import Final

from rapidfuzz.distance import OSA, Levenshtein

from cardwright.kyc.screening.names import Name, Word

Weigh = Callable[[Word], float]
"""How much a word tells people apart, from 0 to 1: `Muhammad` little, a rare surname much."""
_SOUNDS_ALIKE: Final = 0.98
_SHORT_FORM: Final = 0.93
_SAME_CONSONANTS: Final = 0.93
_SAME_CONSONANT: Final = 0.88
_OTHER_VOWELS: Final = 0.9
_FEWEST_CONSONANTS: Final = 3
_NEAR_IN_SOUND: Final = 0.6
_LETTERS_PER_EDIT: Final = 4
_OF_AN_EDIT: Final = 1.2
_OF_ANOTHER_BEGINNING: Final = 0.5
_INITIAL: Final = 0.9
_OF_AN_INITIAL: Final = 0.4
_OF_AN_EXTRA_WORD: Final = 0.12
_OF_AN_EXTRA_FIRST_WORD: Final = 0.45
_ONE_EDIT_IN_A_SHORT_WORD: Final = 0.5
_OTHER_ORDER: Final = 2.0
_ONE_WORD_IN_COMMON: Final = 78.0
_ONLY_WORD: Final = 92.0
_JOINED_ALIKE: Final = 0.88


def compare_names(ours: Name, theirs: Name, weigh: Weigh) -> float:
    """Return how alike two names are, in points of 100.

    Each word is held against at most one of the other name, those most alike first. The score is the weight
    of the words that agree in the weight of all; words that only one name has count little, as middle names
    are left out, but the first of a name seldom is; two that are left over on both sides contradict each
    other. Surnames go before or behind: another order than that is a little less alike. Less than two whole
    words in common stay below any sensible threshold unless a date of birth says more.
    """
    pairs, left, right = _pair(ours.words, theirs.words)
    agreed = total = 0.0
    whole = 0
    for i, j, alike in pairs:
        word, other = ours.words[i], theirs.words[j]
        weight = min(weigh(word), weigh(other))
        if word.is_initial or other.is_initial:
            weight *= _OF_AN_INITIAL
        else:
            whole += 1
        agreed, total = agreed + weight * alike, total + weight
    against = min(len(left), len(right))
    for name, places in ((ours, left), (theirs, right)):
        weights = sorted((weigh(name.words[place]) for place in places), reverse=True)
        total += sum(weights[:against]) / 2 + sum(weights[against:]) * _OF_AN_EXTRA_WORD
        if 0 in places and not against:
            total += weigh(name.words[0]) * (_OF_AN_EXTRA_FIRST_WORD - _OF_AN_EXTRA_WORD)
    score = min(100.0, 100 * agreed / total) if total else 0.0
    if not _is_turned(pairs):
        score -= _OTHER_ORDER
    if whole < 2:  # noqa: PLR2004 - a given name and a surname
        are_single = len(ours.words) == len(theirs.words) == 1
        score = min(score, _ONLY_WORD if are_single else _ONE_WORD_IN_COMMON)
    return max(score, _compare_joined(ours, theirs)) if len(ours.words) != len(theirs.words) else score


def _is_turned(pairs: Sequence[tuple[int, int, float]]) -> bool:
    """Say whether words follow each other alike in both names, wherever each begins."""
    places = [j for _, j, _ in sorted(pairs)]
    return sum(first > second for first, second in zip(places, places[1:] + places[:1], strict=True)) <= 1


def _pair(
    ours: Sequence[Word], theirs: Sequence[Word]
) -> tuple[list[tuple[int, int, float]], list[int], list[int]]:
    alike = sorted(
        (
            (_alike(word, other), i, j)
            for i, word in enumerate(ours)
            for j, other in enumerate(theirs)
        ),
        key=lambda it: (-it[0], it[1], it[2]),
    )  # fmt: skip
    left, right = set(range(len(ours))), set(range(len(theirs)))
    pairs = []
    for value, i, j in alike:
        if not value:
            break
        if i in left and j in right:
            left.remove(i)
            right.remove(j)
            pairs.append((i, j, value))
    return pairs, sorted(left), sorted(right)


def _alike(word: Word, other: Word) -> float:
    if word.text == other.text:
        return 1.0
    if word.is_initial or other.is_initial:
        return _INITIAL if word.text[0] == other.text[0] else 0.0
    if word.sound == other.sound:
        return _SOUNDS_ALIKE
    if word.family is not None and word.family == other.family:
        return _SHORT_FORM
    return max(_mistyped(word, other), _spelled_otherwise(word, other))


def _mistyped(word: Word, other: Word) -> float:
    shortest = min(len(word.sound), len(other.sound))
    allowed = shortest // _LETTERS_PER_EDIT + (
        shortest == len("abc") and sorted(word.text) == sorted(other.text)
    )
    edits = min(OSA.distance(word.sound, other.sound), OSA.distance(word.text, other.text))
    if edits > allowed:
        # Of two or three letters one is much: it says something beside a date of birth only.
        return _ONE_EDIT_IN_A_SHORT_WORD if edits == 1 and not allowed else 0.0
    # People seldom mistype the letter that a name begins with; another one rather makes another name.
    begins_otherwise = word.text[0] != other.text[0] and word.sound[0] != other.sound[0]
    return 1 - (edits * _OF_AN_EDIT + begins_otherwise * _OF_ANOTHER_BEGINNING) / shortest


def _spelled_otherwise(word: Word, other: Word) -> float:
    if word.is_without_vowels or other.is_without_vowels:
        if not word.consonants or word.consonants != other.consonants:
            return 0.0
        return _SAME_CONSONANTS if len(word.consonants) > 1 else _SAME_CONSONANT
    if word.frame != other.frame or len(word.frame) < _FEWEST_CONSONANTS:
        return 0.0
    is_near = OSA.normalized_similarity(word.sound, other.sound) >= _NEAR_IN_SOUND
    return _OTHER_VOWELS if is_near else 0.0


def _compare_joined(ours: Name, theirs: Name) -> float:
    # Xi Jin Ping is Xi Jinping; Abd al-Rahman is Abdulrahman: the same letters, parted elsewhere.
    if len(ours.words) < 2 and len(theirs.words) < 2:  # noqa: PLR2004
        return 0.0
    shorter, longer = sorted((ours, theirs), key=lambda it: len(it.words))
    target = shorter.joined
    best = 0.0
    for start in range(len(longer.words)):
        turned = Name(longer.words[start:] + longer.words[:start]).joined
        best = max(best, Levenshtein.normalized_similarity(target, turned, score_cutoff=_JOINED_ALIKE))
    return 97 * best
