"""Payments: decided in real time, recorded element by element, replayable and explained."""

from cardwright.payments.authorization import FLAGGED, authorize
from cardwright.payments.decision import DeclineCause
from cardwright.payments.decision_views import (
    DecisionView,
    StaffDecisionView,
    show_decision,
    show_verdict,
)
from cardwright.payments.domain import Element, ElementKind, Merchant, Payment, PaymentStatus
from cardwright.payments.endpoint import AuthorizationEndpoint
from cardwright.payments.explaining import Explained, explain, hits_of
from cardwright.payments.history_queries import (
    HISTORY_COLUMNS,
    HistoryColumn,
    copy_history,
    count_history,
    last_of_batch,
)
from cardwright.payments.log import read as read_log
from cardwright.payments.log_filter import LogFilter
from cardwright.payments.note_store import SEALED_COLUMNS
from cardwright.payments.notes import SUBSCRIPTIONS
from cardwright.payments.ports import (
    Answer,
    AuthorizationRequest,
    AuthorizationSnapshot,
    AuthorizationWire,
    CardNetwork,
    NetworkStatus,
    NetworkTransaction,
    RequestOutcome,
    StandIn,
    TransactionKind,
)
from cardwright.payments.preflight import Supposed, preflight
from cardwright.payments.queries import Asked, approved_between, cards_of
from cardwright.payments.recorded import (
    HeldMoney,
    MovedMoney,
    held_money,
    holding_references,
    moved_ids,
    moved_money,
)
from cardwright.payments.service import (
    Replayed,
    expire_holds,
    get_payment,
    refresh_authorization,
    refresh_transaction,
    replay,
    sweep,
    verify,
)
from cardwright.payments.statement_lines import OpenHold, PaymentText, open_holds, payment_texts
from cardwright.payments.store import Decision
from cardwright.payments.usage import uses_of
from cardwright.payments.used_up import close_used_up_cards

__all__ = [
    "FLAGGED",
    "HISTORY_COLUMNS",
    "SEALED_COLUMNS",
    "SUBSCRIPTIONS",
    "Answer",
    "Asked",
    "AuthorizationEndpoint",
    "AuthorizationRequest",
    "AuthorizationSnapshot",
    "AuthorizationWire",
    "CardNetwork",
    "Decision",
    "DecisionView",
    "DeclineCause",
    "Element",
    "ElementKind",
    "Explained",
    "HeldMoney",
    "HistoryColumn",
    "LogFilter",
    "Merchant",
    "MovedMoney",
    "NetworkStatus",
    "NetworkTransaction",
    "OpenHold",
    "Payment",
    "PaymentStatus",
    "PaymentText",
    "Replayed",
    "RequestOutcome",
    "StaffDecisionView",
    "StandIn",
    "Supposed",
    "TransactionKind",
    "approved_between",
    "authorize",
    "cards_of",
    "close_used_up_cards",
    "copy_history",
    "count_history",
    "expire_holds",
    "explain",
    "get_payment",
    "held_money",
    "hits_of",
    "holding_references",
    "last_of_batch",
    "moved_ids",
    "moved_money",
    "open_holds",
    "payment_texts",
    "preflight",
    "read_log",
    "refresh_authorization",
    "refresh_transaction",
    "replay",
    "show_decision",
    "show_verdict",
    "sweep",
    "uses_of",
    "verify",
]
