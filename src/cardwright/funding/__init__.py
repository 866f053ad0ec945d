"""Money in and out through a payment gateway: top-ups, kept ways to pay, withdrawals, disputes of top-ups."""

from typing import Final

from cardwright.db.jobs import Subscription
from cardwright.funding.auto import SUBSCRIPTIONS as _OF_AUTO
from cardwright.funding.closing import find_obstacles
from cardwright.funding.disputes import refresh_dispute, sweep_disputes
from cardwright.funding.domain import (
    CardDetails,
    ChargeResult,
    ChargeStatus,
    DisputeResult,
    MethodSnapshot,
    Movement,
    Origin,
    Refund,
    RefundReason,
    RefundResult,
    RefundState,
    SavedMethod,
    SetupResult,
    SetupStatus,
    TopUp,
    TopUpDisputeState,
    TopUpReason,
    TopUpState,
)
from cardwright.funding.method_store import SEALED_COLUMNS as _OF_METHODS
from cardwright.funding.methods import SUBSCRIPTIONS as _FOR_METHODS
from cardwright.funding.methods import refresh_method, refresh_setup, refresh_silent_methods
from cardwright.funding.ports import (
    DisputeGateway,
    FundingGateway,
    MethodGateway,
    MethodReturn,
    PaymentSource,
    RefundGateway,
    TopUpReturn,
)
from cardwright.funding.recorded import (
    GivenRefund,
    TakenCharge,
    given_references,
    given_refunds,
    taken_charges,
    taken_references,
)
from cardwright.funding.service import SUBSCRIPTIONS as _FOR_TOP_UPS
from cardwright.funding.service import (
    expire_abandoned_top_ups,
    refresh_silent_top_ups,
    refresh_top_up,
    request_top_up,
)
from cardwright.funding.store import SEALED_COLUMNS as _OF_TOP_UPS
from cardwright.funding.withdrawals import SUBSCRIPTIONS as _FOR_WITHDRAWALS
from cardwright.funding.withdrawals import refresh_refund, refresh_silent_refunds

SEALED_COLUMNS: Final = (*_OF_TOP_UPS, *_OF_METHODS)
"""What of ways to pay is encrypted at rest."""
SUBSCRIPTIONS: Final[tuple[Subscription, ...]] = (
    *_FOR_TOP_UPS,
    *_FOR_METHODS,
    *_OF_AUTO,
    *_FOR_WITHDRAWALS,
)

__all__ = [
    "SEALED_COLUMNS",
    "SUBSCRIPTIONS",
    "CardDetails",
    "ChargeResult",
    "ChargeStatus",
    "DisputeGateway",
    "DisputeResult",
    "FundingGateway",
    "GivenRefund",
    "MethodGateway",
    "MethodReturn",
    "MethodSnapshot",
    "Movement",
    "Origin",
    "PaymentSource",
    "Refund",
    "RefundGateway",
    "RefundReason",
    "RefundResult",
    "RefundState",
    "SavedMethod",
    "SetupResult",
    "SetupStatus",
    "TakenCharge",
    "TopUp",
    "TopUpDisputeState",
    "TopUpReason",
    "TopUpReturn",
    "TopUpState",
    "expire_abandoned_top_ups",
    "find_obstacles",
    "given_references",
    "given_refunds",
    "refresh_dispute",
    "refresh_method",
    "refresh_refund",
    "refresh_setup",
    "refresh_silent_methods",
    "refresh_silent_refunds",
    "refresh_silent_top_ups",
    "refresh_top_up",
    "request_top_up",
    "sweep_disputes",
    "taken_charges",
    "taken_references",
]
