"""How statements spell whose events are meant, and of what they count different ones."""

from collections.abc import Callable, Mapping
from typing import Final

from cardwright.rules.velocity.domain import Entity, Measure

COLUMNS: Final[Mapping[Entity, tuple[str, ...]]] = {
    Entity.CARD: ("card_id",),
    Entity.HOLDER: ("user_id",),
    Entity.MERCHANT: ("merchant_id",),
    Entity.CARD_MERCHANT: ("card_id", "merchant_id"),
}
VALUES: Final[Mapping[Measure, str]] = {
    Measure.DISTINCT_MERCHANTS: "e.merchant_id",
    Measure.DISTINCT_COUNTRIES: "nullif(e.merchant_country, '') COLLATE \"C\"",
    Measure.DISTINCT_CARDS: "e.card_id",
    Measure.DISTINCT_HOLDERS: "e.user_id",
}


def bound(column: str) -> str:
    """Return the value that a statement is given for a column."""
    return f"CAST(:{column} AS text)"


def is_of(entity: Entity, value: Callable[[str], str] = bound) -> str:
    """Return which of `velocity_events AS e` are an entity's."""
    return f"({key_of(entity, 'e.{}'.format)}) = {key_of(entity, value)}"


def key_of(entity: Entity, value: Callable[[str], str] = bound) -> str:
    """Return the one text under which what an entity's events came to is kept."""
    return " || ' ' || ".join(value(column) for column in COLUMNS[entity])


def given(entity: Entity, table: str, value: Callable[[str], str] = bound) -> str:
    """Return which rows of what was rolled up are an entity's."""
    return f"{table}.entity = '{entity}' AND {table}.key = {key_of(entity, value)}"
