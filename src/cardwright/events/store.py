"""The stream of events and how far it has come, with their statements."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
    text,
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
    AS it(id, program_id, type, subject_id, user_id, is_for_holder, is_for_developer, data, occurred_at, place)
  WHERE NOT EXISTS (SELECT FROM events WHERE events.id = it.id)
), placed AS (
  SELECT *, row_number() OVER (PARTITION BY program_id ORDER BY place) AS nth FROM given
), heads AS (
  INSERT INTO event_streams AS stream (program_id, last_position, swept_position, cursor_key)
  SELECT program_id, count(*), 0, cast(:cursor_key AS bytea) FROM given GROUP BY program_id
  ON CONFLICT (program_id) DO UPDATE SET last_position = stream.last_position + excluded.last_position
  RETURNING program_id, last_position
), counted AS (
  SELECT program_id, count(*) AS many FROM given GROUP BY program_id
)
INSERT INTO events (program_id, position, id, type, subject_id, user_id, is_for_holder, is_for_developer, data,
  occurred_at, recorded_at)
SELECT placed.program_id, heads.last_position - counted.many + placed.nth, placed.id, placed.type,
  placed.subject_id, placed.user_id, placed.is_for_holder, placed.is_for_developer, cast(placed.data AS jsonb),
  placed.occurred_at, :at
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
    session: Session, new: Sequence[NewEvent], *, cursor_key: bytes, at: datetime
) -> Mapping[str, int]:
    """Store events in their order, in one statement; return the positions by id.

    What was recorded before has none. `cursor_key` is for a program whose stream begins here.
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
    rows = await session.execute(_RECORD, {**given, "cursor_key": cursor_key, "at": at})
    return {row.id: row.position for row in rows}
