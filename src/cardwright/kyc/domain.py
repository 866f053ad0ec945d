"""Identity verification as values: its states, its reasons, and what answers and decisions make of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import IntEnum, StrEnum
from typing import Final

from cardwright.core.errors import Conflict
from cardwright.kyc.documents.domain import DocumentKind


class VerificationState(StrEnum):
    """Where one attempt stands: `requested -> collecting -> submitted -> in_review`, then one of the others.

    `in_review`: somebody has to look, at the vendor or here. `expired`: nothing came while collecting.
    """

    REQUESTED = "requested"
    COLLECTING = "collecting"
    SUBMITTED = "submitted"
    IN_REVIEW = "in_review"
    CANCELED = "canceled"
    EXPIRED = "expired"
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

State = VerificationState
OPEN_STATES: Final = (State.REQUESTED, State.COLLECTING, State.SUBMITTED, State.IN_REVIEW)
DECIDED_STATES: Final = (State.APPROVED, State.REJECTED)
FINAL_REASONS: Final = frozenset({RejectionReason.UNDER_AGE, RejectionReason.SELFIE_MANIPULATED})
"""After one of these nobody may try again."""
MANUAL: Final = "manual"
"""The name of the verifier behind which there is no vendor, only staff."""
APPROVAL_LASTS: Final = timedelta(days=730)
RENEWAL_NOTICE: Final = timedelta(days=30)
"""So long before an approval ends another verification may begin, and after staff asks there is so long."""
_DECIDABLE: Final = frozenset({State.SUBMITTED, State.IN_REVIEW, State.APPROVED, State.REJECTED})
# Answers come late, twice and in any order, so the outcome may depend only on which answers came.
_FINALITY: Final[Mapping[State, int]] = {
    State.REQUESTED: 0,
    State.COLLECTING: 1,
    State.SUBMITTED: 1,
    State.IN_REVIEW: 1,
    State.CANCELED: 2,
    State.EXPIRED: 2,
    State.REJECTED: 3,
    State.APPROVED: 4,
}
_IN_FLIGHT: Final = 1
_ENDINGS: Final = frozenset({State.CANCELED, State.REJECTED, State.APPROVED})
TRANSITIONS: Final[Mapping[State, frozenset[State]]] = {
    State.REQUESTED: frozenset({State.COLLECTING, State.SUBMITTED, State.IN_REVIEW}) | _ENDINGS,
    State.COLLECTING: frozenset({State.SUBMITTED, State.IN_REVIEW, State.EXPIRED}) | _ENDINGS,
    State.SUBMITTED: frozenset({State.COLLECTING, State.IN_REVIEW}) | _ENDINGS,
    State.IN_REVIEW: frozenset({State.COLLECTING, State.SUBMITTED}) | _ENDINGS,
    State.CANCELED: frozenset({State.IN_REVIEW, State.REJECTED, State.APPROVED}),
    State.EXPIRED: frozenset({State.IN_REVIEW, State.REJECTED, State.APPROVED}),
    State.REJECTED: frozenset({State.IN_REVIEW, State.APPROVED}),
    State.APPROVED: frozenset({State.REJECTED}),
}
"""What can follow each state. What had ended is in review again when an approval comes late and is held."""


@dataclass(frozen=True, slots=True)
class Verification:
    """One attempt of a person to prove who they are; `url` is where they do it, while it is collecting.

    `provider` names the verifier that it is at, or is to be started at. `answer` is the weightiest decided
    answer of the vendor, whatever staff made of it; `contradicted_by` is one that contradicts what stands.
    `decided_by` is the member of staff who decided. From `sent_back_at` on only staff decides; `missing` is
    what the person was asked for then. An approval is good until `good_until`; from `renew_from` on another
    verification may begin.
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
    state_since: datetime | None = None
    answer: VerificationState | None = None
    answer_reason: RejectionReason | None = None
    contradicted_by: VerificationState | None = None
    decided_by: str | None = None
    sent_back_at: datetime | None = None
    missing: tuple[DocumentKind, ...] = ()
    good_for: timedelta = APPROVAL_LASTS
    good_until: datetime | None = None
    renew_from: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether its outcome is still to come."""
        return self.state in OPEN_STATES

    @property
    def can_retry(self) -> bool:
        """Whether the person may ask for another verification after this one."""
        if self.state is State.REJECTED:
            return self.reason not in FINAL_REASONS
        return self.state in {State.CANCELED, State.EXPIRED}

    @property
    def is_with_staff(self) -> bool:
        """Whether no vendor can change it any more."""
        return self.decided_by is not None or self.sent_back_at is not None

    @property
    def can_submit(self) -> bool:
        """Whether the person shows documents here, not at a vendor, and has to say when they are done."""
        return self.state is State.COLLECTING and self.is_shown_here

    @property
    def is_shown_here(self) -> bool:
        """Whether it is judged by documents that are kept here: no vendor collects any, or not any more."""
        return self.provider == MANUAL or self.sent_back_at is not None


@dataclass(frozen=True, slots=True)
class VerificationResult:
    """What the vendor says at one moment; `verification_id` is our id as the vendor returns it.

    `document_expires_on` is the last day of the document that was shown, where the vendor tells it.
    """

    status: VerificationState
    provider_reference: str
    verification_id: str | None = None
    url: str | None = None
    reason: RejectionReason | None = None
    document_expires_on: date | None = None


def apply(
    verification: Verification, result: VerificationResult, *, at: datetime, is_held: bool = False
) -> Verification:
    """Return the verification after a vendor's answer, the very same one when the answer is no news.

    While nothing is decided the newest answer counts; approved outweighs rejected outweighs canceled. An
    approval that is held, by screening, waits in review for staff. What staff has decided or sent back stays
    as it is: there the answer is noted, no more.
    """
    if verification.provider_reference not in {None, result.provider_reference}:
        return verification
    noted = _noted(verification, result)
    if verification.is_with_staff or not _is_news(verification, result):
        return noted if noted is verification else replace(noted, updated_at=at)
    is_waiting = is_held and result.status is State.APPROVED
    after = State.IN_REVIEW if is_waiting else result.status
    url = (result.url or verification.url) if after is State.COLLECTING else None
    reason = (result.reason or RejectionReason.UNVERIFIED) if after is State.REJECTED else None
    moved = _moved(replace(noted, provider_reference=result.provider_reference, url=url), after, reason, at)
    if after is State.APPROVED:
        return _ending_by(moved, result.document_expires_on)
    return moved


def contradicts(verification: Verification, result: VerificationResult) -> bool:
    """Say whether a vendor's answer is, for the first time, the opposite of what stands and stays."""
    stands = State.APPROVED if _is_held(verification) else verification.state
    if result.status not in DECIDED_STATES or stands not in DECIDED_STATES or result.status is stands:
        return False
    if not verification.is_with_staff and _FINALITY[result.status] > _FINALITY[stands]:
        return False
    return result.status not in {verification.answer, verification.contradicted_by}


