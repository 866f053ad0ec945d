"""The fields and lists a rule may read: what each is, its unit and range, and whether it can be missing."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from cardwright.core.money import MAX_MINOR_UNITS
from cardwright.rules.language import types
from cardwright.rules.language.types import ANY_INTEGER, Base, Bounds, Type
from cardwright.rules.velocity.domain import ALIASES, DEFINITIONS, MOST_PERCENT, Definition, Measure, at_most

_LIST_NAME: Final = re.compile("[a-z][a-z0-9_]{0,63}")
# Words that the standard does not read as names.
_RESERVED: Final = frozenset(
    {
        *("as", "break", "const", "continue", "else", "false", "for", "function", "if", "import", "in"),
        *("let", "loop", "namespace", "null", "package", "return", "true", "var", "void", "while"),
    }
)


class Unit(StrEnum):
    """What a whole number counts."""

    MINOR_UNITS = "minor units of the currency"
    DAYS = "days"
    SECONDS = "seconds"
    PERCENT = "percent"
    THOUSANDTHS = "thousandths"
    COUNT = "count"
    LEVEL = "level"


@dataclass(frozen=True, slots=True)
class Field:
    """One field: `bounds` and `unit` matter for whole numbers; an optional field must be guarded by has()."""

    name: str
    type: Type
    sentence: str
    unit: Unit | None = None
    bounds: Bounds = ANY_INTEGER
    is_optional: bool = False

    def __post_init__(self) -> None:
        if self.is_optional and "." not in self.name:
            # has() asks for a part of something, in the standard as well: has(a.b), never has(a).
            raise ValueError(f"an optional field needs a dotted name: {self.name}")


@dataclass(frozen=True, slots=True)
class NamedList:
    """A list of texts or whole numbers with a name, such as `lists.blocked`; it changes without the rule."""

    name: str
    type: Type
    sentence: str

    def __post_init__(self) -> None:
        first, _, last = self.name.partition(".")
        if first != "lists" or not _LIST_NAME.fullmatch(last) or last in _RESERVED:
            raise ValueError(f"not the name of a list: {self.name}")
        if self.type.base is Base.TRUTH:
            raise ValueError(f"a list of truths is no list: {self.name}")


class Catalogue:
    """An immutable set of fields, and of named lists, found by name.

    `at_most` says of pairs of number fields that the first is never greater than the second: what is counted
    in an hour is counted in its day as well. `fixed` are text fields that have one value in all that proofs
    are about. Proofs build on both.
    """

    def __init__(
        self, fields: Iterable[Field], lists: Iterable[NamedList] = (),
        at_most: Iterable[tuple[str, str]] = (), fixed: Mapping[str, str] = MappingProxyType({}),
    ) -> None:  # fmt: skip
        self.fields: Final = tuple(fields)
        self.lists: Final = tuple(lists)
        self.at_most: Final = tuple(at_most)
        self.fixed: Final = MappingProxyType(dict(fixed))
        self._by_name: Final = {field.name: field for field in self.fields}
        self.optional_names: Final = frozenset(field.name for field in self.fields if field.is_optional)
        self._lists: Final = {each.name: each for each in self.lists}
        if len(self._by_name) != len(self.fields):
            raise ValueError("two fields of a catalogue have the same name")
        if len(self._lists) != len(self.lists):
            raise ValueError("two lists of a catalogue have the same name")
        if any(name.partition(".")[0] == "lists" for name in self._by_name):
            raise ValueError("a field cannot stand among the lists")
        for name in (name for pair in self.at_most for name in pair):
            if name not in self._by_name or self._by_name[name].type.base is not Base.INTEGER:
                raise ValueError(f"not a number field of the catalogue: {name}")
        for name in self.fixed:
            if name not in self._by_name or self._by_name[name].type.vocabulary is None:
                raise ValueError(f"not a field of listed texts: {name}")

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of all fields, in the order of the catalogue."""
        return tuple(self._by_name)

    def narrowed(self, names: Collection[str]) -> "Catalogue":
        """Return the catalogue with those fields only, and all that it says of them, be it by others."""
        fields = [field for field in self.fields if field.name in names]
        greater: dict[str, list[str]] = {}
        for low, high in self.at_most:
            greater.setdefault(low, []).append(high)
        pairs = [(field.name, above) for field in fields for above in self._next(field.name, greater, names)]
        fixed = {name: value for name, value in self.fixed.items() if name in names}
        return Catalogue(fields, self.lists, pairs, fixed)

    def fixing(self, name: str, value: str) -> "Catalogue":
        """Return the catalogue of those transactions only in which a field has this value."""
        return Catalogue(self.fields, self.lists, self.at_most, {**self.fixed, name: value})

    def _next(self, name: str, greater: Mapping[str, Sequence[str]], names: Collection[str]) -> Iterator[str]:
        """Iterate over those of some names that come next above one; what is above those is theirs to say."""
        met, waiting = {name}, [*greater.get(name, ())]
        while waiting:
            above = waiting.pop()
            if above in met:
                continue
            met.add(above)
            if above in names:
                yield above
            elif not self._by_name[above].is_optional:
                # What may be missing stands between nothing.
                waiting += greater.get(above, ())

    def find(self, name: str) -> Field | None:
        """Return the field of that name, or None."""
        return self._by_name.get(name)

    @property
    def list_names(self) -> tuple[str, ...]:
        """Return the names of all lists, in the order of the catalogue."""
        return tuple(self._lists)

    def find_list(self, name: str) -> NamedList | None:
        """Return the list of that name, or None."""
        return self._lists.get(name)


