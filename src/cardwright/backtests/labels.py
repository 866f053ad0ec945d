"""What is known about payments afterwards: the one place where each source of labels is added."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime

from cardwright import cases, disputes
from cardwright.backtests.match_queries import FRAUD, GENUINE
from cardwright.cases import LabelSource
from cardwright.db.session import Session


@dataclass(frozen=True, slots=True)
class Label:
    """What a payment turned out to be: `fraud` or `genuine`."""

    payment_id: str
    label: str
    labelled_at: datetime


async def labels_of(session: Session, program_id: str) -> AsyncIterator[Label]:
    """Yield what is known about a program's payments; of several labels of one the latest counts."""
    async for payment_id, at in disputes.reported_frauds(session, program_id):
        yield Label(payment_id, FRAUD, at)
    async for found in cases.labels(session, program_id):
        # What became of a dispute since, the disputes themselves know.
        if found.source is not LabelSource.DISPUTE:
            yield Label(found.payment_id, FRAUD if found.is_fraud else GENUINE, found.labelled_at)


async def latest_labels(session: Session, program_id: str) -> dict[str, str]:
    """Return the label that counts of each payment that has one."""
    latest: dict[str, Label] = {}
    async for found in labels_of(session, program_id):
        known = latest.get(found.payment_id)
        if known is None or known.labelled_at <= found.labelled_at:
            latest[found.payment_id] = found
    return {payment_id: found.label for payment_id, found in latest.items()}
