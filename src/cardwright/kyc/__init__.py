"""Who a person is: identity verification through a vendor, and the level that others require."""

from cardwright.kyc.domain import (
    KycLevel,
    RejectionReason,
    Verification,
    VerificationResult,
    VerificationState,
)
from cardwright.kyc.ports import (
    DEFAULT_VERIFIER,
    IdentityVerifier,
    IdentityVerifiers,
    NotBegun,
    Person,
    StartedVerification,
)
from cardwright.kyc.service import (
    SUBSCRIPTIONS,
    ensure_verified,
    find_status,
    refresh_silent_verifications,
    refresh_verification,
    request_verification,
)

__all__ = [
    "DEFAULT_VERIFIER",
    "SUBSCRIPTIONS",
    "IdentityVerifier",
    "IdentityVerifiers",
    "KycLevel",
    "NotBegun",
    "Person",
    "RejectionReason",
    "StartedVerification",
    "Verification",
    "VerificationResult",
    "VerificationState",
    "ensure_verified",
    "find_status",
    "refresh_silent_verifications",
    "refresh_verification",
    "request_verification",
]
