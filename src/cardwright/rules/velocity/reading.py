"""The one statement that reads what rules want to know: built from their fields alone, and kept.

What it costs does not grow with what a window holds. Of what is rolled up (`rolling_store`) a window is a
difference of two running totals, and so the events between its start and the next total, at most a chunk, and
those that are not rolled up yet. Where nothing is rolled up, all of a window is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache, lru_cache
from typing import Final

from cardwright.core.money import MAX_MINOR_UNITS
from cardwright.rules.velocity.domain import MOST_PERCENT, Definition, Entity, Measure, Window, definition
from cardwright.rules.velocity.spelling import VALUES, given, is_of

_MOST_KEPT: Final = 256
_IN_CURRENCY: Final = "e.is_approved AND e.currency = CAST(:currency AS text)"
_COUNTED: Final[Mapping[Measure, tuple[str, ...]]] = {
    Measure.APPROVED_COUNT: ("e.is_approved",),
    Measure.DECLINED_COUNT: ("NOT e.is_approved",),
    Measure.ATTEMPTED_COUNT: (),
}
_TOTALS: Final[Mapping[Measure, str]] = {
    Measure.APPROVED_COUNT: "{of}.approved",
    Measure.DECLINED_COUNT: "{of}.attempted - {of}.approved",
    Measure.ATTEMPTED_COUNT: "{of}.attempted",
}
_ENDS: Final[Mapping[Measure, str]] = {
    Measure.SECONDS_SINCE_LAST: "DESC",
    Measure.SECONDS_SINCE_FIRST: "ASC",
}
_AFTER_ALL: Final = ",\n    ".join(
    f"(SELECT e.occurred_at FROM velocity_events AS e WHERE {is_of(entity)}"  # noqa: S608 - of constants only
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

    One of the past reads what an authorization saw that occurred :at, from the events alone: where values
    were seen last is known of the present only.
    """
    wanted = {name: _get(name) for name in names}
    windowed = [it for it in dict.fromkeys(wanted.values()) if it.window is not None]
    places = {it: f"m{place}" for place, it in enumerate(windowed)}
    scans = [
        _Scan(entity, mine, places, is_rolled=not of_the_past)
        for entity in Entity
        if (mine := [it for it in windowed if it.entity is entity])
    ]
    expressions = {it: scan.value(it) for scan in scans for it in scan.wanted}
    values = "".join(
        f",\n  {_since(it) if it.window is None else expressions[it]} AS v{place}"
        for place, it in enumerate(wanted.values())
    )
    text = (
        f"WITH present AS MATERIALIZED (SELECT {_THEN if of_the_past else _NEXT_INSTANT} AS occurred_at)\n"
        f"SELECT present.occurred_at{values}\nFROM present{''.join(scan.text() for scan in scans)}"
    )
    # What the card did at the merchant is under the card's lock already.
    return Reading(names, text, any(it.entity is Entity.MERCHANT for it in wanted.values()))


def _get(name: str) -> Definition:
    found = definition(name)
    if found is None:
        raise KeyError(name)
    return found


