"""Who a person is: identity verification through a vendor, and the level that others require."""

from cardwright.kyc.domain import (
    KycLevel,
    RejectionReason,
    Verification,
    VerificationResult,
    VerificationState,
)
from cardwright.kyc.levels import (
    MONTH,
    Allowance,
    ensure_may_add,
    ensure_may_have_card,
    find_status,
    list_allowances,
    set_allowance,
)
from cardwright.kyc.ports import IdentityVerifier, Person, StartedVerification
from cardwright.kyc.service import (
    SUBSCRIPTIONS,
    ensure_verified,
    refresh_silent_verifications,
    refresh_verification,
    request_verification,
)

__all__ = [
    "MONTH",
    "SUBSCRIPTIONS",
    "Allowance",
    "IdentityVerifier",
    "KycLevel",
    "Person",
    "RejectionReason",
    "StartedVerification",
    "Verification",
    "VerificationResult",
    "VerificationState",
    "ensure_may_add",
    "ensure_may_have_card",
    "ensure_verified",
    "find_status",
    "list_allowances",
    "refresh_silent_verifications",
    "refresh_verification",
    "request_verification",
    "set_allowance",
]
