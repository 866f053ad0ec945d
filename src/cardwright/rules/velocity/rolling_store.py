"""What events came to, kept so that a window need not count them: the tables, and how they are written.

An entity's events are cut into chunks by their order. At the end of each there are running totals, of all
currencies (`''`) and of each: these never change. For what is counted distinctly there is when each value was
seen last, and how many values were seen last in each chunk, as of the newest total.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Final

from sqlalchemy import BigInteger, Column, Numeric, Table, TextClause
from sqlalchemy import text as statement

from cardwright.db.base import instant, metadata, reference
from cardwright.db.session import Session
from cardwright.rules.velocity.domain import DEFINITIONS, Entity, Window
from cardwright.rules.velocity.spelling import COLUMNS, VALUES, given, is_of, key_of

Key = Mapping[str, str]
"""The ids that an entity is known by: `card_id`, `user_id`, `merchant_id`, or two of them."""

velocity_totals = Table(
    "velocity_totals",
    metadata,
    reference("entity", primary_key=True),
    reference("key", primary_key=True),
    reference("currency", primary_key=True),
    instant("at", primary_key=True),
    reference("program_id"),
    Column("attempted", BigInteger, nullable=False),
    Column("approved", BigInteger, nullable=False),
    Column("spends", BigInteger, nullable=False),
    Column("spent", Numeric, nullable=False),
)
velocity_last_seen = Table(
    "velocity_last_seen",
    metadata,
    reference("entity", primary_key=True),
    reference("key", primary_key=True),
    reference("measure", primary_key=True),
    reference("value", primary_key=True),
    reference("program_id"),
    instant("last_at"),
)
velocity_last_counts = Table(
    "velocity_last_counts",
    metadata,
    reference("entity", primary_key=True),
    reference("key", primary_key=True),
    reference("measure", primary_key=True),
    instant("until", primary_key=True),
    reference("program_id"),
    Column("counted", BigInteger, nullable=False),
)

_LONGEST: Final = max(it.span for it in Window) // timedelta(seconds=1)
_WEEK: Final = timedelta(days=7) // timedelta(seconds=1)
_LOCK_MERCHANT: Final = statement(
    "SELECT pg_advisory_xact_lock(hashtextextended('velocity:merchant:' || CAST(:merchant_id AS text), 0))"
)
_TAKE: Final = statement(
    "SELECT pg_try_advisory_xact_lock(hashtextextended('velocity:rolling:' || CAST(:key AS text), 0))"
)


async def newest(session: Session, entity: Entity, key: Key) -> datetime | None:
    """Return the newest event's instant; what is written from now on about the entity is later.

    Those who write about a merchant may share its lock, so all of them are waited for.
    """
    if entity is Entity.MERCHANT:
        await session.execute(_LOCK_MERCHANT, key)
    found: datetime | None = (await session.execute(_newest(entity), key)).scalar_one()
    return found


async def take(session: Session, entity: Entity, key: Key) -> bool:
    """Return whether nobody else rolls up the entity until the end of the transaction."""
    taken = await session.execute(_TAKE, {"key": " ".join([entity, *key.values()])})
    return bool(taken.scalar_one())


async def roll(session: Session, entity: Entity, key: Key, *, until: datetime, chunk: int, most: int) -> int:
    """Roll up whole chunks of the next `most` events up to `until`; return how many chunks."""
    done = await session.execute(_roll(entity), {**key, "until": until, "chunk": chunk, "most": most})
    return int(done.scalar_one())


async def forget(session: Session, entity: Entity, key: Key) -> None:
    """Forget values that were seen last before the longest window."""
    if not (await session.execute(_is_worth_forgetting(entity), key)).scalar_one():
        return
    for query in _forget(entity):
        await session.execute(query, key)


async def due(session: Session, since_id: str, chunk: int) -> Sequence[tuple[Entity, Key]]:
    """Return of whom more than a chunk is not rolled up, among those with a decision since an id."""
    rows = await session.execute(_due(), {"since": since_id, "chunk": chunk})
    found = [(Entity(row.entity), row) for row in rows]
    return [(entity, {it: getattr(row, it) for it in COLUMNS[entity]}) for entity, row in found]


@cache
def _newest(entity: Entity) -> TextClause:
    return statement(f"SELECT max(e.occurred_at) FROM velocity_events AS e WHERE {is_of(entity)}")  # noqa: S608


@cache
def _due() -> TextClause:
    found = []
    for entity, columns in COLUMNS.items():
        ids = ", ".join(f"{'k.' + it if it in columns else 'NULL'} AS {it}" for it in _IDS)
        known = f"SELECT max(t.at) FROM velocity_totals AS t WHERE {given(entity, 't', 'k.{}'.format)}"  # noqa: S608
        found.append(
            f"SELECT '{entity}' AS entity, {ids} FROM (SELECT DISTINCT {', '.join(columns)} FROM recent) AS k"  # noqa: S608
            f" WHERE (SELECT e.occurred_at FROM velocity_events AS e WHERE {is_of(entity, 'k.{}'.format)}"
            f" AND e.occurred_at > coalesce(({known} AND t.currency = ''), '-infinity')"
            " ORDER BY e.occurred_at OFFSET :chunk LIMIT 1) IS NOT NULL"
        )
    recent = f"SELECT {', '.join(_IDS)} FROM velocity_events WHERE decision_id >= :since"  # noqa: S608
    return statement(f"WITH recent AS MATERIALIZED ({recent}) {' UNION ALL '.join(found)}")


_IDS: Final = ("card_id", "user_id", "merchant_id")
_FRESH: Final = """
WITH latest AS (
  SELECT max(t.at) AS at FROM velocity_totals AS t WHERE {given_totals} AND t.currency = ''
), next AS (
  SELECT e.* FROM velocity_events AS e WHERE {is_of}
  AND e.occurred_at > coalesce((SELECT at FROM latest), '-infinity') AND e.occurred_at <= :until
  ORDER BY e.occurred_at LIMIT CAST(:most AS bigint)
), ranked AS (
  SELECT e.*, (rank() OVER (ORDER BY e.occurred_at) - 1) / CAST(:chunk AS bigint) AS chunk FROM next AS e
), whole AS MATERIALIZED (
  SELECT * FROM ranked WHERE chunk < (
    SELECT count(*) FROM next WHERE occurred_at < (SELECT max(occurred_at) FROM next)
  ) / CAST(:chunk AS bigint)
), ends AS MATERIALIZED (
  SELECT chunk, max(occurred_at) AS at, min(program_id) AS program_id FROM whole GROUP BY chunk
), sums AS (
  SELECT chunk, CASE WHEN grouping(currency) = 1 THEN '' ELSE currency END COLLATE "C" AS currency,
    count(*) AS attempted, count(*) FILTER (WHERE is_approved) AS approved,
    count(*) FILTER (WHERE is_approved AND amount > 0) AS spends,
    coalesce(sum(amount) FILTER (WHERE is_approved), 0) AS spent
  FROM whole GROUP BY GROUPING SETS ((chunk), (chunk, currency))
), added AS (
  INSERT INTO velocity_totals (entity, key, currency, at, program_id, attempted, approved, spends, spent)
  SELECT '{entity}', {key}, s.currency, ends.at, ends.program_id,
    sum(s.attempted) OVER run + coalesce(before.attempted, 0),
    sum(s.approved) OVER run + coalesce(before.approved, 0),
    sum(s.spends) OVER run + coalesce(before.spends, 0), sum(s.spent) OVER run + coalesce(before.spent, 0)
  FROM sums AS s JOIN ends ON ends.chunk = s.chunk
  LEFT JOIN LATERAL (
    SELECT * FROM velocity_totals AS t WHERE {given_totals} AND t.currency = s.currency
    ORDER BY t.at DESC LIMIT 1
  ) AS before ON TRUE
  WINDOW run AS (PARTITION BY s.currency ORDER BY s.chunk)
)"""
"""Events of the same instant are never cut apart: those of the newest one that was read wait for the next."""
_SEEN: Final = """, seen AS MATERIALIZED (
  SELECT s.measure, s.value, s.at, (
    SELECT l.last_at FROM velocity_last_seen AS l
    WHERE {given_seen} AND l.measure = s.measure AND l.value = s.value
  ) AS before FROM ({seen}) AS s
), moved AS (
  SELECT measure, (SELECT min(ends.at) FROM ends WHERE ends.at >= seen.at) AS until, 1 AS by FROM seen
  UNION ALL
  SELECT measure, (
    SELECT t.at FROM velocity_totals AS t WHERE {given_totals} AND t.currency = '' AND t.at >= seen.before
    ORDER BY t.at LIMIT 1
  ), -1 FROM seen WHERE seen.before IS NOT NULL
), shifted AS (
  INSERT INTO velocity_last_counts (entity, key, measure, until, program_id, counted)
  SELECT '{entity}', {key}, measure, until, (SELECT min(program_id) FROM ends), sum(by) FROM moved
  GROUP BY measure, until
  ON CONFLICT (entity, key, measure, until)
  DO UPDATE SET counted = velocity_last_counts.counted + excluded.counted
), noted AS (
  INSERT INTO velocity_last_seen (entity, key, measure, value, program_id, last_at)
  SELECT '{entity}', {key}, measure, value, (SELECT min(program_id) FROM ends), at FROM seen
  ON CONFLICT (entity, key, measure, value) DO UPDATE SET last_at = excluded.last_at
)"""


@cache
def _roll(entity: Entity) -> TextClause:
    measures = list(
        dict.fromkeys(it.measure for it in DEFINITIONS if it.entity is entity and it.measure in VALUES)
    )
    seen = " UNION ALL ".join(
        f"SELECT '{it}' COLLATE \"C\" AS measure, {VALUES[it]} AS value, max(e.occurred_at) AS at"  # noqa: S608
        " FROM whole AS e"
        f" WHERE {VALUES[it]} IS NOT NULL GROUP BY 2"
        for it in measures
    )
    spelt = {
        "entity": entity, "key": key_of(entity), "is_of": is_of(entity), "seen": seen,
        "given_totals": given(entity, "t"), "given_seen": given(entity, "l"),
    }  # fmt: skip
    text = _FRESH.format(**spelt) + (_SEEN.format(**spelt) if measures else "")
    return statement(f"{text}\nSELECT count(*) FROM ends")


_LATEST: Final = "(SELECT max(t.at) FROM velocity_totals AS t WHERE {totals} AND t.currency = '')"


@cache
def _is_worth_forgetting(entity: Entity) -> TextClause:
    # All that is known of the entity is looked through then, so it is done once a week.
    latest = _LATEST.format(totals=given(entity, "t"))
    return statement(
        f"SELECT min(l.until) < {latest} - interval '{_LONGEST + _WEEK} seconds'"  # noqa: S608
        f" FROM velocity_last_counts AS l WHERE {given(entity, 'l')}"
    )


@cache
def _forget(entity: Entity) -> Sequence[TextClause]:
    start = f"{_LATEST.format(totals=given(entity, 't'))} - interval '{_LONGEST} seconds'"
    return [
        statement(f"DELETE FROM {table} AS l WHERE {given(entity, 'l')} AND l.{column} < {start}")  # noqa: S608
        for table, column in (("velocity_last_counts", "until"), ("velocity_last_seen", "last_at"))
    ]
