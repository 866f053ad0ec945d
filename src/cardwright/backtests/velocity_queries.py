"""Velocity as it was at each authorization, counted anew from the authorizations before it.

Every authorization counts from its instant until its window has passed, and a merchant among distinct ones
no longer than until the same one is seen again. So each answer is a running sum over what begins and what
ends: one sort by time, in any engine, however long the windows and however many authorizations are in them.
Instants are whole microseconds. What begins or ends at an instant counts for later ones only.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from cardwright.backtests.engines import Words
from cardwright.core.money import MAX_MINOR_UNITS
from cardwright.rules import MOST_PERCENT, velocity_definition
from cardwright.rules import VelocityDefinition as Definition
from cardwright.rules import VelocityEntity as Entity
from cardwright.rules import VelocityMeasure as Measure
from cardwright.rules import VelocityWindow as Window

KEYS: Final = {
    Entity.CARD: ("h_card",),
    Entity.HOLDER: ("h_holder",),
    Entity.MERCHANT: ("h_merchant",),
    Entity.CARD_MERCHANT: ("h_card", "h_merchant"),
}
DISTINCT: Final = {
    Measure.DISTINCT_MERCHANTS: "h_merchant",
    Measure.DISTINCT_COUNTRIES: "nullif(h_country, '')",
    Measure.DISTINCT_CARDS: "h_card",
    Measure.DISTINCT_HOLDERS: "h_holder",
}
COUNTED: Final = {
    Measure.APPROVED_COUNT: "h_approved",
    Measure.DECLINED_COUNT: "NOT h_approved",
    Measure.ATTEMPTED_COUNT: "TRUE",
}
OF_MONEY: Final = (Measure.APPROVED_AMOUNT, Measure.PERCENT_OF_MEAN)
TIMES: Final = {Measure.SECONDS_SINCE_LAST: "max", Measure.SECONDS_SINCE_FIRST: "min"}
_BEFORE: Final = "RANGE BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING"
_FOREVER: Final = 2**62
MICROSECOND: Final = timedelta(microseconds=1)


@dataclass(slots=True)
class _Sum:
    """A running sum: what each authorization adds from its instant on, and takes away at its window's end."""

    adds: str
    window: Window


@dataclass(slots=True)
class _Group:
    """The fields whose authorizations are sorted alike: of one entity, in one currency, or of one value."""

    keys: tuple[str, ...]
    value: str | None = None
    sums: list[_Sum] = field(default_factory=list)
    fields: list[tuple[str, str]] = field(default_factory=list)

    def sum_of(self, adds: str, window: Window) -> str:
        """Return the name of a running sum, shared by the fields that want the same."""
        wanted = _Sum(adds, window)
        if wanted not in self.sums:
            self.sums.append(wanted)
        return f"s{self.sums.index(wanted)}"


@dataclass(frozen=True, slots=True)
class Counting:
    """A query that answers some fields by `h_row`; where a later one answers as well, that one is right."""

    names: Sequence[str]
    query: str


def running_sums(names: Iterable[str], words: Words) -> Sequence[Counting]:
    """Return the queries over `authorizations` that count fields anew.

    Authorizations of nobody known are in none of them. KeyError for a name that is no velocity.
    """
    groups: dict[tuple[tuple[str, ...], str | None], _Group] = {}
    for name in names:
        wanted = wanted_definition(name)
        keys = KEYS[wanted.entity]
        if wanted.measure in OF_MONEY:
            keys = (*keys, "h_currency")
        value = DISTINCT.get(wanted.measure)
        group = groups.setdefault((keys, value), _Group(keys, value))
        group.fields.append((name, _expression(wanted, group, words)))
    return [Counting([name for name, _ in it.fields], _query(it, words)) for it in groups.values()]


def wanted_definition(name: str) -> Definition:
    """Return what a field measures; KeyError for a name that is no velocity."""
    found = velocity_definition(name)
    if found is None:
        raise KeyError(name)
    return found


def without_history(name: str) -> str:
    """Return what a field is where there is no history, in SQL."""
    wanted = velocity_definition(name)
    return "CAST(NULL AS BIGINT)" if wanted is None or wanted.is_optional else "CAST(0 AS BIGINT)"