@dataclass(frozen=True, slots=True)
class _Scan:
    """What is read of an entity: what is rolled up, window by window, and the events after that at once."""

    entity: Entity
    wanted: Sequence[Definition]
    places: Mapping[Definition, str]
    is_rolled: bool

    def text(self) -> str:
        """Return it as the joins that give their columns to `value`."""
        if not self.is_rolled:
            return self._events()
        known = (
            f"\nLEFT JOIN LATERAL (\n  SELECT t.at, t.attempted, t.approved FROM velocity_totals AS t\n"  # noqa: S608
            f"  WHERE {given(self.entity, 't')} AND t.currency = '' ORDER BY t.at DESC LIMIT 1\n"
            f") AS known_{self.entity} ON TRUE"
        )
        windows = dict.fromkeys(it.window for it in self.wanted if it.window is not None)
        measures = dict.fromkeys(it.measure for it in self.wanted if it.measure in VALUES)
        heads = "".join(map(self._head, windows))
        return known + self._events() + "".join(map(self._seen_since, measures)) + heads

    def value(self, it: Definition) -> str:
        """Return what a field holds."""
        if it.measure is Measure.APPROVED_AMOUNT:
            return f"CAST(least({self._total(it, 'spent')}, {MAX_MINOR_UNITS}) AS bigint)"
        if it.measure is Measure.PERCENT_OF_MEAN:
            spent, spends = self._total(it, "spent"), self._total(it, "spends")
            percent = f"div(CAST(:amount AS numeric) * 100 * ({spends}), {spent})"
            return f"CASE WHEN {spent} > 0 THEN CAST(least({percent}, {MOST_PERCENT}) AS bigint) END"
        if it.measure in VALUES and self.is_rolled:
            return f"{self.entity}_{it.measure}.{self.places[it]} + {self._rolled(it, it.measure)}"
        return self._total(it, "")

    def _total(self, it: Definition, what: str) -> str:
        late = f"of_{self.entity}.{self.places[it]}{what}"
        late = f"coalesce({late}, 0)" if what == "spent" else late
        return f"{late} + {self._rolled(it, what or it.measure)}" if self.is_rolled else late

    def _rolled(self, it: Definition, column: str) -> str:
        return f"coalesce({self.entity}_{it.window}.{column}, 0)"

    def _late(self) -> str:
        """Return which events are not rolled up and may be in a window."""
        longest = max(it.window.span for it in self.wanted if it.window is not None)
        after = (
            f" AND e.occurred_at > coalesce(known_{self.entity}.at, '-infinity')" if self.is_rolled else ""
        )
        within = f"{_since_start(longest)}{after} AND e.occurred_at < present.occurred_at"
        return f"FROM velocity_events AS e\n  WHERE {is_of(self.entity)} AND {within}"

    def _events(self) -> str:
        measured = ",\n    ".join(
            f"{text} AS {self.places[it]}{what}"
            for it in self.wanted
            if it.window is not None
            for what, text in self._measured(it, _since_start(it.window.span)).items()
        )
        if not measured:
            return ""
        return f"\nCROSS JOIN LATERAL (\n  SELECT {measured}\n  {self._late()}\n) AS of_{self.entity}"

    def _measured(self, it: Definition, *within: str) -> Mapping[str, str]:
        """Return what is measured of events, by what is added to its name."""
        spent = f"sum(e.amount){_filter(_IN_CURRENCY, *within)}"
        match it.measure:
            case Measure.APPROVED_AMOUNT:
                return {"spent": spent}
            case Measure.PERCENT_OF_MEAN:
                return {"spent": spent, "spends": f"count(*){_filter(_IN_CURRENCY, 'e.amount > 0', *within)}"}
            case measure if measure in _COUNTED:
                return {"": f"count(*){_filter(*_COUNTED[measure], *within)}"}
            case _:
                return (
                    {} if self.is_rolled else {"": f"count(DISTINCT {VALUES[it.measure]}){_filter(*within)}"}
                )

    def _seen_since(self, measure: Measure) -> str:
        """Return what of a measure was seen after what is rolled up, and before that not in the window."""
        counted = ",\n    ".join(
            f"count(*) FILTER (WHERE {_since_start(it.window.span, 'seen.at')}"
            f" AND ({_since_start(it.window.span, 'seen.before')}) IS NOT TRUE) AS {self.places[it]}"
            for it in self.wanted
            if it.measure is measure and it.window is not None
        )
        before = (
            f"SELECT l.last_at FROM velocity_last_seen AS l WHERE {given(self.entity, 'l')}"  # noqa: S608
            f" AND l.measure = '{measure}' AND l.value = late.value"
        )
        return (
            f"\nCROSS JOIN LATERAL (\n  SELECT {counted}\n"  # noqa: S608
            f"  FROM (SELECT late.at, ({before}) AS before FROM (\n"
            f"  SELECT {VALUES[measure]} AS value, max(e.occurred_at) AS at {self._late()} GROUP BY 1\n"
            f"  ) AS late WHERE late.value IS NOT NULL) AS seen\n) AS {self.entity}_{measure}"
        )

    def _head(self, window: Window) -> str:
        """Return what is rolled up of a window, and its events before the first total that is in it."""
        mine = [it for it in self.wanted if it.window is window]
        start, rolled, early = _start(window.span), dict[str, str](), dict[str, str]()
        for it in mine:
            for what, text in self._measured(it).items():
                name = what or it.measure
                early[name] = text
                rolled[name] = self._difference(what) if what else _counted_between(self.entity, it.measure)
            if it.measure in VALUES:
                rolled[it.measure] = self._last_seen(it.measure, start)
        columns = ",\n    ".join(
            f"{text}{f' + coalesce(early.{name}, 0)' if name in early else ''} AS {name}"
            for name, text in rolled.items()
        )
        events = ", ".join(f"{text} AS {name}" for name, text in early.items())
        within = f"e.occurred_at >= {start} AND e.occurred_at <= first.at"
        scan = (
            f"  CROSS JOIN LATERAL (SELECT {events} FROM velocity_events AS e\n"  # noqa: S608
            f"    WHERE {is_of(self.entity)} AND {within}) AS early\n"
        )
        return (
            f"\nLEFT JOIN LATERAL (\n  SELECT {columns}\n  FROM (\n"  # noqa: S608
            f"    SELECT t.at, t.attempted, t.approved FROM velocity_totals AS t\n"
            f"    WHERE {given(self.entity, 't')} AND t.currency = ''\n"
            f"    AND t.at >= {start} ORDER BY t.at LIMIT 1\n"
            f"  ) AS first\n{scan if early else ''}) AS {self.entity}_{window} ON TRUE"
        )

    def _difference(self, column: str) -> str:
        """Return what was added to a currency's total after the first one in the window."""
        latest = (
            f"(SELECT t.{column} FROM velocity_totals AS t WHERE {given(self.entity, 't')}"  # noqa: S608
            " AND t.currency = CAST(:currency AS text){bound} ORDER BY t.at DESC LIMIT 1)"
        )
        until = latest.format(bound=" AND t.at <= first.at")
        return f"coalesce({latest.format(bound='')}, 0) - coalesce({until}, 0)"

    def _last_seen(self, measure: Measure, start: str) -> str:
        """Return how many values were seen last from the start on, as far as it is rolled up."""
        which = f"{given(self.entity, 'l')} AND l.measure = '{measure}'"
        within = f"{is_of(self.entity)} AND e.occurred_at >= {start} AND e.occurred_at <= first.at"
        return (
            f"(SELECT coalesce(sum(l.counted), 0)::bigint FROM velocity_last_counts AS l WHERE {which}"  # noqa: S608
            " AND l.until > first.at)"
            f" + (SELECT count(*) FROM (SELECT DISTINCT {VALUES[measure]} AS value FROM velocity_events AS e"
            f" WHERE {within}) AS early WHERE (SELECT l.last_at FROM velocity_last_seen AS l WHERE {which}"
            " AND l.value = early.value) <= first.at)"
        )


def _counted_between(entity: Entity, measure: Measure) -> str:
    total = _TOTALS[measure]
    return f"({total.format(of=f'known_{entity}')}) - ({total.format(of='first')})"


def _start(span: timedelta) -> str:
    # In seconds: how long a day is would otherwise be the session's time zone's to say.
    return f"present.occurred_at - interval '{span // timedelta(seconds=1)} seconds'"


def _since_start(span: timedelta, instant: str = "e.occurred_at") -> str:
    return f"{instant} >= {_start(span)}"


def _filter(*conditions: str) -> str:
    return f" FILTER (WHERE {' AND '.join(conditions)})" if conditions else ""


@cache
def _since(wanted: Definition) -> str:
    end = (
        f"SELECT e.occurred_at FROM velocity_events AS e WHERE {is_of(wanted.entity)}"  # noqa: S608
        f" AND e.occurred_at < present.occurred_at ORDER BY e.occurred_at {_ENDS[wanted.measure]} LIMIT 1"
    )
    return f"CAST(floor(extract(epoch FROM present.occurred_at - ({end}))) AS bigint)"