def decide(
    verification: Verification, *, approve: bool, reason: RejectionReason | None, by: str, at: datetime
) -> Verification:
    """Return the verification as staff decided it, which outweighs every vendor's answer.

    Raises Conflict `verification_undecidable` while there is nothing to decide about.
    """
    if verification.state not in _DECIDABLE:
        raise Conflict("verification_undecidable", "Nothing was handed in that could be decided about.")
    after = State.APPROVED if approve else State.REJECTED
    said = None if approve else (reason or RejectionReason.UNVERIFIED)
    return _moved(replace(verification, url=None, decided_by=by), after, said, at)


def send_back(verification: Verification, missing: Sequence[DocumentKind], *, at: datetime) -> Verification:
    """Return the verification as one that collects again; raise Conflict `verification_undecidable`."""
    if verification.state not in {State.SUBMITTED, State.IN_REVIEW}:
        raise Conflict("verification_undecidable", "Only what was handed in can be sent back.")
    return _moved(
        replace(verification, url=None, sent_back_at=at, missing=tuple(missing)), State.COLLECTING, None, at
    )


def submit(verification: Verification, *, at: datetime) -> Verification:
    """Return the verification as handed in.

    Raises Conflict `verification_not_begun` before anybody knows where it takes place, and
    `nothing_to_submit` where it is at a vendor.
    """
    if verification.state is State.REQUESTED:
        raise Conflict("verification_not_begun", "Not yet: the verification is being begun; try again soon.")
    if not verification.can_submit:
        raise Conflict("nothing_to_submit", "This verification does not wait for documents here.")
    return _moved(verification, State.SUBMITTED, None, at)


