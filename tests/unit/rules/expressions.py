"""Random well-typed conditions and facts over a small catalogue that has a field of every type."""

from typing import Any

from hypothesis import strategies as st

from cardwright.rules.language import types
from cardwright.rules.language.catalogue import Catalogue, Field
from cardwright.rules.language.types import Bounds, FactValue

SMALL = Bounds(-50, 50)
FIELDS = Catalogue(
    [
        Field("number", types.INTEGER, "A whole number.", bounds=SMALL),
        Field("count", types.INTEGER, "Another.", bounds=Bounds(0, 20)),
        Field("flag", types.TRUTH, "True or false."),
        Field("name", types.TEXT, "A text."),
        Field("country", types.COUNTRY, "A country."),
        Field("mcc", types.MCC, "A category."),
        Field("maybe.number", types.INTEGER, "A number that can be missing.", bounds=SMALL, is_optional=True),
        Field("maybe.flag", types.TRUTH, "A truth that can be missing.", is_optional=True),
        Field("maybe.name", types.TEXT, "A text that can be missing.", is_optional=True),
    ]
)
TEXTS = ["", "a", "ab", "ba", "b'\"\\", "é\n\t", "aab"]
COUNTRIES = ["DE", "NG", "US", "FR"]
CATEGORIES = ["0000", "3000", "3299", "7995"]

small_numbers = st.integers(-60, 60)

facts = st.fixed_dictionaries(
    {
        "number": st.integers(-50, 50),
        "count": st.integers(0, 20),
        "flag": st.booleans(),
        "name": st.sampled_from(TEXTS),
        "country": st.sampled_from(COUNTRIES),
        "mcc": st.sampled_from(CATEGORIES),
        "maybe.number": st.none() | st.integers(-50, 50),
        "maybe.flag": st.none() | st.booleans(),
        "maybe.name": st.none() | st.sampled_from(TEXTS),
    }
)


def quoted(text: str) -> str:
    """Write a text as a literal of the language."""
    escapes = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t"}
    return '"' + "".join(escapes.get(char, char) for char in text) + '"'


def _items(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.lists(values, min_size=1, max_size=4).map(lambda found: f"[{', '.join(found)}]")


def _call(parts: tuple[str, ...], form: str) -> str:
    return form.format(*parts)


def _form(form: str, *parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(*parts).map(lambda found: _call(found, form))


def conditions(*, guarded: bool = True) -> st.SearchStrategy[str]:
    """Return conditions; unless `guarded`, optional fields stand anywhere, mostly where they are refused."""
    numbers = st.deferred(lambda: number)
    truths = st.deferred(lambda: truth)
    number_names = ["number", "count"] + ([] if guarded else ["maybe.number"])
    text_names = ["name"] + ([] if guarded else ["maybe.name"])
    literal = small_numbers.map(str)
    divisor = st.integers(1, 7).map(str)
    text_literal = st.sampled_from(TEXTS).map(quoted)
    country_literal = st.sampled_from(COUNTRIES).map(quoted)
    mcc_literal = st.sampled_from(CATEGORIES).map(quoted)
    number = st.one_of(
        literal,
        st.sampled_from(number_names),
        _form("({} {} {})", numbers, st.sampled_from("+-"), numbers),
        _form("({} * {})", numbers, divisor),
        _form("{} {} {}", st.sampled_from(number_names), st.sampled_from("/%"), divisor),
        _form("-({})", numbers),
        _form("({} ? {} : {})", truths, numbers, numbers),
    )
    text = st.sampled_from(text_names)
    equality = st.sampled_from(["==", "!="])
    comparison = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
    test = st.sampled_from(["startsWith", "endsWith", "contains"])
    guards = ["maybe.number", "maybe.flag", "maybe.name"]
    truth = st.one_of(
        st.sampled_from(["flag", "true", "false"] + ([] if guarded else ["maybe.flag"])),
        _form("{} {} {}", numbers, comparison, numbers),
        _form("{} in {}", numbers, _items(literal)),
        _form("{} {} {}", text, equality, text_literal),
        _form("{} in {}", text, _items(text_literal)),
        _form("{}.{}({})", text, test, text_literal),
        _form("country {} {}", equality, country_literal),
        _form("country in {}", _items(country_literal)),
        _form("mcc {} {}", comparison, mcc_literal),
        _form("{} {} {}", mcc_literal, comparison, st.just("mcc")),
        _form("has({})", st.sampled_from(guards)),
        _form("(has(maybe.number) && maybe.number {} {})", comparison, numbers),
        _form("(!has(maybe.name) || maybe.name.{}({}))", test, text_literal),
        _form("(has(maybe.flag) ? maybe.flag : {})", truths),
        _form("!({})", truths),
        _form("({} && {})", truths, truths),
        _form("({} || {} || {})", truths, truths, truths),
        _form("({} ? {} : {})", truths, truths, truths),
    )
    # Joined with a field's own test, so that the whole always reads a field.
    return _form("count >= 0 && {}", truth)


def plain(found: dict[str, Any]) -> dict[str, FactValue]:
    """Return facts without the fields that have no value, as absent as a mapping can make them."""
    return {name: value for name, value in found.items() if value is not None}
