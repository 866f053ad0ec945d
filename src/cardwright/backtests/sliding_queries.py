"""Velocity counted anew by DuckDB, whose windows slide: all windows of an entity in one sort.

It is asked of `events`, where ids are numbers: hashes, where it has shown that no two ids share one. A
distinct count of a window in which nothing is seen twice is a count. So only those entities are counted
distinctly, at some cost, of which something came again within the longest window.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from cardwright.backtests.engines import Engine, Words
from cardwright.backtests.velocity_queries import (
    COUNTED,
    DISTINCT,
    KEYS,
    MICROSECOND,
    OF_MONEY,
    TIMES,
    Counting,
    wanted_definition,
)
from cardwright.core.money import MAX_MINOR_UNITS
from cardwright.rules import MOST_PERCENT
from cardwright.rules import VelocityDefinition as Definition
from cardwright.rules import VelocityMeasure as Measure

_EVER: Final = "UNBOUNDED"
_IDS: Final = ("h_card", "h_holder", "h_merchant")
_REST: Final = "h_row, h_at, h_counts, h_approved, h_amount, amount, h_currency, h_country"
_Field = tuple[str, Definition]


def keep_events(engine: Engine, names: Iterable[str]) -> None:
    """Keep what the countings of some fields are asked of, as narrow as can be."""
    wanted = [wanted_definition(name) for name in names]
    used = {key for it in wanted for key in (*KEYS[it.entity], DISTINCT.get(it.measure, ""))}
    ids = [it for it in _IDS if it in used]
    is_unique = all(
        engine.rows(
            "SELECT count(*) = count(DISTINCT code)"
            f" FROM (SELECT DISTINCT {it}, hash({it}) AS code FROM authorizations)"
        )[0][0]
        for it in ids
    )
    coded = [f"CASE WHEN {it} IS NOT NULL THEN hash({it}) END AS {it}" if is_unique else it for it in ids]
    engine.keep("events", f"SELECT {', '.join([_REST, *coded])} FROM authorizations")


def countings(names: Iterable[str], words: Words) -> Sequence[Counting]:
    """Return the queries that count fields anew; authorizations of nobody known are in none."""
    groups: dict[tuple[str, ...], list[_Field]] = {}
    repeated: dict[tuple[str, str], list[_Field]] = {}
    for name in names:
        wanted = wanted_definition(name)
        keys = KEYS[wanted.entity]
        of = (*keys, "h_currency") if wanted.measure in OF_MONEY else keys
        groups.setdefault(of, []).append((name, wanted))
        if wanted.measure in DISTINCT:
            repeated.setdefault((keys[0], DISTINCT[wanted.measure]), []).append((name, wanted))
    found = [_counting(keys, fields, words) for keys, fields in groups.items()]
    return [*found, *(_distinct(key, value, fields, words) for (key, value), fields in repeated.items())]


def _counting(keys: Sequence[str], fields: Sequence[_Field], words: Words) -> Counting:
    known = " AND ".join(f"{key} IS NOT NULL" for key in keys)
    return _windows(keys, fields, [_measured(wanted, words) for _, wanted in fields], known, words)


def _distinct(key: str, value: str, fields: Sequence[_Field], words: Words) -> Counting:
    longest = max(wanted.window.span // MICROSECOND for _, wanted in fields if wanted.window)
    gaps = (
        f"SELECT {key}, h_at - lag(h_at) OVER (PARTITION BY {key}, {value} ORDER BY h_at) AS gap FROM events"
        f" WHERE h_counts AND {key} IS NOT NULL AND {value} IS NOT NULL"
    )
    again = f"{key} IN (SELECT {key} FROM ({gaps}) AS seen WHERE gap <= {longest})"
    measured = [f"count(DISTINCT CASE WHEN h_counts THEN {value} END) OVER {{w}}"] * len(fields)
    return _windows([key], fields, measured, again, words)


def _windows(
    keys: Sequence[str], fields: Sequence[_Field], measured: Sequence[str], where: str, words: Words
) -> Counting:
    spans = list(dict.fromkeys(_span(wanted) for _, wanted in fields))
    order = f"PARTITION BY {', '.join(keys)} ORDER BY h_at"
    windows = ", ".join(
        f"w{place} AS ({order} RANGE BETWEEN {span} PRECEDING AND 1 PRECEDING)"
        for place, span in enumerate(spans)
    )
    answers = ", ".join(
        f"CAST({text.replace('{w}', f'w{spans.index(_span(wanted))}')} AS BIGINT)"
        f" AS {words.conditions.quoted_name(name)}"
        for (name, wanted), text in zip(fields, measured, strict=True)
    )
    names = [name for name, _ in fields]
    return Counting(names, f"SELECT h_row, {answers} FROM events WHERE {where} WINDOW {windows}")


def _span(wanted: Definition) -> str:
    return _EVER if wanted.window is None else str(wanted.window.span // MICROSECOND)


def _measured(wanted: Definition, words: Words) -> str:
    measure = wanted.measure
    if measure in TIMES:
        end = f"{TIMES[measure]}(h_at) FILTER (WHERE h_counts) OVER {{w}}"
        return f"(h_at - {end}) {words.division} 1000000"
    if measure in COUNTED:
        return f"count(*) FILTER (WHERE h_counts AND {COUNTED[measure]}) OVER {{w}}"
    if measure in DISTINCT:
        return f"count(*) FILTER (WHERE h_counts AND {DISTINCT[measure]} IS NOT NULL) OVER {{w}}"
    total = "sum(h_amount) FILTER (WHERE h_counts AND h_approved) OVER {w}"
    if measure is Measure.APPROVED_AMOUNT:
        return f"least(coalesce({total}, 0), {MAX_MINOR_UNITS})"
    count = "count(*) FILTER (WHERE h_counts AND h_approved AND h_amount > 0) OVER {w}"
    percent = f"(CAST(amount AS {words.wide}) * 100 * {count}) {words.division} {total}"
    return f"CASE WHEN {total} > 0 THEN least({percent}, {MOST_PERCENT}) END"