def take_into_review(verification: Verification, *, at: datetime) -> Verification:
    """Return what was handed in here as waiting for staff; anything else as it is."""
    if verification.state is not State.SUBMITTED:
        return verification
    return _moved(verification, State.IN_REVIEW, None, at)


def release(verification: Verification, *, at: datetime) -> Verification:
    """Return what the vendor approved and screening alone held as approved; anything else as it is."""
    if verification.is_with_staff or not _is_held(verification):
        return verification
    return _moved(verification, State.APPROVED, None, at)


def expire(verification: Verification, *, at: datetime) -> Verification:
    """Return what has been collecting for too long as expired; anything else as it is."""
    if verification.state is not State.COLLECTING:
        return verification
    return _moved(replace(verification, url=None), State.EXPIRED, None, at)


def require_renewal(verification: Verification, *, at: datetime) -> Verification:
    """Return an approval that has to be renewed from now on, within the notice or until it ends anyway."""
    until = verification.good_until
    if verification.state is not State.APPROVED or until is None or until <= at:
        raise Conflict("not_verified", "There is no approval that could be renewed.")
    return replace(
        verification,
        good_until=min(until, at + RENEWAL_NOTICE),
        renew_from=min(verification.renew_from or at, at),
        updated_at=at,
    )


def _noted(verification: Verification, result: VerificationResult) -> Verification:
    if result.status not in DECIDED_STATES:
        return verification
    noted = verification
    if contradicts(verification, result):
        noted = replace(noted, contradicted_by=result.status)
    if _outweighs(result, verification.answer, verification.answer_reason):
        said = (result.reason or RejectionReason.UNVERIFIED) if result.status is State.REJECTED else None
        noted = replace(noted, answer=result.status, answer_reason=said)
    return noted


def _is_news(verification: Verification, result: VerificationResult) -> bool:
    state = State.APPROVED if _is_held(verification) else verification.state
    if _FINALITY[state] == _FINALITY[result.status] == _IN_FLIGHT:
        return (state, verification.url) != (result.status, result.url or verification.url)
    return _outweighs(result, state, verification.reason)


def _outweighs(result: VerificationResult, state: State | None, reason: RejectionReason | None) -> bool:
    if state is State.REJECTED and result.status is State.REJECTED:
        return result.reason in FINAL_REASONS and reason not in FINAL_REASONS
    return state is None or _FINALITY[result.status] > _FINALITY[state]


def _is_held(verification: Verification) -> bool:
    """Say whether the vendor approved, and screening keeps it from being told."""
    return verification.state is State.IN_REVIEW and verification.answer is State.APPROVED


def _moved(
    verification: Verification, state: State, reason: RejectionReason | None, at: datetime
) -> Verification:
    is_moving = state is not verification.state
    moved = replace(
        verification, state=state, reason=reason, updated_at=at,
        state_since=at if is_moving else verification.state_since,
    )  # fmt: skip
    if state is not State.APPROVED:
        return replace(moved, good_until=None, renew_from=None)
    return _good(moved, at + verification.good_for) if is_moving else moved


def _ending_by(verification: Verification, last_day: date | None) -> Verification:
    """Let an approval end with the document that it stands on, if that ends earlier."""
    if last_day is None or verification.good_until is None:
        return verification
    over = datetime.combine(last_day, time(), tzinfo=UTC) + timedelta(days=1)
    return _good(verification, min(verification.good_until, over))


def _good(verification: Verification, until: datetime) -> Verification:
    return replace(verification, good_until=until, renew_from=until - RENEWAL_NOTICE)
