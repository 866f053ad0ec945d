"""What was recorded of a gateway's charges, for whoever compares it with what the gateway says."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select

from cardwright.db.session import Session
from cardwright.funding.domain import TopUpState
from cardwright.funding.store import top_ups

_TAKEN: Final = TopUpState.SUCCEEDED


@dataclass(frozen=True, slots=True)
class TakenCharge:
    """A top-up whose money was credited, under the gateway's reference; `amount` in minor units."""

    reference: str
    top_up_id: str
    amount: int
    currency: str
    credited_at: datetime


async def taken_references(
    session: Session, *, program_id: str, since: datetime, until: datetime
) -> Sequence[str]:
    """Return the gateway's references of the top-ups that were credited between two instants."""
    rows = await session.execute(
        select(top_ups.c.provider_reference).where(
            top_ups.c.program_id == program_id, top_ups.c.state == _TAKEN,
            top_ups.c.updated_at.between(since, until), top_ups.c.provider_reference.is_not(None),
        )
    )  # fmt: skip
    return [reference for reference in rows.scalars() if reference is not None]


async def taken_charges(
    session: Session, *, program_id: str, references: Sequence[str]
) -> Sequence[TakenCharge]:
    """Return the credited top-ups of the gateway's references."""
    rows = await session.execute(
        select(
            top_ups.c.provider_reference, top_ups.c.id, top_ups.c.amount, top_ups.c.currency,
            top_ups.c.updated_at,
        ).where(
            top_ups.c.program_id == program_id, top_ups.c.state == _TAKEN,
            top_ups.c.provider_reference.in_(references),
        )
    )  # fmt: skip
    return [TakenCharge(*row) for row in rows]
