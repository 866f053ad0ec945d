"""Which payments were frauds, as far as anybody knows."""

from cardwright import disputes
from cardwright.db.session import Session


async def fraud_payments(session: Session, program_id: str) -> frozenset[str]:
    """Return the ids of the payments that turned out to be frauds; of all others nobody said so."""
    return await disputes.disputed_as_fraud(session, program_id)
