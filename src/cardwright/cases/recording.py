"""What happened to a case, told twice: in its own history and in the audit trail."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from cardwright import audit, worklists
from cardwright.cases import label_store, store
from cardwright.cases.domain import Case, Finding
from cardwright.cases.label_store import LabelRow
from cardwright.cases.labels import LabelSource
from cardwright.db.outbox import Event
from cardwright.db.session import Session
from cardwright.worklists import Activity

_ACTIONS: Final[Mapping[str, audit.Action]] = {
    "opened": "case.opened",
    "flagged": "case.flagged",
    "assigned": "case.assigned",
    "noted": "case.noted",
    "decided": "case.decided",
    "reopened": "case.reopened",
    "answered": "case.answered",
    "reply_refused": "case.reply_refused",
    "reported": "case.reported",
    "overdue": "case.overdue",
}
SYSTEM: Final = "system"


async def tell(session: Session, case: Case, kind: str, by: str, at: datetime, **details: Any) -> None:
    """Write down what somebody did with a case."""
    await worklists.add_activity(session, store.HISTORY, case, Activity(kind, by, details, at))
    told = {"owner_id": case.user_id, "payment_id": case.payment_id, **details}
    await audit.record(session, by, case.program_id, _ACTIONS[kind], case.id, told, at)


async def label(
    session: Session, case: Case, finding: Finding, source: LabelSource, by: str, at: datetime
) -> None:
    """Keep what the payment of a case, as it is now, is held to be."""
    row = LabelRow(
        program_id=case.program_id, user_id=case.user_id, payment_id=case.payment_id, label=finding,
        source=source, labelled_by=by, labelled_at=at, occasion=f"{case.id}:{case.version}",
    )  # fmt: skip
    await label_store.add_label(session, row)


def event_of(type_: str, case: Case, at: datetime, **more: Any) -> Event:
    """Return an event about a case: what may be told of its payment, and nothing of the rules."""
    payload = {
        "user_id": case.user_id, "case_id": case.id, "payment_id": case.payment_id, "amount": case.amount,
        "currency": case.currency, "merchant_name": case.merchant_name, "last4": case.last4, **more,
    }  # fmt: skip
    return Event(type_, case.program_id, case.id, at, payload)
