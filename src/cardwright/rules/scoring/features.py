"""What risk models may look at: fields of the catalogue, as whole numbers, in one written order.

A feature is a field's number, or the place of its word, or nothing where the field has no value. Training
and serving make features by this module alone. Names only ever grow at the end, and never mean another thing.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from cardwright.rules.language.catalogue import CARD_TYPES, CHANNELS, KINDS
from cardwright.rules.language.types import FactValue
from cardwright.rules.velocity.domain import PREFIX

_WORDS: Final[Mapping[str, Mapping[str, int]]] = {
    name: {word: place for place, word in enumerate(words)}
    for name, words in (("kind", KINDS), ("channel", CHANNELS), ("card.type", CARD_TYPES))
}
_SPELLED: Final = frozenset({"merchant.mcc"})

FEATURES: Final[tuple[str, ...]] = (
    "amount",
    "kind",
    "channel",
    "merchant.mcc",
    "card.type",
    "card.age_days",
    "holder.kyc_level",
    "holder.age_days",
    "velocity.card.attempted_count_5m",
    "velocity.card.attempted_count_1h",
    "velocity.card.attempted_count_24h",
    "velocity.card.declined_count_1h",
    "velocity.card.declined_count_24h",
    "velocity.card.approved_amount_1h",
    "velocity.card.approved_amount_24h",
    "velocity.card.approved_amount_7d",
    "velocity.card.approved_count_30d",
    "velocity.card.distinct_merchants_24h",
    "velocity.card.distinct_countries_24h",
    "velocity.card.percent_of_mean_30d",
    "velocity.card.seconds_since_last",
    "velocity.card.seconds_since_first",
    "velocity.holder.attempted_count_1h",
    "velocity.holder.attempted_count_24h",
    "velocity.holder.declined_count_24h",
    "velocity.holder.approved_amount_24h",
    "velocity.holder.distinct_merchants_24h",
    "velocity.merchant.attempted_count_1h",
    "velocity.merchant.attempted_count_24h",
    "velocity.merchant.declined_count_1h",
    "velocity.merchant.declined_count_24h",
    "velocity.merchant.distinct_cards_1h",
    "velocity.merchant.distinct_cards_24h",
    "velocity.card_merchant.attempted_count_90d",
    "velocity.card_merchant.seconds_since_first",
)


def velocity_of(features: Sequence[str]) -> tuple[str, ...]:
    """Return those of some features that have to be counted, in order of their names."""
    return tuple(sorted(name for name in features if name.startswith(PREFIX)))


def features_from(names: Sequence[str], fields: Mapping[str, FactValue]) -> dict[str, int | None]:
    """Return the features of those names, in that order, from the values of fields.

    Raises KeyError for a name that is no feature.
    """
    return {name: _number(_known(name), fields.get(name)) for name in names}


def _known(name: str) -> str:
    if name not in _ALL:
        raise KeyError(name)
    return name


_ALL: Final = frozenset(FEATURES)


def _number(name: str, value: FactValue) -> int | None:
    if isinstance(value, str):
        # A word that is newer than this list is no number, as a value that is missing is none.
        return int(value) if name in _SPELLED and value.isdecimal() else _WORDS.get(name, {}).get(value)
    return None if value is None else int(value)
