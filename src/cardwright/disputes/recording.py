"""What happened to a dispute, told twice: as a step of its timeline, and as an event for everybody else."""

from datetime import datetime
from typing import Any, Final

from cardwright.db import outbox
from cardwright.db.outbox import Event
from cardwright.db.session import Session
from cardwright.disputes import store
from cardwright.disputes.domain import Dispute
from cardwright.disputes.store import Step

SUBMITTED: Final = "disputes.dispute_submitted"
WITHDRAWN: Final = "disputes.dispute_withdrawn"


async def tell(
    session: Session, dispute: Dispute, what: str, actor: str, at: datetime, *, amount: int | None = None,
    **more: Any,
) -> None:  # fmt: skip
    """Add a step to the timeline and announce it; `amount` is what it is about, where it is not all."""
    await store.add_step(session, dispute, Step(what.removeprefix("dispute_"), actor, amount, at))
    payload = {
        "user_id": dispute.user_id, "dispute_id": dispute.id, "payment_id": dispute.payment_id,
        "amount": dispute.amount if amount is None else amount, "currency": dispute.currency,
        "merchant_name": dispute.merchant_name, **more,
    }  # fmt: skip
    event = Event(f"disputes.{what}", dispute.program_id, dispute.id, at, payload)
    await outbox.append(session, event)
