"""Reads the newest recorded authorizations, with those of their fields that are asked for."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import text

from cardwright.db.session import Session
from cardwright.rules import FactValue

# PostgreSQL picks the fields: reading all of them would cost more than running the rules.
_NEWEST: Final = text(
    "SELECT d.id, d.decided_at, d.card_id, (d.facts ->> 'amount')::bigint AS amount,"
    " d.facts ->> 'currency' AS currency,"
    " (SELECT jsonb_object_agg(it.key, it.value) FROM jsonb_each(d.facts -> 'fields') AS it"
    "  WHERE it.key = ANY(CAST(:names AS text[]))) AS fields"
    " FROM decisions AS d WHERE d.program_id = :program_id AND d.id < :before ORDER BY d.id DESC LIMIT :most"
)


@dataclass(frozen=True, slots=True)
class Recorded:
    """A recorded authorization: what it asked for, in minor units, and what was looked at."""

    decision_id: str
    decided_at: datetime
    card_id: str | None
    amount: int
    currency: str
    fields: Mapping[str, FactValue]


async def newest_before(
    session: Session, program_id: str, names: Collection[str], *, before: str, most: int
) -> Sequence[Recorded]:
    """Return the authorizations whose decisions' ids are before one, the newest first."""
    wanted = {"program_id": program_id, "names": sorted(names), "before": before, "most": most}
    rows = await session.execute(_NEWEST, wanted)
    return [Recorded(row[0], row[1], row[2], row[3], row[4], row[5] or {}) for row in rows]
