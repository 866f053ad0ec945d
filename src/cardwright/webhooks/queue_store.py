"""Deliveries in bulk: made for events, and handed out to those who send."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import text

from cardwright.db.session import Session
from cardwright.events import CATALOGUE, RecordedEvent
from cardwright.webhooks.delivery_store import delivery_of
from cardwright.webhooks.domain import Delivery, filters_for

MOST_AT_ONCE: Final = 8
"""How many deliveries one endpoint is sent at the same time, by all workers together."""
MOST_WHILE_FAILING: Final = 2
MOST_TO_A_PERSON: Final = 12
"""To all endpoints of one holder together: nobody's own ones, however many, fill the slots of all."""
_HANDING_OUT: Final = 0x77656268  # webh

# One statement for all events and all endpoints. A delivery's id is made of its event's, which sorts by time,
# and of a hash of both: the same event for the same endpoint is the same delivery, however often it is asked
# for.
_QUEUE: Final = text("""
INSERT INTO webhook_deliveries
    (id, program_id, user_id, endpoint_id, event_id, event_type, created_at, state, due_at)
SELECT 'whd_' || substr(event.id, 5, 13) || substr(md5(event.id || endpoint.id), 1, 13),
       endpoint.program_id, endpoint.user_id, endpoint.id, event.id, event.type, event.at, 'pending',
       coalesce(CAST(:due_at AS timestamptz), event.at)
FROM unnest(
    CAST(:ids AS text[]), CAST(:programs AS text[]), CAST(:types AS text[]), CAST(:people AS text[]),
    CAST(:filters AS text[]), CAST(:instants AS timestamptz[]),
    CAST(:for_developers AS boolean[]), CAST(:for_holders AS boolean[])
) AS event (id, program_id, type, user_id, filters, at, is_for_developers, is_for_holders)
CROSS JOIN LATERAL (
    SELECT * FROM webhook_endpoints
    WHERE user_id IS NULL AND program_id = event.program_id AND event.is_for_developers
    UNION ALL
    SELECT * FROM webhook_endpoints
    WHERE user_id = event.user_id AND program_id = event.program_id AND event.is_for_holders
) AS endpoint
WHERE endpoint.disabled_because IS NULL AND endpoint.deleted_at IS NULL
  AND endpoint.event_types && string_to_array(event.filters, ',')
  AND (CAST(:endpoint_id AS text) IS NULL OR endpoint.id = :endpoint_id)
ON CONFLICT (id) DO NOTHING
""")

# Each endpoint's next ones as far as it has room, and of those everybody's first before anybody's second. The
# endpoints are found by going from one to the next in the index of what waits: those that nothing waits for,
# however many, are not looked at.
_CLAIM: Final = text("""
WITH RECURSIVE waited_for AS (
    (SELECT endpoint_id FROM webhook_deliveries WHERE state = 'pending' ORDER BY endpoint_id LIMIT 1)
    UNION ALL
    SELECT (SELECT following.endpoint_id FROM webhook_deliveries AS following
            WHERE following.state = 'pending' AND following.endpoint_id > waited_for.endpoint_id
            ORDER BY following.endpoint_id LIMIT 1)
    FROM waited_for WHERE waited_for.endpoint_id IS NOT NULL
), room AS (
    SELECT endpoint.id, endpoint.user_id,
           CASE WHEN endpoint.failing_since IS NULL THEN CAST(:most AS integer)
                ELSE CAST(:most_while_failing AS integer) END - held.many AS left_over,
           CASE WHEN endpoint.user_id IS NOT NULL
                THEN CAST(:most_to_a_person AS integer) - sum(held.many) OVER (PARTITION BY endpoint.user_id)
           END AS left_to_person
    FROM waited_for JOIN webhook_endpoints AS endpoint ON endpoint.id = waited_for.endpoint_id
    CROSS JOIN LATERAL (
        SELECT count(*)::integer AS many FROM webhook_deliveries
        WHERE endpoint_id = endpoint.id AND claim IS NOT NULL AND claimed_until > :at
    ) AS held
    WHERE endpoint.disabled_because IS NULL AND endpoint.deleted_at IS NULL
      AND EXISTS (SELECT FROM webhook_deliveries AS waiting
                  WHERE waiting.endpoint_id = endpoint.id AND waiting.state = 'pending'
                    AND waiting.due_at <= :at)
), due AS (
    SELECT waiting.id, waiting.due_at, room.id AS endpoint_id, room.user_id, room.left_to_person
    FROM room CROSS JOIN LATERAL (
        SELECT id, due_at FROM webhook_deliveries
        WHERE endpoint_id = room.id AND state = 'pending' AND due_at <= :at
          AND (claimed_until IS NULL OR claimed_until <= :at)
        ORDER BY due_at LIMIT greatest(room.left_over, 0) FOR UPDATE SKIP LOCKED
    ) AS waiting
), ranked AS (
    SELECT *, row_number() OVER (PARTITION BY endpoint_id ORDER BY due_at) AS turn FROM due
), fair AS (
    SELECT *, row_number() OVER (PARTITION BY user_id ORDER BY turn, due_at) AS turn_of_person FROM ranked
)
UPDATE webhook_deliveries
SET claim = :claim, claimed_until = CAST(:until AS timestamptz), tries = tries + 1, attempts = attempts + 1
WHERE id IN (
    SELECT id FROM fair WHERE left_to_person IS NULL OR turn_of_person <= left_to_person
    ORDER BY turn, due_at LIMIT CAST(:limit AS integer)
)
RETURNING *
""")
_TAKE_TURN: Final = text("SELECT pg_advisory_xact_lock(:turn)")


async def add_deliveries(
    session: Session,
    events: Sequence[RecordedEvent],
    *,
    endpoint_id: str | None = None,
    due_at: datetime | None = None,
) -> int:
    """Make a delivery for every event and every endpoint that hears of it; return how many are new.

    With `endpoint_id` for that endpoint only; with `due_at` they are sent from then on, instead of at once.
    """
    if not events:
        return 0
    audiences = [CATALOGUE[event.type].audience for event in events]
    made = await session.execute(
        _QUEUE,
        {
            "ids": [event.id for event in events],
            "programs": [event.program_id for event in events],
            "types": [event.type for event in events],
            "people": [event.user_id for event in events],
            "filters": [",".join(filters_for(event.type)) for event in events],
            "instants": [event.occurred_at for event in events],
            "for_developers": ["developer" in audience for audience in audiences],
            "for_holders": ["holder" in audience for audience in audiences],
            "endpoint_id": endpoint_id,
            "due_at": due_at,
        },
    )
    return made.rowcount


async def claim_due(
    session: Session, claim: str, *, at: datetime, until: datetime, limit: int
) -> Sequence[Delivery]:
    """Take deliveries that are due, each endpoint's in its order, and hold them until an instant.

    Whoever dies holding them loses them at that instant, and others send them again.
    """
    # One after the other: two who count at the same time would both use the same room.
    await session.execute(_TAKE_TURN, {"turn": _HANDING_OUT})
    rows = await session.execute(
        _CLAIM,
        {
            "claim": claim, "at": at, "until": until, "limit": limit,
            "most": MOST_AT_ONCE, "most_while_failing": MOST_WHILE_FAILING,
            "most_to_a_person": MOST_TO_A_PERSON,
        },
    )  # fmt: skip
    return sorted(map(delivery_of, rows.mappings()), key=lambda held: (held.due_at or at, held.id))
