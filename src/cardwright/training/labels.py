"""Which payments were frauds, as far as anybody knows."""

from cardwright import cases, disputes
from cardwright.db.session import Session


async def fraud_payments(session: Session, program_id: str) -> frozenset[str]:
    """Return the ids of the payments that turned out to be frauds; of all others nobody said so."""
    disputed = await disputes.disputed_as_fraud(session, program_id)
    found = {label.payment_id: label.is_fraud async for label in cases.labels(session, program_id)}
    # What a case or its holder found since outweighs that it was disputed.
    genuine = {payment_id for payment_id, is_fraud in found.items() if not is_fraud}
    return frozenset((disputed - genuine) | (found.keys() - genuine))
