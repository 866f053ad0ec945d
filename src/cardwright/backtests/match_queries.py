"""SQL that asks rules about history: which hold, what they come to by the written order, and for whom.

Columns that begin with `h_` belong to the authorization, columns with a dot or a plain name are fields. Rules
are bits: chunk by chunk of them, a column `b0`, `b1`, … tells which hold, and `c0`, `c1`, … which count.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from cardwright.backtests.domain import CHUNK
from cardwright.backtests.engines import Words
from cardwright.backtests.velocity_queries import without_history
from cardwright.rules import Checked, Field, Lists, Rule, RuleAction, RuleStage, Scoring, compile_sql

FRAUD: Final = "fraud"
GENUINE: Final = "genuine"
HARD: Final = frozenset({RuleAction.FREEZE, RuleAction.DECLINE})
_ATTRIBUTES: Final = (
    "h_decided_at", "h_holder", "h_is_approved", "h_is_ours", "h_passes_else", "h_exception",
)  # fmt: skip
_KEPT: Final = ("h_row", *_ATTRIBUTES, "h_label", "h_lacks", "currency", "amount")
_NAMES: Final = ", ".join(_KEPT)
_GROUPS: Final = ("currency", "h_is_approved", "h_is_ours", "h_passes_else", "h_exception", "h_label")
_WHOLE_FIELDS: Final = ("amount", "currency")


@dataclass(frozen=True, slots=True)
class Trial:
    """A rule that is asked, and whether it is one that is tried, or beside which others are."""

    rule: Rule
    condition: Checked
    is_tested: bool


@dataclass(frozen=True, slots=True)
class Stretch:
    """From which instant, and until before which, in microseconds; None for no end."""

    since: int | None = None
    until: int | None = None


EVER: Final = Stretch()


def chunks(trials: Sequence[Trial]) -> Sequence[Sequence[Trial]]:
    """Divide rules into as many as an engine plans well."""
    return [trials[start : start + CHUNK] for start in range(0, len(trials), CHUNK)]


def fields_read(trials: Sequence[Trial]) -> Sequence[Field]:
    """Return the fields that rules read, each once."""
    return list({it.name: it for trial in trials for it in trial.condition.fields}.values())


def asked(
    trials: Sequence[Trial], velocity: Mapping[str, Sequence[str]], stretch: Stretch, words: Words
) -> str:
    """Return the query for what rules are asked about: authorizations with the fields they read.

    `velocity` names for each of its fields the tables that hold it; the last that has the row is right.
    """
    name = words.conditions.quoted_name
    read = [it.name for it in fields_read(trials) if it.name not in velocity]
    plain = dict.fromkeys([*_WHOLE_FIELDS, *read])
    drawn = ["h_draw"] if any(it.rule.sample_percent is not None for it in trials) else []
    columns = [f"a.{it}" for it in ("h_row", *_ATTRIBUTES, *drawn)] + [f"a.{name(it)}" for it in plain]
    columns.append(f"{_lacks(trials, velocity, words)} AS h_lacks")
    for it, tables in velocity.items():
        held = [f"WHEN {table}.h_row IS NOT NULL THEN {table}.{name(it)}" for table in reversed(tables)]
        columns.append(f"CASE {' '.join(held)} ELSE {without_history(it)} END AS {name(it)}")
    joins = "".join(
        f" LEFT JOIN {table} ON {table}.h_row = a.h_row"
        for table in dict.fromkeys(table for tables in velocity.values() for table in tables)
    )
    bounds = [
        *([f"a.h_decided_at >= {stretch.since}"] if stretch.since is not None else []),
        *([f"a.h_decided_at < {stretch.until}"] if stretch.until is not None else []),
    ]
    where = f" WHERE {' AND '.join(bounds)}" if bounds else ""
    return (
        f"SELECT {', '.join(columns)}, coalesce(l.label, '') AS h_label FROM authorizations AS a{joins}"
        f" LEFT JOIN labels AS l ON l.payment_id = a.h_payment{where}"
    )


def _lacks(trials: Sequence[Trial], velocity: Collection[str], words: Words) -> str:
    """Return 1 where a value that tried rules read was not recorded, else 0; velocity always is known."""
    read = fields_read([it for it in trials if it.is_tested])
    needed = [it.name for it in read if not it.is_optional and it.name not in velocity]
    missing = [f"a.{words.conditions.quoted_name(it)} IS NULL" for it in needed]
    return f"CASE WHEN {' OR '.join(missing)} THEN 1 ELSE 0 END" if missing else "0"


def chunk_query(trials: Sequence[Trial], lists: Lists, words: Words) -> str:
    """Return the query for the authorizations that some of a chunk's rules match."""
    return (
        f"SELECT h_row, bits, counted FROM ({_bits(['h_row'], trials, lists, words)}) AS held WHERE bits <> 0"
    )


