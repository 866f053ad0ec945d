"""Who a person is: identity verification through a vendor, the level that others require, and documents."""

from cardwright.kyc.documents import (
    SEALED_COLUMNS,
    DocumentRoom,
    DocumentRules,
    DocumentStore,
    ObjectMissing,
    sweep_documents,
)
from cardwright.kyc.domain import (
    KycLevel,
    RejectionReason,
    Verification,
    VerificationResult,
    VerificationState,
)
from cardwright.kyc.ports import IdentityVerifier, Person, StartedVerification
from cardwright.kyc.service import (
    SUBSCRIPTIONS,
    ensure_verified,
    find_status,
    refresh_silent_verifications,
    refresh_verification,
    request_verification,
)

__all__ = [
    "SEALED_COLUMNS",
    "SUBSCRIPTIONS",
    "DocumentRoom",
    "DocumentRules",
    "DocumentStore",
    "IdentityVerifier",
    "KycLevel",
    "ObjectMissing",
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
    "sweep_documents",
]
