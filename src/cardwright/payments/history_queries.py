"""Recorded authorizations as CSV: what rules were asked about, what was decided, and whom velocity counts.

Of people there are ids only. Rows come in the order of their decisions' ids, which only grow.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import asyncpg
from sqlalchemy import text

from cardwright.db.session import Session
from cardwright.rules import AUTHORIZATION_FIELDS, Base, velocity_definition

_RULE_CHECKS: Final = '@.name != "rules" && @.name != "challenge"'


@dataclass(frozen=True, slots=True)
class HistoryColumn:
    """A column, its type in SQL, and the expression it is made of."""

    name: str
    type: str
    expression: str


def _micros(instant: str) -> str:
    return f"(extract(epoch FROM {instant}) * 1000000)::bigint"


_OWN: Final = (
    HistoryColumn("h_decision", "TEXT", "d.id"),
    HistoryColumn("h_payment", "TEXT", "e.payment_id"),
    # Where the windows of velocity end, and when it was decided, in microseconds.
    HistoryColumn(
        "h_at", "BIGINT",
        _micros("coalesce(v.occurred_at, (d.facts ->> 'occurred_at')::timestamptz, d.decided_at)"),
    ),
    HistoryColumn("h_decided_at", "BIGINT", _micros("d.decided_at")),
    HistoryColumn("h_card", "TEXT", "d.card_id"),
    HistoryColumn("h_holder", "TEXT", "p.user_id"),
    HistoryColumn("h_merchant", "TEXT", "coalesce(v.merchant_id, p.merchant_id)"),
    HistoryColumn("h_country", "TEXT", "coalesce(v.merchant_country, '')"),
    HistoryColumn("h_currency", "TEXT", "coalesce(v.currency, d.facts ->> 'currency')"),
    # What velocity counts: an increment, or a card nobody knows, has velocity and does not count.
    HistoryColumn("h_amount", "BIGINT", "coalesce(v.amount, 0)"),
    HistoryColumn("h_approved", "BOOLEAN", "coalesce(v.is_approved, FALSE)"),
    HistoryColumn("h_counts", "BOOLEAN", "v.decision_id IS NOT NULL"),
    HistoryColumn("h_is_approved", "BOOLEAN", "d.outcome = 'approved'"),
    HistoryColumn("h_is_ours", "BOOLEAN", "d.decided_by = 'cardwright'"),
    HistoryColumn(
        "h_passes_else", "BOOLEAN",
        f"NOT jsonb_path_exists(d.verdict, '$.checks[*] ? (@.passed == false && {_RULE_CHECKS})')",
    ),
    HistoryColumn(
        "h_exception", "BOOLEAN", "coalesce(jsonb_typeof(d.facts -> 'exception') = 'object', FALSE)"
    ),
    HistoryColumn("h_draw", "TEXT", "coalesce(d.facts ->> 'draw', '')"),
)  # fmt: skip
_OF_BASE: Final = {
    Base.INTEGER: ("BIGINT", "::bigint"), Base.TRUTH: ("BOOLEAN", "::boolean"), Base.TEXT: ("TEXT", ""),
}  # fmt: skip
HISTORY_COLUMNS: Final = (
    *_OWN,
    *(
        HistoryColumn(
            it.name, _OF_BASE[it.type.base][0],
            f"(d.facts -> 'fields' ->> '{it.name}'){_OF_BASE[it.type.base][1]}",
        )
        for it in AUTHORIZATION_FIELDS.fields
        if velocity_definition(it.name) is None
    ),
)  # fmt: skip
"""The columns of the CSV, in order: what is known of the authorization, then the fields of rules, but for
velocity, which is counted anew from what came before."""

_COUNT: Final = text(
    "SELECT count(*), count(*) FILTER (WHERE id <= :until) FROM decisions WHERE program_id = :program_id"
)
_LAST: Final = text(
    "SELECT max(id) FROM (SELECT id FROM decisions WHERE program_id = :program_id AND id > :after"
    " ORDER BY id LIMIT :most) AS batch"
)
_COPIED: Final = f"""
SELECT {", ".join(it.expression for it in HISTORY_COLUMNS)}
FROM (SELECT * FROM decisions WHERE program_id = $1 AND id > $2 AND id <= $3) AS d
LEFT JOIN velocity_events AS v ON v.decision_id = d.id
LEFT JOIN payment_elements AS e
  ON e.source = d.source AND e.external_id = d.request_key AND e.decision_id = d.id
LEFT JOIN payments AS p ON p.id = e.payment_id
ORDER BY d.id
"""  # noqa: S608 - of constants


async def count_history(session: Session, program_id: str, *, until: str) -> tuple[int, int]:
    """Return how many authorizations are recorded, and how many of them up to an id."""
    row = (await session.execute(_COUNT, {"program_id": program_id, "until": until})).one()
    return int(row[0]), int(row[1])


async def last_of_batch(session: Session, program_id: str, *, after: str, most: int) -> str | None:
    """Return the id of the last of so many decisions after one; None when there are none."""
    found = await session.execute(_LAST, {"program_id": program_id, "after": after, "most": most})
    last: str | None = found.scalar_one()
    return last


async def copy_history(session: Session, file: Path, *, program_id: str, after: str, until: str) -> None:
    """Write the authorizations after one decision up to another into a file, as CSV without a header.

    They stream through: memory does not grow with their number. A missing value is nothing between commas, an
    empty text is quoted.
    """
    raw = (await session.get_raw_connection()).driver_connection
    assert isinstance(raw, asyncpg.Connection)  # noqa: S101 - the engine is on asyncpg
    await raw.copy_from_query(_COPIED, program_id, after, until, output=file, format="csv")
