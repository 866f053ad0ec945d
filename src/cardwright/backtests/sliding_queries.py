"""Velocity counted anew by DuckDB, whose windows slide: all windows of an entity in one sort.

It is asked of `events`, where ids are numbers: hashes, where it has shown that no two ids share one. A
distinct count of a window in which nothing is seen twice is a count. So only those entities are counted
distinctly, at some cost, of which something came again within the longest window. A sum in one currency,
where there is no other, is a sum. What an authorization counts for is one number, so that a window adds up
once whatever is counted in it.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from cardwright.backtests.engines import Engine, Words
from cardwright.backtests.velocity_queries import (
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
from cardwright.rules import VelocityEntity as Entity
from cardwright.rules import VelocityMeasure as Measure

_EVER: Final = "UNBOUNDED"
_CODED: Final = ("h_card", "h_holder", "h_merchant", "h_currency")
_HALF: Final = 31
"""Bits of a number that counts approved ones; declined ones are counted above them, in the same sum."""
_ADDED: Final = (
    "h_row, h_at, h_counts, amount, h_country,"
    f" CASE WHEN NOT h_counts THEN 0 WHEN h_approved THEN 1 ELSE {2**_HALF} END AS h_outcome,"
    " CASE WHEN h_counts AND h_approved THEN h_amount ELSE 0 END AS h_spent"
)
_COUNTED: Final = {
    Measure.APPROVED_COUNT: f"{{n}} & {2**_HALF - 1}",
    Measure.DECLINED_COUNT: f"{{n}} >> {_HALF}",
    Measure.ATTEMPTED_COUNT: f"({{n}} & {2**_HALF - 1}) + ({{n}} >> {_HALF})",
}
_Field = tuple[str, Definition]
_Over = Callable[[str, Definition], str]
"""Names what an aggregate comes to over the window of a definition."""


def keep_events(engine: Engine, names: Iterable[str]) -> None:
    """Keep what the countings of some fields are asked of, as narrow as can be."""
    wanted = [wanted_definition(name) for name in names]
    used = {key for it in wanted for key in (*KEYS[it.entity], DISTINCT.get(it.measure, ""))}
    if any(it.measure in OF_MONEY for it in wanted):
        used.add("h_currency")
    coded = [it for it in _CODED if it in used]
    is_unique = all(
        engine.rows(
            f"SELECT count(*) = count(DISTINCT hash({it})) FROM (SELECT DISTINCT {it} FROM authorizations)"
        )[0][0]
        for it in coded
    )
    codes = [f"CASE WHEN {it} IS NOT NULL THEN hash({it}) END AS {it}" if is_unique else it for it in coded]
    engine.keep("events", f"SELECT {', '.join([_ADDED, *codes])} FROM authorizations")


def countings(names: Iterable[str], words: Words) -> Sequence[Counting]:
    """Return the queries that count fields anew; authorizations of nobody known are in none."""
    groups: dict[tuple[str, ...], list[_Field]] = {}
    repeated: dict[tuple[str, str], list[_Field]] = {}
    mixed: dict[tuple[str, ...], list[_Field]] = {}
    for name in names:
        wanted = wanted_definition(name)
        keys = KEYS[wanted.entity]
        if wanted.measure in OF_MONEY:
            # A card pays in one currency as a rule, so it is sorted once; a merchant takes many.
            mixed.setdefault((*keys, "h_currency"), []).append((name, wanted))
        if wanted.measure not in OF_MONEY or wanted.entity is not Entity.MERCHANT:
            groups.setdefault(keys, []).append((name, wanted))
        if wanted.measure in DISTINCT:
            repeated.setdefault((keys[0], DISTINCT[wanted.measure]), []).append((name, wanted))
    return [
        *(_windows(keys, fields, _all_known(keys), words) for keys, fields in groups.items()),
        *(_windows(keys, fields, _in_currencies(keys), words) for keys, fields in mixed.items()),
        *(_distinct(key, value, fields, words) for (key, value), fields in repeated.items()),
    ]


def _all_known(keys: Sequence[str]) -> str:
    return " AND ".join(f"{key} IS NOT NULL" for key in keys)


def _in_currencies(keys: Sequence[str]) -> str:
    """Return which events are counted by currency: those of whom there are several."""
    key = keys[0]
    several = f"GROUP BY {key} HAVING min(h_currency) <> max(h_currency)"
    return f"{_all_known(keys)} AND {key} IN (SELECT {key} FROM events {several})"


def _distinct(key: str, value: str, fields: Sequence[_Field], words: Words) -> Counting:
    longest = max(wanted.window.span // MICROSECOND for _, wanted in fields if wanted.window)
    gaps = (
        f"SELECT {key}, h_at - lag(h_at) OVER (PARTITION BY {key}, {value} ORDER BY h_at) AS gap FROM events"
        f" WHERE h_counts AND {key} IS NOT NULL AND {value} IS NOT NULL"
    )
    again = f"{key} IN (SELECT {key} FROM ({gaps}) AS seen WHERE gap <= {longest})"
    differing = f"count(DISTINCT CASE WHEN h_counts THEN {value} END)"
    return _windows([key], fields, again, words, differing)


def _windows(
    keys: Sequence[str], fields: Sequence[_Field], where: str, words: Words, differing: str | None = None
) -> Counting:
    """Return the query of some fields over windows of the same order; what two of them need is counted once.

    `differing` counts distinct values; without it none is seen twice.
    """
    frames: dict[str, str] = {}
    counted: dict[str, str] = {}

    def over(aggregate: str, wanted: Definition) -> str:
        frame = frames.setdefault(_span(wanted), f"w{len(frames)}")
        return counted.setdefault(f"{aggregate} OVER {frame}", f"n{len(counted)}")

    answers = [
        f"CAST({_measured(wanted, over, differing, words)} AS BIGINT) AS {words.conditions.quoted_name(name)}"
        for name, wanted in fields
    ]
    order = f"PARTITION BY {', '.join(keys)} ORDER BY h_at"
    windows = ", ".join(
        f"{frame} AS ({order} RANGE BETWEEN {span} PRECEDING AND 1 PRECEDING)"
        for span, frame in frames.items()
    )
    columns = ", ".join(["h_row, h_at, amount", *(f"{text} AS {name}" for text, name in counted.items())])
    inner = f"SELECT {columns} FROM events WHERE {where} WINDOW {windows}"
    return Counting(
        [name for name, _ in fields], f"SELECT h_row, {', '.join(answers)} FROM ({inner}) AS counted"
    )


def _span(wanted: Definition) -> str:
    return _EVER if wanted.window is None else str(wanted.window.span // MICROSECOND)


def _outcomes(over: _Over, wanted: Definition) -> str:
    return f"CAST(coalesce({over('sum(h_outcome)', wanted)}, 0) AS BIGINT)"


def _once_each(over: _Over, wanted: Definition) -> str:
    """Count what differs where nothing is seen twice; what counts has a card, a holder and a merchant."""
    if wanted.measure is Measure.DISTINCT_COUNTRIES:
        return over(f"count(CASE WHEN h_counts THEN {DISTINCT[wanted.measure]} END)", wanted)
    return _COUNTED[Measure.ATTEMPTED_COUNT].format(n=_outcomes(over, wanted))


def _measured(wanted: Definition, over: _Over, differing: str | None, words: Words) -> str:
    measure = wanted.measure
    if measure in TIMES:
        end = over(f"{TIMES[measure]}(CASE WHEN h_counts THEN h_at END)", wanted)
        return f"(h_at - {end}) {words.division} 1000000"
    if measure in _COUNTED:
        return _COUNTED[measure].format(n=_outcomes(over, wanted))
    if measure in DISTINCT:
        return over(differing, wanted) if differing else _once_each(over, wanted)
    total = over("sum(h_spent)", wanted)
    if measure is Measure.APPROVED_AMOUNT:
        return f"least(coalesce({total}, 0), {MAX_MINOR_UNITS})"
    count = over("sum(CASE WHEN h_spent > 0 THEN 1 ELSE 0 END)", wanted)
    percent = f"(CAST(amount AS {words.wide}) * 100 * {count}) {words.division} {total}"
    return f"CASE WHEN {total} > 0 THEN least({percent}, {MOST_PERCENT}) END"
