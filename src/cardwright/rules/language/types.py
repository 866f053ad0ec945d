"""The types of values: whole numbers, truths, texts, and texts of a vocabulary such as country codes."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

from cardwright.core.countries import COUNTRIES
from cardwright.core.money import EXPONENTS
from cardwright.rules.language.syntax import Value

MIN_INTEGER: Final = -(2**63)
MAX_INTEGER: Final = 2**63 - 1


class Base(StrEnum):
    """What a value is made of; the text of each member finishes "this is …"."""

    INTEGER = "a whole number"
    TRUTH = "true or false"
    TEXT = "a text"


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The texts a field can hold: a closed set of words, or any text of a pattern."""

    name: str
    words: frozenset[str] = frozenset()
    pattern: str | None = None
    is_ordered: bool = False

    def has_word(self, text: str) -> bool:
        """Answer whether a field of this vocabulary could hold `text`."""
        if self.pattern is not None:
            return re.fullmatch(self.pattern, text) is not None
        return text in self.words


@dataclass(frozen=True, slots=True)
class Type:
    """The type of an expression; two texts of different vocabularies cannot be compared."""

    base: Base
    vocabulary: Vocabulary | None = None

    def __str__(self) -> str:
        return f"a {self.vocabulary.name}" if self.vocabulary else self.base.value


@dataclass(frozen=True, slots=True)
class Bounds:
    """The least and the greatest whole number an expression can be."""

    low: int
    high: int

    @property
    def fits(self) -> bool:
        """Answer whether every value within these bounds is a 64-bit integer."""
        return self.low >= MIN_INTEGER and self.high <= MAX_INTEGER


FactValue: TypeAlias = Value | None
"""What a field holds for one transaction; None only for an optional field that has no value."""

INTEGER: Final = Type(Base.INTEGER)
TRUTH: Final = Type(Base.TRUTH)
TEXT: Final = Type(Base.TEXT)
# The empty text is a country the network did not name.
COUNTRY: Final = Type(Base.TEXT, Vocabulary("country code", words=COUNTRIES | {""}))
CURRENCY: Final = Type(Base.TEXT, Vocabulary("currency code", words=frozenset(EXPONENTS)))
# Four digits sort as the numbers they spell, so ranges of categories ("3000" to "3299": airlines) make sense.
MCC: Final = Type(Base.TEXT, Vocabulary("merchant category code", pattern="[0-9]{4}", is_ordered=True))
ANY_INTEGER: Final = Bounds(MIN_INTEGER, MAX_INTEGER)


def one_of(name: str, *words: str) -> Type:
    """Return the type of a text that is one of a few words."""
    return Type(Base.TEXT, Vocabulary(name, words=frozenset(words)))


def type_of_value(value: Value) -> Type:
    """Return the type of a constant."""
    if isinstance(value, bool):
        return TRUTH
    return INTEGER if isinstance(value, int) else TEXT
