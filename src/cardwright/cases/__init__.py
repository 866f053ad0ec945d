"""Fraud cases: flagged and reported payments, judged by staff and their holders; labels for backtests."""

from typing import Final

from cardwright.cases.labels import Label, LabelSource, label_disputed, labels
from cardwright.cases.opening import mark_overdue_cases, open_flagged
from cardwright.cases.store import SEALED_COLUMNS
from cardwright.db.jobs import Subscription
from cardwright.payments import FLAGGED as _FLAGGED

SUBSCRIPTIONS: Final = (
    Subscription("cases.open_flagged", _FLAGGED, open_flagged),
    Subscription("cases.label_disputed", "disputes.dispute_submitted", label_disputed),
    Subscription("cases.label_won", "disputes.dispute_won", label_disputed),
)

__all__ = [
    "SEALED_COLUMNS",
    "SUBSCRIPTIONS",
    "Label",
    "LabelSource",
    "labels",
    "mark_overdue_cases",
]