def _expression(wanted: Definition, group: _Group, words: Words) -> str:
    if wanted.window is None:
        return f"CAST((m_at - {TIMES[wanted.measure]}_at) {words.division} 1000000 AS BIGINT)"
    if wanted.measure in COUNTED:
        return group.sum_of(f"CASE WHEN {COUNTED[wanted.measure]} THEN 1 ELSE 0 END", wanted.window)
    if wanted.measure in DISTINCT:
        return group.sum_of("1", wanted.window)
    amount = group.sum_of("CASE WHEN h_approved THEN h_amount ELSE 0 END", wanted.window)
    if wanted.measure is Measure.APPROVED_AMOUNT:
        return f"least({amount}, {MAX_MINOR_UNITS})"
    count = group.sum_of("CASE WHEN h_approved AND h_amount > 0 THEN 1 ELSE 0 END", wanted.window)
    percent = f"(CAST(m_asked AS {words.wide}) * 100 * {count}) {words.division} {amount}"
    return f"CASE WHEN {amount} > 0 THEN least({percent}, {MOST_PERCENT}) END"


def _query(group: _Group, words: Words) -> str:
    keys = ", ".join(f"k{place}" for place in range(len(group.keys)))
    order = f"PARTITION BY {keys} ORDER BY m_at {_BEFORE}"
    running = [
        f"coalesce(sum(CAST(d{place} AS {words.wide})) OVER ({order}), 0) AS s{place}"
        for place in range(len(group.sums))
    ]
    times = [
        f"{function}(m_counted_at) OVER ({order}) AS {function}_at"
        for function in ("min", "max")
        if any(f"{function}_at" in text for _, text in group.fields)
    ]
    answers = ", ".join(
        f"CAST({text} AS BIGINT) AS {words.conditions.quoted_name(name)}" for name, text in group.fields
    )
    sums = ", ".join(["h_row, m_at, m_asked", *running, *times])
    moves = " UNION ALL ".join(_moves(group))
    return (
        f"SELECT h_row, {answers} FROM (SELECT {sums} FROM ({moves}) AS moves) AS counted"
        " WHERE h_row IS NOT NULL"
    )


def _moves(group: _Group) -> Iterable[str]:
    """Iterate over what begins, beside each authorization that asks, and over what ends, window by window."""
    keys = ", ".join(f"{column} AS k{place}" for place, column in enumerate(group.keys))
    known = " AND ".join(f"{column} IS NOT NULL" for column in group.keys)
    has_times = any("_at)" in text for _, text in group.fields)
    counted_at = ["CASE WHEN h_counts THEN h_at END AS m_counted_at"] if has_times else []
    counts = "h_counts" if group.value is None else f"h_counts AND {group.value} IS NOT NULL"
    begun = [
        f"CASE WHEN {counts} THEN {it.adds} ELSE 0 END AS d{place}" for place, it in enumerate(group.sums)
    ]
    columns = ", ".join([keys, "h_at AS m_at", "h_row", "amount AS m_asked", *counted_at, *begun])
    yield f"SELECT {columns} FROM authorizations WHERE {known}"
    for window in dict.fromkeys(it.window for it in group.sums):
        ended = [
            f"-({it.adds}) AS d{place}" if it.window is window else f"0 AS d{place}"
            for place, it in enumerate(group.sums)
        ]
        nobody = ["NULL AS h_row", "NULL AS m_asked", *(["NULL AS m_counted_at"] if counted_at else [])]
        end = f"h_at + {window.span // MICROSECOND}"
        source = "authorizations"
        if group.value is not None:
            end = f"least({end}, h_next)"
            source = _with_next(group)
        columns = ", ".join([keys, f"{end} AS m_at", *nobody, *ended])
        yield f"SELECT {columns} FROM {source} WHERE {known} AND {counts}"


def _with_next(group: _Group) -> str:
    """Return the authorizations with the instant at which the same value is seen again."""
    value = group.value or "h_row"
    by = ", ".join([*group.keys, value])
    following = f"coalesce(lead(h_at) OVER (PARTITION BY {by} ORDER BY h_at), {_FOREVER})"
    columns = "h_card, h_holder, h_merchant, h_country, h_at, h_counts, h_approved"
    return f"(SELECT {columns}, {following} AS h_next FROM authorizations WHERE h_counts) AS seen"
