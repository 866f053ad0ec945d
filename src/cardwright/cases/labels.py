"""What payments turned out to be, for backtests: a stream, as it was known at any instant."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from cardwright.cases import label_store
from cardwright.cases.domain import Finding
from cardwright.cases.label_store import LabelRow
from cardwright.db.jobs import Work
from cardwright.db.outbox import Event
from cardwright.db.session import Session
from cardwright.disputes import Reason, find_dispute


class LabelSource(StrEnum):
    """Who says so: a decided case, the holder, or a dispute."""

    CASE = "case"
    HOLDER = "holder"
    DISPUTE = "dispute"


@dataclass(frozen=True, slots=True)
class Label:
    """What a payment is held to be, fraud or not, since when, and by whose word."""

    payment_id: str
    is_fraud: bool
    source: LabelSource
    labelled_by: str
    labelled_at: datetime


_AT_ONCE: Final = 1000


async def labels(
    session: Session,
    program_id: str,
    *,
    payment_ids: Sequence[str] | None = None,
    since: datetime | None = None,
    as_of: datetime | None = None,
) -> AsyncIterator[Label]:
    """Yield the newest label of each payment, by payment; a payment that was found unclear has none.

    `payment_ids` names the payments, None all that have labels. `since` leaves out what was labelled before;
    with `as_of` nothing counts that was said later, as a backtest of that day may know no more.
    """
    after = ""
    while True:
        rows = await label_store.newest(
            session, program_id, payment_ids=payment_ids, as_of=as_of, after=after, limit=_AT_ONCE
        )
        for row in rows:
            if row.label in _TRUTHS and (since is None or row.labelled_at >= since):
                yield Label(
                    row.payment_id, row.label == Finding.FRAUD, LabelSource(row.source), row.labelled_by,
                    row.labelled_at,
                )  # fmt: skip
        if len(rows) < _AT_ONCE:
            return
        after = rows[-1].payment_id


_TRUTHS: Final = (Finding.FRAUD, Finding.GENUINE)


async def label_disputed(work: Work, event: Event) -> None:
    """Keep that a payment was disputed as fraud, or that the network agreed; told again, it is kept once."""
    async with work.transaction() as session:
        dispute = await find_dispute(session, event.subject_id)
        if dispute is None or dispute.reason is not Reason.FRAUD:
            return
        row = LabelRow(
            program_id=dispute.program_id, user_id=dispute.user_id, payment_id=dispute.payment_id,
            label=Finding.FRAUD, source=LabelSource.DISPUTE, labelled_by=dispute.user_id,
            labelled_at=event.occurred_at, occasion=f"{dispute.id}:{event.type.rpartition('.')[2]}",
        )  # fmt: skip
        await label_store.add_label(session, row)
