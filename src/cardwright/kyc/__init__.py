"""Who a person is: verification through vendors, levels, documents, and screening by lists."""

from typing import Final

from cardwright.approvals import ApprovalKind
from cardwright.kyc.documents import SEALED_COLUMNS as _OF_DOCUMENTS
from cardwright.kyc.documents import (
    DocumentRoom,
    DocumentRules,
    DocumentStore,
    ObjectMissing,
    sweep_documents,
)
from cardwright.kyc.domain import (
    MANUAL,
    KycLevel,
    RejectionReason,
    Verification,
    VerificationResult,
    VerificationState,
)
from cardwright.kyc.lasting import sweep_verifications
from cardwright.kyc.levels import (
    LEVEL_RAISE as _LEVEL_RAISE,
)
from cardwright.kyc.levels import (
    MONTH,
    Allowance,
    ensure_may_add,
    ensure_may_have_card,
    ensure_may_hold_money,
    find_status,
    list_allowances,
    set_allowance,
)
from cardwright.kyc.manual import ManualVerifier
from cardwright.kyc.ports import (
    DEFAULT_VERIFIER,
    IdentityRules,
    IdentityVerifier,
    IdentityVerifiers,
    NotBegun,
    Person,
    StartedVerification,
)
from cardwright.kyc.review.following import SUBSCRIPTIONS as _OF_REVIEWING
from cardwright.kyc.review.following import mark_overdue_reviews
from cardwright.kyc.review.store import SEALED_COLUMNS as _OF_REVIEWS
from cardwright.kyc.review.verdicts import IDENTITY_OVERRIDE as _OVERRIDE
from cardwright.kyc.screening import SEALED_COLUMNS as _SCREENED
from cardwright.kyc.screening import SUBSCRIPTIONS as _OF_SCREENING
from cardwright.kyc.screening import (
    ListFile,
    ScreeningList,
    ScreeningRules,
    Standing,
    fictitious_list,
    import_list,
    read_list,
    screen_nightly,
)
from cardwright.kyc.screening import Run as ScreeningRun
from cardwright.kyc.screening import active_lists as active_screening_lists
from cardwright.kyc.screening import advance as advance_screening
from cardwright.kyc.screening import newest_run as newest_screening_run
from cardwright.kyc.screening import request_run as request_screening
from cardwright.kyc.screening import standing as screening_standing
from cardwright.kyc.screening.domain import Occasion as ScreeningOccasion
from cardwright.kyc.service import SUBSCRIPTIONS as _OF_VERIFICATIONS
from cardwright.kyc.service import (
    ensure_verified,
    refresh_silent_verifications,
    refresh_verification,
    request_verification,
)
from cardwright.kyc.store import SEALED_COLUMNS as _SENT_BACK

SEALED_COLUMNS: Final = (*_OF_DOCUMENTS, *_OF_REVIEWS, *_SCREENED, *_SENT_BACK)
SUBSCRIPTIONS: Final = (*_OF_VERIFICATIONS, *_OF_SCREENING, *_OF_REVIEWING)
APPROVAL_KINDS: Final[tuple[ApprovalKind, ...]] = (_OVERRIDE, _LEVEL_RAISE)

__all__ = [
    "APPROVAL_KINDS",
    "DEFAULT_VERIFIER",
    "MANUAL",
    "MONTH",
    "SEALED_COLUMNS",
    "SUBSCRIPTIONS",
    "Allowance",
    "DocumentRoom",
    "DocumentRules",
    "DocumentStore",
    "IdentityRules",
    "IdentityVerifier",
    "IdentityVerifiers",
    "KycLevel",
    "ListFile",
    "ManualVerifier",
    "NotBegun",
    "ObjectMissing",
    "Person",
    "RejectionReason",
    "ScreeningList",
    "ScreeningOccasion",
    "ScreeningRules",
    "ScreeningRun",
    "Standing",
    "StartedVerification",
    "Verification",
    "VerificationResult",
    "VerificationState",
    "active_screening_lists",
    "advance_screening",
    "ensure_may_add",
    "ensure_may_have_card",
    "ensure_may_hold_money",
    "ensure_verified",
    "fictitious_list",
    "find_status",
    "import_list",
    "list_allowances",
    "mark_overdue_reviews",
    "newest_screening_run",
    "read_list",
    "refresh_silent_verifications",
    "refresh_verification",
    "request_screening",
    "request_verification",
    "screen_nightly",
    "screening_standing",
    "set_allowance",
    "sweep_documents",
    "sweep_verifications",
]
