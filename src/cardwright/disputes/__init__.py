"""Disputes of card payments: prepared by holders, filed at the network, their money kept in suspense."""

from typing import Final

from cardwright.db.jobs import Subscription
from cardwright.disputes import file_store, store
from cardwright.disputes.closing import find_obstacles, forget_person
from cardwright.disputes.deadlines import expire_drafts, remind_of_deadlines
from cardwright.disputes.domain import (
    CreditPolicy,
    Dispute,
    DisputeState,
    LossReason,
    Movement,
    NetworkStatus,
    Snapshot,
)
from cardwright.disputes.evidence import FileKind, ProductKind, Reason, ReturnOutcome, Statement
from cardwright.disputes.filing import file_dispute, refresh_dispute, refresh_silent_disputes
from cardwright.disputes.fraud_queries import reported_frauds
from cardwright.disputes.ports import DisputeNetwork, DisputeRules, Filing, FilingRefused
from cardwright.disputes.recording import SUBMITTED as _SUBMITTED
from cardwright.disputes.recording import WITHDRAWN as _WITHDRAWN
from cardwright.disputes.service import By, open_dispute
from cardwright.disputes.settling import settle_dispute
from cardwright.disputes.store import find_dispute
from cardwright.disputes.store import page_of_user as list_of_user
from cardwright.files import FileType
from cardwright.users import ERASED as _ERASED

SUBSCRIPTIONS: Final = (
    Subscription("disputes.settle_submitted", _SUBMITTED, settle_dispute),
    Subscription("disputes.settle_withdrawn", _WITHDRAWN, settle_dispute),
    Subscription("disputes.file", _SUBMITTED, file_dispute),
    Subscription("disputes.forget", _ERASED, forget_person),
)
SEALED_COLUMNS: Final = (*store.SEALED_COLUMNS, *file_store.SEALED_COLUMNS)

__all__ = [
    "SEALED_COLUMNS",
    "SUBSCRIPTIONS",
    "By",
    "CreditPolicy",
    "Dispute",
    "DisputeNetwork",
    "DisputeRules",
    "DisputeState",
    "FileKind",
    "FileType",
    "Filing",
    "FilingRefused",
    "LossReason",
    "Movement",
    "NetworkStatus",
    "ProductKind",
    "Reason",
    "ReturnOutcome",
    "Snapshot",
    "Statement",
    "expire_drafts",
    "find_dispute",
    "find_obstacles",
    "list_of_user",
    "open_dispute",
    "refresh_dispute",
    "refresh_silent_disputes",
    "remind_of_deadlines",
    "reported_frauds",
]
