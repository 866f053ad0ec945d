"""Random well-typed conditions, facts and lists over a small catalogue that has a field of every type."""

from collections.abc import Callable
from random import Random
from typing import Final

from hypothesis import strategies as st

from cardwright.rules.language import types
from cardwright.rules.language.catalogue import Catalogue, Field, NamedList
from cardwright.rules.language.checker import Checked, check
from cardwright.rules.language.diagnostics import ExpressionError
from cardwright.rules.language.interpreter import Lists
from cardwright.rules.language.types import MAX_INTEGER, MIN_INTEGER, Bounds, FactValue

SMALL = Bounds(-50, 50)
FIELDS = Catalogue(
    [
        Field("number", types.INTEGER, "A whole number.", bounds=SMALL),
        Field("count", types.INTEGER, "Another.", bounds=Bounds(0, 20)),
        Field("big", types.INTEGER, "Any that fits."),
        Field("flag", types.TRUTH, "True or false."),
        Field("name", types.TEXT, "A text."),
        Field("country", types.COUNTRY, "A country."),
        Field("mcc", types.MCC, "A category."),
        Field("maybe.number", types.INTEGER, "A number that can be missing.", bounds=SMALL, is_optional=True),
        Field("maybe.flag", types.TRUTH, "A truth that can be missing.", is_optional=True),
        Field("maybe.name", types.TEXT, "A text that can be missing.", is_optional=True),
    ],
    [
        NamedList("lists.names", types.TEXT, "Some names."),
        NamedList("lists.numbers", types.INTEGER, "Some numbers."),
        NamedList("lists.countries", types.COUNTRY, "Some countries."),
        NamedList("lists.nothing", types.TEXT, "A list without entries."),
    ],
)
TEXTS = [
    "", "a", "ab", "ba", "b'\"\\", "é\n\t", "aab", "A", "${a}", "a%_b", "\\n", "e\u0301", "😀", "ßİ",
    "a b\u2028", "7ab-7",
]  # fmt: skip
COUNTRIES = ["DE", "NG", "US", "FR"]
CATEGORIES = ["0000", "3000", "3299", "7995"]
LISTS: Final[Lists] = {
    "lists.names": frozenset(["a", "b'\"\\", "😀", "${a}", "", "never"]),
    "lists.numbers": frozenset([MIN_INTEGER, -7, 0, 3, 20, MAX_INTEGER]),
    "lists.countries": frozenset(["NG", "FR"]),
    "lists.nothing": frozenset(),
}
_BOUNDARIES = [
    MIN_INTEGER,
    MIN_INTEGER + 1,
    -(2**31) - 1,
    -1,
    0,
    1,
    2**31,
    2**53 + 1,
    MAX_INTEGER - 1,
    MAX_INTEGER,
]
_PIECES = [
    "a", "b", "A", "7", ".", "(?s:.)", "[ab]", "[^a]", r"\d", r"\w", r"\W", r"\s", r"\S", r"\b", r"\B", "^",
    "$", r"\z", r"\A", "(?i)", "(?i:a)", "(?m:^)", r"\pL", r"\p{Greek}", r"\PL", "é", r"\\", "'",
    "[[:alpha:]]", r"\x{e9}", "ß", "😀", "%", "_", r"\$\{", "(?i:é)", r"\n", "(?-i:A)",
]  # fmt: skip
_REPEATS = ["", "", "", "*", "+", "?", "*?", "+?", "??", "{2}", "{1,2}", "{0,3}?"]

small_numbers = st.integers(-60, 60)


def random_facts(random: Random) -> dict[str, FactValue]:
    """Return a row of facts; a missing value is None."""
    return {
        "number": random.randint(-50, 50),
        "count": random.randint(0, 20),
        "big": random.choice(_BOUNDARIES) if random.random() < 0.7 else random.randint(-(2**63), 2**63 - 1),
        "flag": random.random() < 0.5,
        "name": random.choice(TEXTS),
        "country": random.choice(COUNTRIES),
        "mcc": random.choice(CATEGORIES),
        "maybe.number": random.choice([None, random.randint(-50, 50)]),
        "maybe.flag": random.choice([None, False, True]),
        "maybe.name": random.choice([None, random.choice(TEXTS)]),
    }


def quoted(text: str) -> str:
    """Write a text as a literal of the language."""
    escapes = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t"}
    return '"' + "".join(escapes.get(char, char) for char in text) + '"'