def _age(name: str, sentence: str) -> Field:
    return Field(name, types.INTEGER, sentence, Unit.DAYS, Bounds(0, 10**6))


def _money(name: str, sentence: str) -> Field:
    return Field(name, types.INTEGER, sentence, Unit.MINOR_UNITS, Bounds(0, MAX_MINOR_UNITS))


_MEASURED: Final = {
    Measure.APPROVED_AMOUNT: (Unit.MINOR_UNITS, Bounds(0, MAX_MINOR_UNITS)),
    Measure.PERCENT_OF_MEAN: (Unit.PERCENT, Bounds(0, MOST_PERCENT)),
    Measure.SECONDS_SINCE_LAST: (Unit.SECONDS, Bounds(0, 10**10)),
    Measure.SECONDS_SINCE_FIRST: (Unit.SECONDS, Bounds(0, 10**10)),
}


def _velocity(name: str, measured: Definition) -> Field:
    unit, bounds = _MEASURED.get(measured.measure, (Unit.COUNT, Bounds(0, 10**9)))
    sentence = measured.sentence if name == measured.name else f"Another name of {measured.name}."
    return Field(name, types.INTEGER, sentence, unit, bounds, measured.is_optional)


# In the order of these tuples, which therefore only ever grow at their ends, models know words as numbers.
KINDS: Final = ("authorization", "increment", "verification", "balance_inquiry", "refund_authorization")
CHANNELS: Final = ("ecommerce", "in_person", "wallet", "atm")
CARD_TYPES: Final = (
    "standard", "single_use", "limited_use", "exact_amount", "merchant_locked", "recurring", "dated",
)  # fmt: skip
CURRENCY: Final = "currency"
RISK_SCORE: Final = "risk.score"
MOST_RISK: Final = 1_000

_KIND = types.one_of("transaction kind", *KINDS)
_CHANNEL = types.one_of("channel", *CHANNELS)
_CARD_TYPE = types.one_of("card type", *CARD_TYPES)

AUTHORIZATION_FIELDS: Final = Catalogue(
    (
        _money("amount", "What is asked of the card, in minor units of `currency`: 12.50 USD is 1250."),
        Field(CURRENCY, types.CURRENCY, "The currency of `amount`, ISO 4217."),
        Field(
            "kind",
            _KIND,
            "What the network asks: a purchase is an authorization; a verification has no amount.",
        ),
        Field("channel", _CHANNEL, "How the card is presented."),
        Field("merchant.id", types.TEXT, "The acceptor id the acquirer gave the merchant."),
        Field("merchant.name", types.TEXT, "The merchant's descriptor, as the network sends it."),
        Field("merchant.mcc", types.MCC, "The merchant's category, four digits; ranges can be compared."),
        Field(
            "merchant.country", types.COUNTRY, "Where the merchant is; empty when the network does not say."
        ),
        Field("merchant.city", types.TEXT, "The merchant's city.", is_optional=True),
        Field("card.type", _CARD_TYPE, "How the card may be used."),
        _age("card.age_days", "Whole days since the card was created."),
        Field(
            "holder.kyc_level",
            types.INTEGER,
            "How well the holder's identity is known: 0 not at all, 2 by a document.",
            Unit.LEVEL,
            Bounds(0, 9),
        ),
        Field("holder.country", types.COUNTRY, "Where the holder lives.", is_optional=True),
        _age("holder.age_days", "Whole days since the holder signed up."),
        *(_velocity(it.name, it) for it in DEFINITIONS),
        *(_velocity(name, it) for name, it in ALIASES.items()),
        Field(
            RISK_SCORE,
            types.INTEGER,
            "How likely the active risk model takes this for fraud, in thousandths; missing without a model.",
            Unit.THOUSANDTHS,
            Bounds(0, MOST_RISK),
            is_optional=True,
        ),
    ),
    # Cards are made for people who have registered.
    at_most=(*at_most(), ("card.age_days", "holder.age_days")),
)
