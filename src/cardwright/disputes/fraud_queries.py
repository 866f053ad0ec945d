"""Reads which payments their holders disputed as fraud."""

from collections.abc import AsyncIterator
from datetime import datetime

from sqlalchemy import func, select

from cardwright.db.session import Session
from cardwright.disputes.domain import DisputeState
from cardwright.disputes.evidence import Reason
from cardwright.disputes.store import disputes

# What was lost is no proof of the contrary either: it may have been too late.
_STANDING = (DisputeState.SUBMITTED, DisputeState.WON)


async def reported_frauds(session: Session, program_id: str) -> AsyncIterator[tuple[str, datetime]]:
    """Yield the payments of a program whose dispute as fraud waits or was won, and since when it is known."""
    query = (
        select(disputes.c.payment_id, func.min(func.coalesce(disputes.c.submitted_at, disputes.c.created_at)))
        .where(
            disputes.c.program_id == program_id,
            disputes.c.reason == Reason.FRAUD,
            disputes.c.state.in_(_STANDING),
        )
        .group_by(disputes.c.payment_id)
        .order_by(disputes.c.payment_id)
    )
    for payment_id, at in await session.execute(query):
        yield payment_id, at
