"""Velocity counted anew by an engine whose windows slide: all windows of an entity in one sort."""

from collections.abc import Iterable, Sequence
from typing import Final

from cardwright.backtests.engines import Words
from cardwright.backtests.velocity_queries import (
    COUNTED,
    DISTINCT,
    KEYS,
    MICROSECOND,
    OF_MONEY,
    TIMES,
    wanted_definition,
)
from cardwright.core.money import MAX_MINOR_UNITS
from cardwright.rules import MOST_PERCENT
from cardwright.rules import VelocityDefinition as Definition
from cardwright.rules import VelocityMeasure as Measure

_EVER: Final = "UNBOUNDED"


def sliding_queries(names: Iterable[str], words: Words) -> Sequence[tuple[tuple[str, ...], str]]:
    """Return what `velocity_queries` does, for engines that find a window's ends by searching."""
    groups: dict[tuple[str, ...], list[tuple[str, Definition]]] = {}
    for name in names:
        wanted = wanted_definition(name)
        keys = KEYS[wanted.entity]
        of = (*keys, "h_currency") if wanted.measure in OF_MONEY else keys
        groups.setdefault(of, []).append((name, wanted))
    return [(tuple(name for name, _ in of), _query(keys, of, words)) for keys, of in groups.items()]


def _query(keys: Sequence[str], fields: Sequence[tuple[str, Definition]], words: Words) -> str:
    spans = dict.fromkeys(_span(wanted) for _, wanted in fields)
    order = f"PARTITION BY {', '.join(keys)} ORDER BY h_at"
    windows = ", ".join(
        f"w{place} AS ({order} RANGE BETWEEN {span} PRECEDING AND 1 PRECEDING)"
        for place, span in enumerate(spans)
    )
    answers = ", ".join(
        f"CAST({_measured(wanted, f'w{list(spans).index(_span(wanted))}', words)} AS BIGINT)"
        f" AS {words.conditions.quoted_name(name)}"
        for name, wanted in fields
    )
    known = " AND ".join(f"{key} IS NOT NULL" for key in keys)
    return f"SELECT h_row, {answers} FROM authorizations WHERE {known} WINDOW {windows}"


def _span(wanted: Definition) -> str:
    return _EVER if wanted.window is None else str(wanted.window.span // MICROSECOND)


def _measured(wanted: Definition, window: str, words: Words) -> str:
    measure = wanted.measure
    if measure in TIMES:
        end = f"{TIMES[measure]}(h_at) FILTER (WHERE h_counts) OVER {window}"
        return f"(h_at - {end}) {words.division} 1000000"
    if measure in COUNTED:
        return f"count(*) FILTER (WHERE h_counts AND {COUNTED[measure]}) OVER {window}"
    if measure in DISTINCT:
        return f"count(DISTINCT CASE WHEN h_counts THEN {DISTINCT[measure]} END) OVER {window}"
    total = f"sum(h_amount) FILTER (WHERE h_counts AND h_approved) OVER {window}"
    if measure is Measure.APPROVED_AMOUNT:
        return f"least(coalesce({total}, 0), {MAX_MINOR_UNITS})"
    count = f"count(*) FILTER (WHERE h_counts AND h_approved AND h_amount > 0) OVER {window}"
    percent = f"(CAST(amount AS {words.wide}) * 100 * {count}) {words.division} {total}"
    return f"CASE WHEN {total} > 0 THEN least({percent}, {MOST_PERCENT}) END"
