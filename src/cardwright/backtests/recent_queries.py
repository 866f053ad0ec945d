"""Reads the newest recorded authorizations, with those of their fields that are asked for."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, text

from cardwright.db.session import Session
from cardwright.rules import FactValue

# PostgreSQL picks the fields: reading all of them would cost more than running the rules.
_RECORDED: Final = (
    "SELECT d.id, d.decided_at, d.card_id, (d.facts ->> 'amount')::bigint AS amount,"
    " d.facts ->> 'currency' AS currency,"
    " (SELECT jsonb_object_agg(it.key, it.value) FROM jsonb_each(d.facts -> 'fields') AS it"
    "  WHERE it.key = ANY(CAST(:names AS text[]))) AS fields, d.outcome FROM decisions AS d"
)
_NEWEST: Final = text(
    f"{_RECORDED} WHERE d.program_id = :program_id AND d.id < :before ORDER BY d.id DESC LIMIT :most"
)
_OF_PAYMENT: Final = text(
    f"{_RECORDED} JOIN payment_elements AS e ON e.decision_id = d.id"
    " WHERE d.program_id = :program_id AND e.payment_id = :payment_id ORDER BY d.id DESC LIMIT 1"
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
    return [_recorded(row) for row in rows]


async def newest_of_payment(
    session: Session, program_id: str, payment_id: str, names: Collection[str]
) -> tuple[Recorded, str] | None:
    """Return the newest authorization of a payment and how it ended; None where nothing was decided."""
    wanted = {"program_id": program_id, "names": sorted(names), "payment_id": payment_id}
    row = (await session.execute(_OF_PAYMENT, wanted)).one_or_none()
    return None if row is None else (_recorded(row), row.outcome)


def _recorded(row: Row[Any]) -> Recorded:
    return Recorded(row.id, row.decided_at, row.card_id, row.amount, row.currency, row.fields or {})