def joined_query(parts: Sequence[Sequence[Trial]]) -> str:
    """Return the query for all authorizations with what rules of several chunks were found to answer."""
    places = range(len(parts))
    columns = ", ".join(f"max({of}{place}) AS {of}{place}" for of in ("b", "c") for place in places)
    each = " UNION ALL ".join(
        f"SELECT h_row, {_only('bits', 'b', place, places)}, {_only('counted', 'c', place, places)}"
        f" FROM chunk_{place}"
        for place in places
    )
    bits = f"SELECT h_row, {columns} FROM ({each}) AS each_chunk GROUP BY h_row"
    known = ", ".join(f"coalesce({of}{place}, 0) AS {of}{place}" for of in ("b", "c") for place in places)
    kept = ", ".join(f"asked.{it}" for it in _KEPT)
    return f"SELECT {kept}, {known} FROM asked LEFT JOIN ({bits}) AS bits ON bits.h_row = asked.h_row"


def answers_query(parts: Sequence[Sequence[Trial]], scoring: Scoring, lists: Lists, words: Words) -> str:
    """Return the query for all authorizations with what rules answer, and what that comes to.

    Of one chunk it asks the rules itself; of several it takes what was joined.
    """
    places = range(len(parts))
    held = "SELECT * FROM joined"
    if len(parts) == 1:
        bits = _bits(_KEPT, parts[0], lists, words)
        held = f"SELECT {_NAMES}, bits AS b0, counted AS c0 FROM ({bits}) AS asked_once"
    declines = _some(parts, lambda rule: rule.action in HARD)
    allows = _some(parts, lambda rule: rule.action is RuleAction.ALLOW)
    asks = _some(parts, lambda rule: rule.action is RuleAction.CHALLENGE)
    bare = (
        f"SELECT *, {allows} AS h_allows, {asks} AS h_asks, {declines} AS h_hard, {_score(parts)} AS h_score"
    )
    refuses = f"h_hard OR (NOT h_allows AND {_softly(scoring)})"
    rest = ", ".join((_NAMES, *(f"b{place}" for place in places), "h_allows"))
    return f"SELECT {rest}, {refuses} AS h_refuses FROM ({bare} FROM ({held}) AS held) AS resolved"


def hits_query(parts: Sequence[Sequence[Trial]]) -> str:
    """Return the query for the authorizations that any rule matches."""
    return f"SELECT * FROM answers WHERE {' OR '.join(f'b{place} <> 0' for place in range(len(parts)))}"


def _bits(kept: Sequence[str], trials: Sequence[Trial], lists: Lists, words: Words) -> str:
    holds = " + ".join(
        f"CASE WHEN {compile_sql(it.condition, words.conditions, lists).text} THEN {_bit(place)} ELSE 0 END"
        for place, it in enumerate(trials)
    )
    live = sum(1 << place for place, it in enumerate(trials) if it.rule.stage is RuleStage.LIVE)
    counted = [f"(bits & {live})"]
    for place, it in enumerate(trials):
        if it.rule.sample_percent is not None:
            text = f"concat({words.conditions.quoted_text(it.rule.name + ':')}, h_draw)"
            is_drawn = f"{words.drawn.format(text=text)} < {it.rule.sample_percent}"
            counted.append(
                f"(CASE WHEN (bits & {_bit(place)}) <> 0 AND {is_drawn} THEN {_bit(place)} ELSE 0 END)"
            )
    drawn = ", h_draw" if len(counted) > 1 else ""
    listed = ", ".join(kept)
    inner = f"SELECT {listed}{drawn}, CAST({holds} AS BIGINT) AS bits FROM asked"
    return f"SELECT {listed}, bits, {' + '.join(counted)} AS counted FROM ({inner}) AS held"


