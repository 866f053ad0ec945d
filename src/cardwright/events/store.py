"""The stream of events and how far it has come, with their statements."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    Row,
    Select,
    Table,
    UniqueConstraint,
    or_,
    select,
    text,
    true,
)

from cardwright.db import base
from cardwright.db.base import id_column, instant, json, metadata, reference
from cardwright.db.session import Session, canonical_json
from cardwright.events.domain import Audience, RecordedEvent

events = Table(
    "events",
    metadata,
    reference("program_id"),
    Column("position", BigInteger, nullable=False),
    id_column(primary_key=False),
    base.text("type"),
    reference("subject_id"),
    reference("user_id", nullable=True),
    Column("is_for_holder", Boolean, nullable=False),
    Column("is_for_developer", Boolean, nullable=False),
    json("data"),
    instant("occurred_at"),
    instant("recorded_at"),
    PrimaryKeyConstraint("program_id", "position"),
    UniqueConstraint("id"),
)
Index(
    "ix_events_of_holder", events.c.user_id, events.c.position,
    postgresql_where=events.c.is_for_holder & events.c.user_id.is_not(None),
)  # fmt: skip
Index("ix_events_subject_id_position", events.c.subject_id, events.c.position)

streams = Table(
    "event_streams",
    metadata,
    id_column("program_id"),
    Column("last_position", BigInteger, nullable=False),
    Column("swept_position", BigInteger, nullable=False),
    Column("cursor_key", LargeBinary, nullable=False),
)

_ONE_RELAY: Final = text(
    # Whoever hangs in the middle is given up by the server, so that another relay goes on.
    "SELECT set_config('idle_in_transaction_session_timeout', '15s', true), pg_advisory_xact_lock(:lock)"
)
_LOCK: Final = 4_302_045_001
_RECORD: Final = text("""
WITH given AS (
  SELECT * FROM unnest(
    cast(:ids AS text[]), cast(:program_ids AS text[]), cast(:types AS text[]), cast(:subject_ids AS text[]),
    cast(:user_ids AS text[]), cast(:for_holder AS boolean[]), cast(:for_developer AS boolean[]),
    cast(:data AS text[]), cast(:occurred AS timestamptz[])
  ) WITH ORDINALITY
    AS it(id, program_id, type, subject_id, user_id, is_for_holder, is_for_developer, data, occurred_at,
      place)
  WHERE NOT EXISTS (SELECT FROM events WHERE events.id = it.id)
), placed AS (
  SELECT *, row_number() OVER (PARTITION BY program_id ORDER BY place) AS nth FROM given
), heads AS (
  INSERT INTO event_streams AS stream (program_id, last_position, swept_position, cursor_key)
  SELECT program_id, count(*), 0, sha256(cast(:cursor_seed AS bytea) || convert_to(program_id, 'UTF8'))
  FROM given GROUP BY program_id
  ON CONFLICT (program_id) DO UPDATE SET last_position = stream.last_position + excluded.last_position
  RETURNING program_id, last_position
), counted AS (
  SELECT program_id, count(*) AS many FROM given GROUP BY program_id
)
INSERT INTO events (program_id, position, id, type, subject_id, user_id, is_for_holder, is_for_developer,
  data, occurred_at, recorded_at)
SELECT placed.program_id, heads.last_position - counted.many + placed.nth, placed.id, placed.type,
  placed.subject_id, placed.user_id, placed.is_for_holder, placed.is_for_developer,
  cast(placed.data AS jsonb), placed.occurred_at, :at
FROM placed JOIN heads USING (program_id) JOIN counted USING (program_id)
ORDER BY placed.place
RETURNING id, position
""")


@dataclass(frozen=True, slots=True)
class NewEvent:
    """What is to be recorded: an event without its place, and who may read it."""

    event: RecordedEvent
    audience: frozenset[Audience]


async def lock_recording(session: Session) -> None:
    """Wait until nobody else records; the lock ends with the transaction."""
    await session.execute(_ONE_RELAY, {"lock": _LOCK})


async def insert_events(
    session: Session, new: Sequence[NewEvent], *, cursor_seed: bytes, at: datetime
) -> Mapping[str, int]:
    """Store events in their order, in one statement; return the positions by id.

    What was recorded before has none. `cursor_seed` is random, for programs whose streams begin here.
    """
    given = {
        "ids": [it.event.id for it in new],
        "program_ids": [it.event.program_id for it in new],
        "types": [it.event.type for it in new],
        "subject_ids": [it.event.subject_id for it in new],
        "user_ids": [it.event.user_id for it in new],
        "for_holder": [Audience.HOLDER in it.audience for it in new],
        "for_developer": [Audience.DEVELOPER in it.audience for it in new],
        "data": [canonical_json(dict(it.event.data)) for it in new],
        "occurred": [it.event.occurred_at for it in new],
    }
    rows = await session.execute(_RECORD, {**given, "cursor_seed": cursor_seed, "at": at})
    return {row.id: row.position for row in rows}


@dataclass(frozen=True, slots=True)
class Stream:
    """How far a program's stream has come, and up to where it was swept away."""

    last_position: int
    swept_position: int
    cursor_key: bytes


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events are looked for. `types` may end in `.*`; `reader` is whose events, None: the program's.

    Of the program's, `is_for_staff` also finds what is for staff alone.
    """

    types: tuple[str, ...] = ()
    subject_id: str | None = None
    reader: str | None = None
    is_for_staff: bool = False
    since: datetime | None = None
    before: datetime | None = None


async def find_stream(session: Session, program_id: str) -> Stream | None:
    """Return a program's stream; None while nothing was recorded."""
    row = (await session.execute(select(streams).where(streams.c.program_id == program_id))).one_or_none()
    return None if row is None else Stream(row.last_position, row.swept_position, row.cursor_key)


