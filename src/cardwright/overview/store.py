"""Reads the tables of all slices for figures; it writes none. No other slice may do this."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import text

from cardwright.db.session import Session
from cardwright.overview.domain import Channel, Figures, Queue, Reason, Sender, Stage, Sum, Traffic

_TIMED: Final = 10_000
_LAST_HEARD: Final = 2_000
_MOST_REASONS: Final = 8
_FAILED: Final = "'failed', 'undeliverable'"
_IN_WINDOW: Final = "program_id = :program_id AND decided_at >= :since AND decided_at < :until"

_TRAFFIC: Final = text(f"""
    SELECT date_bin(:width, decided_at, :since) AS at,
           count(*) FILTER (WHERE outcome = 'approved') AS approved,
           count(*) FILTER (WHERE outcome <> 'approved') AS declined,
           count(*) FILTER (WHERE decided_by = 'network') AS by_network
    FROM decisions WHERE {_IN_WINDOW} GROUP BY 1 ORDER BY 1
""")  # noqa: S608 - constants of this module
_REASONS: Final = text(f"""
    SELECT coalesce(reason_code, 'unknown') AS code, count(*) AS number
    FROM decisions WHERE {_IN_WINDOW} AND outcome <> 'approved'
    GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {_MOST_REASONS}
""")  # noqa: S608
_STAGES: Final = text(f"""
    WITH timed AS (
        SELECT id, stages_us FROM decisions WHERE {_IN_WINDOW} AND decided_by = 'cardwright'
        ORDER BY decided_at DESC LIMIT {_TIMED}
    ), each AS (
        SELECT timed.id, stage.key AS name, stage.value::bigint AS took
        FROM timed, jsonb_each_text(timed.stages_us) AS stage
    ), summed AS (
        SELECT name, took FROM each
        UNION ALL SELECT 'total', sum(took)::bigint FROM each GROUP BY id
    )
    SELECT name, count(*) AS number, percentile_disc(0.5) WITHIN GROUP (ORDER BY took) AS p50,
           percentile_disc(0.99) WITHIN GROUP (ORDER BY took) AS p99
    FROM summed GROUP BY name ORDER BY name = 'total', min(took)
""")  # noqa: S608
_FRAUD: Final = text("""
    SELECT currency, count(*) AS number, sum(amount)::bigint AS amount FROM cases
    WHERE program_id = :program_id AND finding = 'fraud' AND resolved_at >= :since AND resolved_at < :until
    GROUP BY currency ORDER BY 3 DESC
""")
_QUEUES: Final = text("""
    SELECT 'cases' AS name, count(*) AS waiting, count(*) FILTER (WHERE due_at < :until) AS late,
           min(opened_at) AS oldest_at
    FROM cases WHERE program_id = :program_id AND state <> 'resolved'
    UNION ALL
    SELECT 'identity_reviews', count(*), count(*) FILTER (WHERE due_at < :until), min(opened_at)
    FROM identity_reviews WHERE program_id = :program_id AND state <> 'resolved'
    UNION ALL
    SELECT 'screening_hits', count(*), 0, min(found_at)
    FROM screening_hits WHERE program_id = :program_id AND state = 'open'
    UNION ALL
    SELECT 'approvals', count(*), 0, min(proposed_at)
    FROM approvals WHERE program_id = :program_id AND state = 'proposed' AND expires_at > :until
    UNION ALL
    SELECT 'disputes', count(*), count(*) FILTER (WHERE submit_by < :until), min(created_at)
    FROM disputes WHERE program_id = :program_id AND state = 'draft'
    UNION ALL
    SELECT 'differences', count(*), 0, min(first_seen_at)
    FROM differences WHERE program_id = :program_id AND closed_at IS NULL
""")
_SENDERS: Final = text(f"""
    SELECT source, max(received_at) AS heard_at, count(*) FILTER (WHERE handled_at IS NULL) AS waiting
    FROM (SELECT * FROM inbox ORDER BY id DESC LIMIT {_LAST_HEARD}) AS last
    WHERE program_id = :program_id GROUP BY source ORDER BY source
""")  # noqa: S608
_CHANNELS: Final = text(f"""
    SELECT channel, count(*) AS messages, count(*) FILTER (WHERE state IN ({_FAILED})) AS failed
    FROM notifications WHERE program_id = :program_id AND created_at >= :since AND created_at < :until
    GROUP BY channel ORDER BY channel
""")  # noqa: S608


async def read_figures(
    session: Session, program_id: str, *, since: datetime, until: datetime, width: timedelta
) -> Figures:
    """Return the figures of a program from `since` to `until`, its traffic in buckets of a width."""
    window = {"program_id": program_id, "since": since, "until": until}
    traffic = await _rows(session, _TRAFFIC, {**window, "width": width})
    stages = await _rows(session, _STAGES, window)
    return Figures(
        traffic=_filled(traffic, since, until, width),
        reasons=[Reason(row["code"], row["number"]) for row in await _rows(session, _REASONS, window)],
        stages=[Stage(row["name"], row["p50"], row["p99"]) for row in stages],
        timed=max((row["number"] for row in stages), default=0),
        answered_by_network=sum(row["by_network"] for row in traffic),
        fraud=[
            Sum(row["currency"], row["number"], row["amount"]) for row in await _rows(session, _FRAUD, window)
        ],
        queues=[
            Queue(row["name"], row["waiting"], row["late"], row["oldest_at"])
            for row in await _rows(session, _QUEUES, {"program_id": program_id, "until": until})
        ],
        senders=[
            Sender(row["source"], row["heard_at"], row["waiting"])
            for row in await _rows(session, _SENDERS, {"program_id": program_id})
        ],
        channels=[
            Channel(row["channel"], row["messages"], row["failed"])
            for row in await _rows(session, _CHANNELS, window)
        ],
    )


def _filled(
    rows: Sequence[Mapping[Any, Any]], since: datetime, until: datetime, width: timedelta
) -> Sequence[Traffic]:
    found = {row["at"]: row for row in rows}
    starts = [since + number * width for number in range((until - since) // width)]
    return [
        Traffic(at, found[at]["approved"], found[at]["declined"]) if at in found else Traffic(at, 0, 0)
        for at in starts
    ]


async def _rows(session: Session, query: Any, values: Mapping[str, Any]) -> Sequence[Mapping[Any, Any]]:
    return (await session.execute(query, values)).mappings().all()
