"""Names as they are compared: in Latin letters, in words, each also as it sounds."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from anyascii import anyascii

from cardwright.kyc.screening.given_names import find_family

MAX_WORDS: Final = 12
"""What more words a name has is not looked at: matching words costs their number squared."""
_PARTICLES: Final = frozenset(
    {
        "al", "el", "ul", "bin", "ibn", "ben", "bint", "abu", "van", "von", "der", "den", "de", "di",
        "da", "do", "dos", "das", "du", "del", "la", "le", "los", "las", "y", "e", "ter", "ten", "zu",
    }
)  # fmt: skip
_TITLES: Final = frozenset(
    {
        "mr", "mrs", "ms", "miss", "dr", "prof", "sir", "hajji", "haji", "sheikh", "shaykh", "mullah",
        "maulavi", "general",
    }
)  # fmt: skip
_ABJADS: Final = ("ARABIC", "HEBREW", "SYRIAC")
_SYLLABIC: Final = ("CJK", "HANGUL", "HIRAGANA", "KATAKANA")
_APOSTROPHES: Final = "'`\u00b4\u02b9\u02bb\u02bc\u2018\u2019"
_ARTICLE: Final = "ال"  # written as part of the word
_SHORTEST_WITH_ARTICLE: Final = 4
_SYLLABLE: Final = re.compile("[A-Z]?[^A-Z]+|[A-Z]")
_SOUNDS: Final = (
    ("shch", "S"), ("sch", "S"), ("sh", "S"), ("tch", "C"), ("tsch", "C"), ("cz", "C"), ("ch", "C"),
    ("dzh", "J"), ("dj", "J"), ("zh", "J"), ("kh", "h"), ("gh", "g"), ("ph", "f"), ("th", "t"), ("ck", "k"),
    ("ts", "c"), ("tz", "c"), ("ks", "x"), ("q", "k"), ("w", "v"), ("ou", "u"), ("oo", "u"), ("ee", "i"),
    ("ae", "a"), ("oe", "o"), ("ue", "u"), ("y", "i"), ("j", "i"), ("ie", "e"), ("io", "e"), ("ia", "a"),
    ("iu", "u"), ("c", "k"), ("z", "s"),
)  # fmt: skip
_CONSONANTS: Final = (
    ("kh", "h"), ("ph", "f"), ("th", "t"), ("dh", "d"), ("gh", "g"), ("sh", "S"), ("ch", "S"), ("q", "k"),
    ("dj", "j"),
)  # fmt: skip
_TWICE: Final = re.compile(r"(.)\1+")
_VOWELS: Final = str.maketrans("", "", "aeiou")
_SILENT: Final = str.maketrans("", "", "aeiouyw")
_LETTERS: Final = re.compile("[a-z]+")


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a name.

    `text` is how it is written, `sound` how it sounds, `frame` the same without vowels; `consonants` is what
    scripts that leave vowels out would keep of it, and `family` the given name that it is a form of.
    """

    text: str
    sound: str
    frame: str
    consonants: str
    family: str | None
    is_without_vowels: bool = False

    @property
    def is_initial(self) -> bool:
        """Whether it stands for a word that is not told."""
        return len(self.text) == 1


@dataclass(frozen=True, slots=True)
class Name:
    """A name to compare."""

    words: tuple[Word, ...]

    @property
    def text(self) -> str:
        """The words as they are compared, in lower case."""
        return " ".join(word.text for word in self.words)

    @property
    def joined(self) -> str:
        """All of it as it sounds, without blanks."""
        return "".join(word.sound for word in self.words)


@lru_cache(maxsize=4096)
def read_name(written: str) -> Name:
    """Return a name in any script as it is compared; one of signs alone has no words.

    >>> read_name("Дмитрий von Müller").text
    'dmitriy muller'
    """
    words = [word for part in _parts(written) for word in _words(part)]
    kept = [word for word in words if word.text not in _TITLES] or words
    # A particle belongs to a word that follows: the last of Chao De is none.
    last = kept[-1:]
    kept = [word for word in kept[:-1] if word.text not in _PARTICLES] + last
    return Name(tuple(kept[:MAX_WORDS]))


def _parts(written: str) -> list[str]:
    # Apostrophes join what they stand in, everything else that is no letter parts words.
    plain = unicodedata.normalize("NFKC", written).translate(dict.fromkeys(map(ord, _APOSTROPHES), ""))
    return re.findall(r"[^\W\d_](?:[^\W\d_]|[\u0300-\u036f\u0900-\u0dff\u200c\u200d\u064b-\u065f])*", plain)


def _words(part: str) -> list[Word]:
    script = unicodedata.name(part[0], "").split(" ")[0]
    is_abjad, is_syllabic = script in _ABJADS, script.startswith(_SYLLABIC)
    if part.startswith(_ARTICLE) and len(part) > _SHORTEST_WITH_ARTICLE:
        part = part[len(_ARTICLE) :]
    latin = anyascii(part)
    pieces = _SYLLABLE.findall(latin) if is_syllabic else [latin]
    found = ["".join(_LETTERS.findall(piece.casefold())) for piece in pieces]
    return [_word(it, is_without_vowels=is_abjad) for it in found if it]


def _word(text: str, *, is_without_vowels: bool) -> Word:
    sound = text
    for written, heard in _SOUNDS:
        sound = sound.replace(written, heard)
    sound = _TWICE.sub(r"\1", sound)
    sound = sound[:-1] if len(sound) > len("xyz") and sound.endswith("h") else sound
    consonants = _TWICE.sub(r"\1", _without_vowels(text))
    frame = _TWICE.sub(r"\1", sound.translate(_VOWELS))
    return Word(text, sound, frame, consonants, find_family(text), is_without_vowels)


def _without_vowels(text: str) -> str:
    for written, heard in _CONSONANTS:
        text = text.replace(written, heard)
    if len(text) > len("xyz") and text.endswith("h"):
        text = text[:-1]
    return text.translate(_SILENT)