def combinations_query(parts: Sequence[Sequence[Trial]]) -> str:
    """Return the query for the different combinations of rules, and how often each occurs to whom."""
    bits = [f"b{place}" for place in range(len(parts))]
    groups = ", ".join([*bits, *_GROUPS, "h_allows", "h_refuses"])
    alone = " + ".join(f"CAST(bit_count({it}) AS BIGINT)" for it in bits)
    return (
        f"SELECT {groups}, min({alone}) = 1 AS alone, min(h_row) AS first_row, count(*) AS times,"
        f" sum(amount) AS value FROM hits GROUP BY {groups}"
    )


def rules_table(parts: Sequence[Sequence[Trial]]) -> str:
    """Return the rules as rows: their number, their chunk and their bit."""
    rows = [
        f"SELECT {number} AS rule, {place} AS chunk, CAST({_bit(bit)} AS BIGINT) AS bit,"
        f" {_truth(it.is_tested)} AS tested"
        for number, place, bit, it in _numbered(parts)
    ]
    return " UNION ALL ".join(rows)


def totals_query(place: int) -> str:
    """Return the query for what the rules of a chunk match, divided by all that matters."""
    groups = "currency, h_is_approved, h_is_ours, h_exception, h_label, h_allows, alone"
    collapsed = (
        f"SELECT b{place} AS bits, {groups}, sum(times) AS times, sum(value) AS value FROM combinations"
    )
    return (
        f"SELECT rule, {groups}, CAST(sum(times) AS BIGINT), CAST(sum(value) AS DECIMAL(38, 0))"
        f" FROM ({collapsed} GROUP BY b{place}, {groups}) AS collapsed"
        f" JOIN rules ON chunk = {place} AND (bits & bit) <> 0 GROUP BY rule, {groups}"
    )


def customers_query(parts: Sequence[Sequence[Trial]], place: int) -> str:
    """Return the query for the holders that rules of a chunk would decline a payment not known as fraud."""
    hard = _mask(parts[place], lambda rule: rule.action in HARD)
    asks = _mask(parts[place], lambda rule: rule.action is RuleAction.CHALLENGE)
    declining = f"b{place} & (CASE WHEN h_exception OR h_allows THEN {hard} ELSE {hard | asks} END)"
    declined = (
        f"SELECT h_holder, bit_or({declining}) AS bits FROM hits"
        f" WHERE h_is_approved AND h_is_ours AND h_label <> '{FRAUD}' AND h_holder IS NOT NULL"
        " GROUP BY h_holder"
    )
    return (
        f"SELECT rule, count(*) FROM ({declined}) AS declined"
        f" JOIN rules ON chunk = {place} AND (bits & bit) <> 0 GROUP BY rule"
    )


def pairs_query(parts: Sequence[Sequence[Trial]]) -> str:
    """Return the query for how many authorizations two rules both match, one of them tried."""
    bits = [f"b{place}" for place in range(len(parts))]
    listed = ", ".join(bits)
    once = "min(first_row) AS first_row, sum(times) AS times"
    sets = f"SELECT {listed}, {once} FROM combinations GROUP BY {listed}"
    members = " UNION ALL ".join(
        f"SELECT first_row, times, rule, tested FROM sets JOIN rules ON chunk = {place} AND ({it} & bit) <> 0"
        for place, it in enumerate(bits)
    )
    return (
        f"WITH sets AS ({sets}), members AS ({members})"
        " SELECT one.rule, other.rule, CAST(sum(one.times) AS BIGINT) FROM members AS one"
        " JOIN members AS other ON one.first_row = other.first_row AND one.rule < other.rule"
        " WHERE one.tested OR other.tested GROUP BY one.rule, other.rule ORDER BY one.rule, other.rule"
    )