class Author:
    """Writes conditions; unless `guarded`, optional fields stand anywhere, mostly where they are refused."""

    def __init__(self, random: Random, *, guarded: bool = True) -> None:
        self._random = random
        self._present = () if guarded else ("number", "flag", "name")
        self._rest = 0

    def condition(self) -> str:
        """Return a condition; joined with a field's own test, so that the whole always reads a field."""
        self._rest = self._random.randint(1, 14)
        return f"count >= 0 && {self._truth()}"

    def _any(self, *writers: Callable[[], str]) -> str:
        return self._random.choice(writers)()

    def _one(self, words: str | list[str]) -> str:
        return self._random.choice(words if isinstance(words, list) else words.split())

    def _some(self, write: Callable[[], str]) -> str:
        return f"[{', '.join(write() for _ in range(self._random.randint(1, 4)))}]"

    def _with(self, name: str, write: Callable[[], str]) -> str:
        """Write where an optional field is known to have a value."""
        before, self._present = self._present, (*self._present, name)
        try:
            return write()
        finally:
            self._present = before

    def _truth(self) -> str:
        self._rest -= 1
        if self._rest <= 0:
            return self._any(self._atom, self._atom, self._test)
        return self._any(
            self._atom, self._test, self._test, self._joined, self._joined, self._guarded, self._guarded,
            lambda: f"!({self._truth()})",
            lambda: f"({self._truth()} ? {self._truth()} : {self._truth()})",
            lambda: f"({self._truth()}) {self._one('== !=')} ({self._truth()})",
        )  # fmt: skip

    def _joined(self) -> str:
        operator = f" {self._one('&& ||')} "
        return f"({operator.join(self._truth() for _ in range(self._random.randint(2, 4)))})"

    def _guarded(self) -> str:
        name = self._one("number flag name")
        return self._any(
            lambda: f"(has(maybe.{name}) && {self._with(name, self._truth)})",
            lambda: f"(!has(maybe.{name}) || {self._with(name, self._truth)})",
            lambda: f"(has(maybe.{name}) ? {self._with(name, self._truth)} : {self._truth()})",
            lambda: f"(!has(maybe.{name}) ? {self._truth()} : {self._with(name, self._truth)})",
        )

    def _atom(self) -> str:
        maybe = ["maybe.flag"] if "flag" in self._present else []
        return self._one(["flag", "true", "false", "has(maybe.number)", "has(maybe.name)", *maybe * 3])

    def _test(self) -> str:
        comparison, equality = self._one("== != < <= > >="), self._one("== !=")
        country, category = quoted(self._one(COUNTRIES)), quoted(self._one(CATEGORIES))
        return self._any(
            lambda: f"{self._number()} {comparison} {self._number()}",
            lambda: f"big {comparison} {self._boundary()}",
            lambda: f"{self._number()} in {self._some(self._small)}",
            lambda: f"big in {self._some(self._boundary)}",
            lambda: f"{self._one(['big', self._number()])} in lists.numbers",
            lambda: f"{self._text()} {equality} {self._one([self._literal(), self._text()])}",
            lambda: f"{self._text()} in {self._some(self._literal)}",
            lambda: f"{self._text()} in lists.{self._one('names names nothing')}",
            lambda: f"{self._text()}.{self._one('startsWith endsWith contains')}({self._literal()})",
            lambda: f"{self._text()}.matches({quoted(self._pattern())})",
            lambda: f"country {equality} {country}",
            lambda: f"country in {self._some(lambda: quoted(self._one(COUNTRIES)))}",
            lambda: "country in lists.countries",
            lambda: f"mcc {comparison} {category}",
            lambda: f"{category} {comparison} mcc",
        )

    def _small(self) -> str:
        return str(self._random.randint(-60, 60))

    def _boundary(self) -> str:
        # The least number cannot be written down, neither here nor in the standard.
        return str(max(self._random.choice(_BOUNDARIES), MIN_INTEGER + 1))

    def _number(self) -> str:
        self._rest -= 1
        fields = ["number", "count", *(["maybe.number"] * 3 if "number" in self._present else [])]
        divisor = self._one([str(self._random.randint(1, 7)), "2147483648", str(MAX_INTEGER)])
        if self._rest <= 0:
            return self._one([self._small(), *fields, f"big {self._one('/ %')} {divisor}"])
        return self._any(
            lambda: self._one(fields),
            lambda: f"({self._number()} {self._one('+ -')} {self._number()})",
            lambda: f"({self._number()} * {self._random.randint(-5, 7)})",
            lambda: f"({self._number()}) {self._one('/ %')} {divisor}",
            lambda: f"-({self._number()})",
            lambda: f"({self._truth()} ? {self._number()} : {self._number()})",
        )

    def _literal(self) -> str:
        return quoted(self._one(TEXTS))

    def _text(self) -> str:
        return self._one(["name", *(["maybe.name"] * 2 if "name" in self._present else [])])

    def _pattern(self) -> str:
        parts = [self._one(_PIECES) + self._one(_REPEATS) for _ in range(self._random.randint(1, 5))]
        if self._random.random() < 0.3:
            parts.insert(self._random.randrange(len(parts)), "|")
        pattern = "".join(parts)
        return (
            f"({pattern}){self._one(_REPEATS)}{self._one(_PIECES)}"
            if self._random.random() < 0.2
            else pattern
        )


_sources = st.randoms(use_true_random=False, note_method_calls=False)
facts = _sources.map(random_facts)


def conditions(*, guarded: bool = True) -> st.SearchStrategy[str]:
    """Return conditions; unless `guarded`, only few of them are accepted."""
    written = _sources.map(lambda random: Author(random, guarded=guarded).condition())
    return written.filter(lambda source: accepted(source) is not None) if guarded else written


def accepted(source: str) -> Checked | None:
    """Return the condition checked, or None for the few that are refused: numbers may grow too great."""
    try:
        return check(source, FIELDS)
    except ExpressionError:
        return None


def plain(found: dict[str, FactValue]) -> dict[str, FactValue]:
    """Return facts without the fields that have no value, as absent as a mapping can make them."""
    return {name: value for name, value in found.items() if value is not None}
