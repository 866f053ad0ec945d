"""Money coming in: top-ups through a payment gateway, credited to the wallet exactly once."""

from cardwright.funding.closing import find_obstacles
from cardwright.funding.domain import ChargeResult, ChargeStatus, TopUp, TopUpReason, TopUpState
from cardwright.funding.ports import FundingGateway, TopUpReturn
from cardwright.funding.recorded import TakenCharge, taken_charges, taken_references
from cardwright.funding.service import (
    SUBSCRIPTIONS,
    refresh_silent_top_ups,
    refresh_top_up,
    request_top_up,
)
from cardwright.funding.store import SEALED_COLUMNS

__all__ = [
    "SEALED_COLUMNS",
    "SUBSCRIPTIONS",
    "ChargeResult",
    "ChargeStatus",
    "FundingGateway",
    "TakenCharge",
    "TopUp",
    "TopUpReason",
    "TopUpReturn",
    "TopUpState",
    "find_obstacles",
    "refresh_silent_top_ups",
    "refresh_top_up",
    "request_top_up",
    "taken_charges",
    "taken_references",
]