def examples_query(parts: Sequence[Sequence[Trial]], place: int, each: int) -> str:
    """Return the query for the newest and the largest authorizations that tried rules of a chunk match."""
    orders = ("h_decided_at DESC, h_row DESC", "amount DESC, h_row DESC")
    found = [
        f"(SELECT {number} AS rule, h_row FROM hits WHERE (b{place} & {_bit(bit)}) <> 0"
        f" ORDER BY {order} LIMIT {each})"
        for number, at, bit, it in _numbered(parts)
        if at == place and it.is_tested
        for order in orders
    ]
    return " UNION ALL ".join(found)


def shown_query(rows: Sequence[int]) -> str:
    """Return the query for what is shown of authorizations."""
    return (
        "SELECT a.h_row, h_decision, h_payment, h_decided_at, amount, currency, h_is_approved, label"
        " FROM authorizations AS a LEFT JOIN labels AS l ON l.payment_id = a.h_payment"
        f" WHERE a.h_row IN ({', '.join(map(str, rows))})"
    )


def history_query() -> str:
    """Return the query for what the history holds, by outcome, label and who decided."""
    return (
        "SELECT h_is_approved, h_is_ours, h_label, count(*), CAST(sum(h_lacks) AS BIGINT),"
        " min(h_decided_at), max(h_decided_at) FROM answers GROUP BY h_is_approved, h_is_ours, h_label"
    )


def changes_query(*, to_declined: bool) -> str:
    """Return the query for authorizations whose outcome would be another, by currency and label."""
    return (
        "SELECT currency, h_label, count(*), CAST(sum(amount) AS DECIMAL(38, 0))"
        f" FROM {_changed(to_declined=to_declined)} GROUP BY currency, h_label"
    )


def changed_customers_query(*, to_declined: bool) -> str:
    """Return the query for the holders of those that are not known as fraud."""
    changed = _changed(to_declined=to_declined)
    return f"SELECT count(DISTINCT h_holder) FROM {changed} AND h_label <> '{FRAUD}'"


def _changed(*, to_declined: bool) -> str:
    if to_declined:
        return "hits WHERE h_refuses AND h_is_approved AND h_is_ours"
    return (
        "answers WHERE NOT h_is_approved AND h_is_ours AND h_passes_else"
        " AND h_row NOT IN (SELECT h_row FROM hits WHERE h_refuses AND NOT h_is_approved)"
    )


def _numbered(parts: Sequence[Sequence[Trial]]) -> Iterator[tuple[int, int, int, Trial]]:
    number = 0
    for place, part in enumerate(parts):
        for bit, trial in enumerate(part):
            yield number, place, bit, trial
            number += 1


def _bit(place: int) -> int:
    return 1 << place


def _truth(value: bool) -> str:
    return "TRUE" if value else "FALSE"


def _only(column: str, of: str, place: int, places: range) -> str:
    return ", ".join(f"{column if it == place else 0} AS {of}{it}" for it in places)


def _mask(part: Sequence[Trial], is_wanted: Callable[[Rule], bool]) -> int:
    return sum(_bit(bit) for bit, it in enumerate(part) if is_wanted(it.rule))


def _some(parts: Sequence[Sequence[Trial]], is_wanted: Callable[[Rule], bool]) -> str:
    masks = [_mask(part, is_wanted) for part in parts]
    asked_for = [f"(c{place} & {mask}) <> 0" for place, mask in enumerate(masks) if mask]
    return f"({' OR '.join(asked_for)})" if asked_for else "FALSE"


def _score(parts: Sequence[Sequence[Trial]]) -> str:
    points = [
        f"CASE WHEN (c{place} & {_bit(bit)}) <> 0 THEN {it.rule.points} ELSE 0 END"
        for _, place, bit, it in _numbered(parts)
        if it.rule.points is not None
    ]
    return " + ".join(points) or "0"


def _softly(scoring: Scoring) -> str:
    """Return when challenges and the score refuse, unless a rule allows."""
    asks = ["h_asks", *([f"h_score >= {scoring.challenge_at}"] if scoring.challenge_at is not None else [])]
    softly = f"(NOT h_exception AND ({' OR '.join(asks)}))"
    return softly if scoring.decline_at is None else f"(h_score >= {scoring.decline_at} OR {softly})"
