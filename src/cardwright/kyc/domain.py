"""Identity verification as values: its states, why one is rejected, and how a vendor's answer changes it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Final

from cardwright.core.errors import Conflict


class VerificationState(StrEnum):
    """Where a verification stands: `requested -> collecting -> processing`, then one of the other three."""

    REQUESTED = "requested"
    COLLECTING = "collecting"
    PROCESSING = "processing"
    CANCELED = "canceled"
    REJECTED = "rejected"
    APPROVED = "approved"


class KycLevel(IntEnum):
    """How well a person is known; rules and limits compare it.

    NONE: an e-mail address. BASIC: an address said, and a phone proven. FULL: an identity verified.
    """

    NONE = 0
    BASIC = 1
    FULL = 2


class RejectionReason(StrEnum):
    """Why an identity was not accepted, in our words."""

    NOT_COMPLETED = "not_completed"
    CONSENT_DECLINED = "consent_declined"
    COUNTRY_NOT_SUPPORTED = "country_not_supported"
    DEVICE_NOT_SUPPORTED = "device_not_supported"
    DOCUMENT_EXPIRED = "document_expired"
    DOCUMENT_TYPE_NOT_SUPPORTED = "document_type_not_supported"
    DOCUMENT_UNREADABLE = "document_unreadable"
    DOCUMENT_WITHOUT_PHOTO = "document_without_photo"
    FACE_MISMATCH = "face_mismatch"
    SELFIE_UNREADABLE = "selfie_unreadable"
    SELFIE_MANIPULATED = "selfie_manipulated"
    ID_NUMBER_MISMATCH = "id_number_mismatch"
    CONTACT_UNVERIFIED = "contact_unverified"
    UNDER_AGE = "under_age"
    UNVERIFIED = "unverified"


EXPLANATIONS: Final[Mapping[RejectionReason, str]] = {
    RejectionReason.NOT_COMPLETED: "The verification was left before its last step.",
    RejectionReason.CONSENT_DECLINED: "The verification needs your consent, which was declined.",
    RejectionReason.COUNTRY_NOT_SUPPORTED: "Documents of this country cannot be checked.",
    RejectionReason.DEVICE_NOT_SUPPORTED: "The device has no camera that can be used; try another one.",
    RejectionReason.DOCUMENT_EXPIRED: "The document has expired.",
    RejectionReason.DOCUMENT_TYPE_NOT_SUPPORTED: "This type of document is not accepted.",
    RejectionReason.DOCUMENT_UNREADABLE: "The document could not be verified; take a sharp photo.",
    RejectionReason.DOCUMENT_WITHOUT_PHOTO: "The document shows no photo to compare with.",
    RejectionReason.FACE_MISMATCH: "The face does not match the photo on the document.",
    RejectionReason.SELFIE_UNREADABLE: "The photo of the face could not be verified; try in better light.",
    RejectionReason.SELFIE_MANIPULATED: "The photo of the face was not accepted.",
    RejectionReason.ID_NUMBER_MISMATCH: "The identity number does not match the name and birth date.",
    RejectionReason.CONTACT_UNVERIFIED: "The phone number or e-mail address could not be verified.",
    RejectionReason.UNDER_AGE: "The person is under the age that is required.",
    RejectionReason.UNVERIFIED: "The identity could not be verified.",
}
"""What the person is told about each reason."""

OPEN_STATES: Final = (
    VerificationState.REQUESTED,
    VerificationState.COLLECTING,
    VerificationState.PROCESSING,
)
_NOT_RETRYABLE: Final = frozenset({RejectionReason.UNDER_AGE, RejectionReason.SELFIE_MANIPULATED})
# Answers come late, twice and in any order, so the outcome may depend only on which answers came.
_FINALITY: Final[Mapping[VerificationState, int]] = {
    VerificationState.REQUESTED: 0,
    VerificationState.COLLECTING: 1,
    VerificationState.PROCESSING: 1,
    VerificationState.CANCELED: 2,
    VerificationState.REJECTED: 3,
    VerificationState.APPROVED: 4,
}
_IN_FLIGHT: Final = 1


@dataclass(frozen=True, slots=True)
class Verification:
    """One attempt of a person to prove who they are; `url` is where they do it, while it is collecting.

    `provider` names the vendor that it is at, or is to be started at.
    """

    id: str
    program_id: str
    user_id: str
    state: VerificationState
    created_at: datetime
    updated_at: datetime
    provider: str = "stripe"
    provider_reference: str | None = None
    url: str | None = None
    reason: RejectionReason | None = None

    @property
    def is_open(self) -> bool:
        """Whether its outcome is still to come."""
        return self.state in OPEN_STATES

    @property
    def can_retry(self) -> bool:
        """Whether the person may ask for another verification after this one."""
        if self.state is VerificationState.REJECTED:
            return self.reason not in _NOT_RETRYABLE
        return self.state is VerificationState.CANCELED


@dataclass(frozen=True, slots=True)
class VerificationResult:
    """What the vendor says at one moment; `verification_id` is our id as the vendor returns it."""

    status: VerificationState
    provider_reference: str
    verification_id: str | None = None
    url: str | None = None
    reason: RejectionReason | None = None


def apply(verification: Verification, result: VerificationResult, *, at: datetime) -> Verification:
    """Return the verification after a vendor's answer, the very same one when the answer is no news.

    While nothing is decided the newest answer counts; approved outweighs rejected outweighs canceled.
    """
    if not _is_news(verification, result):
        return verification
    collecting = result.status is VerificationState.COLLECTING
    rejected = result.status is VerificationState.REJECTED
    return replace(
        verification,
        state=result.status,
        provider_reference=result.provider_reference,
        url=(result.url or verification.url) if collecting else None,
        reason=(result.reason or RejectionReason.UNVERIFIED) if rejected else None,
        updated_at=at,
    )


def ensure_may_request(verifications: Sequence[Verification]) -> None:
    """Raise Conflict when a person with these verifications may not begin another one."""
    if any(known.state is VerificationState.APPROVED for known in verifications):
        raise Conflict("already_verified", "Your identity is verified already.")
    if any(known.is_open for known in verifications):
        raise Conflict("verification_open", "A verification is open; finish it first.")
    if any(known.state is VerificationState.REJECTED and not known.can_retry for known in verifications):
        raise Conflict("verification_not_retryable", "The verification was rejected for good.")


def level_of(verifications: Sequence[Verification], *, is_reachable: bool) -> KycLevel:
    """Return how well a person is known by verifications; `is_reachable`: by an address and a phone."""
    if any(known.state is VerificationState.APPROVED for known in verifications):
        return KycLevel.FULL
    return KycLevel.BASIC if is_reachable else KycLevel.NONE


class Standing(StrEnum):
    """Where a person stands with all their verifications."""

    NOT_STARTED = "not_started"
    COLLECTING = "collecting"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    REJECTED = "rejected"


NEXT_STEPS: Final[Mapping[Standing, str]] = {
    Standing.NOT_STARTED: "Begin to verify your identity.",
    Standing.COLLECTING: "Go on where you left off: show your document.",
    Standing.SUBMITTED: "Nothing: your document is being looked at.",
    Standing.APPROVED: "Nothing: your identity is verified.",
    Standing.REJECTED: "Read why, and begin again if that may help.",
}
"""What a person can do."""

_STANDINGS: Final[Mapping[VerificationState, Standing]] = {
    VerificationState.REQUESTED: Standing.COLLECTING,
    VerificationState.COLLECTING: Standing.COLLECTING,
    VerificationState.PROCESSING: Standing.SUBMITTED,
    VerificationState.CANCELED: Standing.NOT_STARTED,
    VerificationState.REJECTED: Standing.REJECTED,
    VerificationState.APPROVED: Standing.APPROVED,
}


def decisive(verifications: Sequence[Verification]) -> Verification | None:
    """Return the verification that says where a person stands, of all of them, the newest first.

    One that was approved, whatever came of others; else the newest.
    """
    approved = (known for known in verifications if known.state is VerificationState.APPROVED)
    return next(approved, verifications[0] if verifications else None)


def standing_of(verifications: Sequence[Verification]) -> Standing:
    """Return where a person stands with these verifications, the newest first."""
    found = decisive(verifications)
    return Standing.NOT_STARTED if found is None else _STANDINGS[found.state]


def _is_news(verification: Verification, result: VerificationResult) -> bool:
    if verification.provider_reference not in {None, result.provider_reference}:
        return False
    old, new = _FINALITY[verification.state], _FINALITY[result.status]
    if old == new == _IN_FLIGHT:
        return (verification.state, verification.url) != (result.status, result.url or verification.url)
    return new > old