async def list_events(
    session: Session, program_id: str, wanted: Wanted, *, after: int, limit: int
) -> tuple[Stream, Sequence[RecordedEvent]]:
    """Return the stream and the oldest events after a position, both as of one instant.

    The stream is there: `find_stream` has found it.
    """
    found = (
        _visible(select(events), wanted)
        .where(events.c.program_id == streams.c.program_id, events.c.position > after)
        .order_by(events.c.position)
        .limit(limit)
        .lateral("found")
    )
    both = select(streams, *(it.label(f"event_{it.key}") for it in found.c))
    rows = await session.execute(
        both.select_from(streams.outerjoin(found, true()))
        .where(streams.c.program_id == program_id)
        .order_by(found.c.position)
    )
    all_rows = rows.all()
    head = all_rows[0]
    stream = Stream(head.last_position, head.swept_position, head.cursor_key)
    return stream, [_listed(row) for row in all_rows if row.event_id is not None]


async def find_event(
    session: Session, program_id: str, wanted: Wanted, event_id: str
) -> RecordedEvent | None:
    """Return an event that its reader may see."""
    one = _visible(select(events), wanted).where(events.c.program_id == program_id, events.c.id == event_id)
    row = (await session.execute(one)).one_or_none()
    return None if row is None else _event(row)


async def remove_oldest(session: Session, *, before: datetime, limit: int) -> int:
    """Remove events that were recorded before an instant, oldest first, and note up to where; how many."""
    return int((await session.execute(_SWEEP, {"before": before, "limit": limit})).scalar_one())


_SWEEP: Final = text("""
WITH old AS (
  DELETE FROM events USING (
    SELECT program_id, position FROM event_streams AS stream CROSS JOIN LATERAL (
      SELECT position FROM (
        SELECT position, recorded_at FROM events WHERE events.program_id = stream.program_id
        ORDER BY position LIMIT :limit
      ) AS oldest WHERE recorded_at < :before
    ) AS due
  ) AS due WHERE events.program_id = due.program_id AND events.position = due.position
  RETURNING events.program_id, events.position
), noted AS (
  UPDATE event_streams SET swept_position = greatest(swept_position, last.position)
  FROM (SELECT program_id, max(position) AS position FROM old GROUP BY program_id) AS last
  WHERE event_streams.program_id = last.program_id
)
SELECT count(*) FROM old
""")


def _visible(query: Select[Any], wanted: Wanted) -> Select[Any]:
    found = query
    if wanted.reader is not None:
        found = found.where(events.c.user_id == wanted.reader, events.c.is_for_holder)
    elif not wanted.is_for_staff:
        found = found.where(events.c.is_for_developer)
    if wanted.types:
        found = found.where(or_(*map(_is_of_type, wanted.types)))
    if wanted.subject_id is not None:
        found = found.where(events.c.subject_id == wanted.subject_id)
    if wanted.since is not None:
        found = found.where(events.c.occurred_at >= wanted.since)
    if wanted.before is not None:
        found = found.where(events.c.occurred_at < wanted.before)
    return found


def _is_of_type(wanted: str) -> ColumnElement[bool]:
    area, _, rest = wanted.partition(".")
    return events.c.type.startswith(f"{area}.", autoescape=True) if rest == "*" else events.c.type == wanted


def _event(row: Row[Any]) -> RecordedEvent:
    return RecordedEvent(
        row.id, row.program_id, row.position, row.type, row.subject_id, row.user_id, row.occurred_at, row.data
    )


def _listed(row: Row[Any]) -> RecordedEvent:
    return RecordedEvent(
        row.event_id, row.event_program_id, row.event_position, row.event_type, row.event_subject_id,
        row.event_user_id, row.event_occurred_at, row.event_data,
    )  # fmt: skip
