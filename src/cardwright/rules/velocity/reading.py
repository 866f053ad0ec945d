"""The one statement that reads what rules want to know: built from their fields alone, and kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache, lru_cache
from typing import Final

from cardwright.core.money import MAX_MINOR_UNITS
from cardwright.rules.velocity.domain import MOST_PERCENT, Definition, Entity, Measure, definition

_MOST_KEPT: Final = 256
_WHERE: Final[Mapping[Entity, str]] = {
    Entity.CARD: "e.card_id = CAST(:card_id AS text)",
    Entity.HOLDER: "e.user_id = CAST(:user_id AS text)",
    Entity.MERCHANT: "e.merchant_id = CAST(:merchant_id AS text)",
    Entity.CARD_MERCHANT: "e.card_id = CAST(:card_id AS text) AND e.merchant_id = CAST(:merchant_id AS text)",
}
_IN_CURRENCY: Final = "e.is_approved AND e.currency = CAST(:currency AS text)"
_DISTINCT: Final[Mapping[Measure, str]] = {
    Measure.DISTINCT_MERCHANTS: "e.merchant_id",
    Measure.DISTINCT_COUNTRIES: "nullif(e.merchant_country, '')",
    Measure.DISTINCT_CARDS: "e.card_id",
    Measure.DISTINCT_HOLDERS: "e.user_id",
}
_ENDS: Final[Mapping[Measure, str]] = {
    Measure.SECONDS_SINCE_LAST: "DESC",
    Measure.SECONDS_SINCE_FIRST: "ASC",
}
_AFTER_ALL: Final = ",\n    ".join(
    f"(SELECT e.occurred_at FROM velocity_events AS e WHERE {_WHERE[entity]}"  # noqa: S608 - of constants only
    " ORDER BY e.occurred_at DESC LIMIT 1) + interval '1 microsecond'"
    for entity in (Entity.CARD, Entity.HOLDER, Entity.MERCHANT)
)
_NEXT_INSTANT: Final = f"greatest(CAST(:at AS timestamptz),\n    {_AFTER_ALL})"
"""When an authorization occurs: later than every one before it of its card, its holder and its merchant."""
_THEN: Final = "CAST(:at AS timestamptz)"


@dataclass(frozen=True, slots=True)
class Reading:
    """A statement that returns one row: `occurred_at`, then a value for each of `names`: `v0`, `v1`, ...

    It asks for :at, :card_id, :user_id and :merchant_id, and where `values` say so for :amount and :currency.
    """

    names: tuple[str, ...]
    text: str
    reads_merchants: bool


@lru_cache(_MOST_KEPT)
def reading_of(names: tuple[str, ...], *, of_the_past: bool = False) -> Reading:
    """Return the statement for the fields of those names; KeyError where one is no velocity.

    One of the past reads what an authorization saw that occurred :at, and is the same but for that.
    """
    wanted = {name: _get(name) for name in names}
    windowed = [it for it in dict.fromkeys(wanted.values()) if it.window is not None]
    columns = {it: f"m{place}" for place, it in enumerate(dict.fromkeys(wanted.values()))}
    entities = [entity for entity in Entity if any(it.entity is entity for it in windowed)]
    scans = [_scan(entity, [it for it in windowed if it.entity is entity], columns) for entity in entities]
    values = "".join(
        f",\n  {_since(it) if it.window is None else f'of_{it.entity}.{columns[it]}'} AS v{place}"
        for place, it in enumerate(wanted.values())
    )
    text = (
        f"WITH present AS MATERIALIZED (SELECT {_THEN if of_the_past else _NEXT_INSTANT} AS occurred_at)\n"
        f"SELECT present.occurred_at{values}\nFROM present{''.join(scans)}"
    )
    # What the card did at the merchant is under the card's lock already.
    return Reading(names, text, any(it.entity is Entity.MERCHANT for it in wanted.values()))


def _get(name: str) -> Definition:
    found = definition(name)
    if found is None:
        raise KeyError(name)
    return found


def _scan(entity: Entity, wanted: Sequence[Definition], columns: Mapping[Definition, str]) -> str:
    """Return a lateral scan of the entity's longest window, in which each measure takes what is its own."""
    longest = max(it.window.span for it in wanted if it.window is not None)
    measured = ",\n    ".join(f"{_measured(it, longest)} AS {columns[it]}" for it in wanted)
    return (
        f"\nCROSS JOIN LATERAL (\n  SELECT {measured}\n  FROM velocity_events AS e\n"  # noqa: S608
        f"  WHERE {_WHERE[entity]} AND {_since_start(longest)} AND e.occurred_at < present.occurred_at\n"
        f") AS of_{entity}"
    )


def _since_start(span: timedelta) -> str:
    # In seconds: how long a day is would otherwise be the session's time zone's to say.
    return f"e.occurred_at >= present.occurred_at - interval '{span // timedelta(seconds=1)} seconds'"


def _measured(wanted: Definition, longest: timedelta) -> str:
    span = longest if wanted.window is None else wanted.window.span
    within = [_since_start(span)] if span < longest else []
    match wanted.measure:
        case Measure.APPROVED_COUNT:
            return f"count(*){_filter('e.is_approved', *within)}"
        case Measure.DECLINED_COUNT:
            return f"count(*){_filter('NOT e.is_approved', *within)}"
        case Measure.ATTEMPTED_COUNT:
            return f"count(*){_filter(*within)}"
        case Measure.APPROVED_AMOUNT:
            total = f"coalesce(sum(e.amount){_filter(_IN_CURRENCY, *within)}, 0)"
            return f"CAST(least({total}, {MAX_MINOR_UNITS}) AS bigint)"
        case Measure.PERCENT_OF_MEAN:
            usual = _filter(_IN_CURRENCY, "e.amount > 0", *within)
            # Where nothing was approved the sum is NULL, and so is all of it.
            percent = f"div(CAST(:amount AS numeric) * 100 * count(*){usual}, sum(e.amount){usual})"
            capped = f"CAST(least({percent}, {MOST_PERCENT}) AS bigint)"
            return f"CASE WHEN sum(e.amount){usual} > 0 THEN {capped} END"
        case _:
            return f"count(DISTINCT {_DISTINCT[wanted.measure]}){_filter(*within)}"


def _filter(*conditions: str) -> str:
    return f" FILTER (WHERE {' AND '.join(conditions)})" if conditions else ""


@cache
def _since(wanted: Definition) -> str:
    end = (
        f"SELECT e.occurred_at FROM velocity_events AS e WHERE {_WHERE[wanted.entity]}"  # noqa: S608
        f" AND e.occurred_at < present.occurred_at ORDER BY e.occurred_at {_ENDS[wanted.measure]} LIMIT 1"
    )
    return f"CAST(floor(extract(epoch FROM present.occurred_at - ({end}))) AS bigint)"
