"""Where a person stands with all their verifications, and how well they are known: derived, never stored."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final

from cardwright.core.errors import Conflict
from cardwright.kyc.domain import KycLevel, RejectionReason, Verification, VerificationState
from cardwright.kyc.screening.domain import Standing as Screened

HOLDING: Final = frozenset({Screened.OPEN, Screened.CONFIRMED})
"""With a hit that is not dismissed an approval waits for staff."""


class Standing(StrEnum):
    """Where a person stands."""

    NOT_STARTED = "not_started"
    COLLECTING = "collecting"
    SUBMITTED = "submitted"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    REJECTED = "rejected"
    REVERIFICATION_DUE = "reverification_due"
    EXPIRED = "expired"


NEXT_STEPS: Final[Mapping[Standing, str]] = {
    Standing.NOT_STARTED: "Begin to verify your identity.",
    Standing.COLLECTING: "Go on where you left off: show your document.",
    Standing.SUBMITTED: "Nothing: your document is being looked at.",
    Standing.IN_REVIEW: "Nothing: somebody is looking at your verification.",
    Standing.APPROVED: "Nothing: your identity is verified.",
    Standing.REJECTED: "Read why, and begin again if that may help.",
    Standing.REVERIFICATION_DUE: "Verify your identity again before the day that is shown.",
    Standing.EXPIRED: "Begin again to verify your identity.",
}
"""What a person can do."""
SUBMIT_HERE: Final = "Upload photos of your document and of your face, then submit them."
"""What a person can do where no vendor has a page for it."""
SUBMIT_MORE: Final = "Upload what is missing, then submit it."
"""What a person can do who was asked for more."""

_OF_ATTEMPTS: Final[Mapping[VerificationState, Standing]] = {
    VerificationState.REQUESTED: Standing.COLLECTING,
    VerificationState.COLLECTING: Standing.COLLECTING,
    VerificationState.SUBMITTED: Standing.SUBMITTED,
    VerificationState.IN_REVIEW: Standing.IN_REVIEW,
    VerificationState.CANCELED: Standing.NOT_STARTED,
    VerificationState.EXPIRED: Standing.EXPIRED,
    VerificationState.REJECTED: Standing.REJECTED,
    VerificationState.APPROVED: Standing.APPROVED,
}


def best_approval(verifications: Sequence[Verification]) -> Verification | None:
    """Return the approval that is good for longest, over or not."""
    approved = [it for it in verifications if it.good_until is not None]
    return max(approved, key=_good_until, default=None)


def decisive(verifications: Sequence[Verification], *, at: datetime) -> Verification | None:
    """Return the verification that says where a person stands, of all of them, the newest first.

    An approval while it is good, unless another attempt is under way to renew it; else the newest.
    """
    newest = verifications[0] if verifications else None
    approval = best_approval(verifications)
    if approval is None or _good_until(approval) <= at:
        return newest
    if _is_due(approval, at) and newest is not None and newest.is_open:
        return newest
    return approval


def standing_of(verifications: Sequence[Verification], screened: Screened, *, at: datetime) -> Standing:
    """Return where a person stands with these verifications, the newest first.

    Nobody is told of a hit: an open one reads as in review, a confirmed one as rejected.
    """
    if screened is Screened.CONFIRMED:
        return Standing.REJECTED
    found = decisive(verifications, at=at)
    if found is None:
        return Standing.NOT_STARTED
    if found.state is not VerificationState.APPROVED:
        return _OF_ATTEMPTS[found.state]
    if _good_until(found) <= at:
        return Standing.EXPIRED
    if _is_due(found, at):
        return Standing.REVERIFICATION_DUE
    return Standing.APPROVED if screened is Screened.CLEAR else Standing.IN_REVIEW


def reason_of(
    verifications: Sequence[Verification], screened: Screened, *, at: datetime
) -> RejectionReason | None:
    """Return why somebody stands rejected; a confirmed hit is not named."""
    if screened is Screened.CONFIRMED:
        return RejectionReason.UNVERIFIED
    found = decisive(verifications, at=at)
    return found.reason if found is not None else None


def ensure_may_request(verifications: Sequence[Verification], screened: Screened, *, at: datetime) -> None:
    """Raise Conflict when a person with these verifications may not begin another one."""
    if screened is Screened.CONFIRMED:
        raise _for_good()
    approval = best_approval(verifications)
    if approval is not None and not _is_due(approval, at):
        raise Conflict("already_verified", "Your identity is verified already.")
    if any(known.is_open for known in verifications):
        raise Conflict("verification_open", "A verification is open; finish it first.")
    since = [it for it in verifications if approval is None or it.id > approval.id]
    if any(known.state is VerificationState.REJECTED and not known.can_retry for known in since):
        raise _for_good()


def level_of(
    good_until: datetime | None, screened: Screened, *, is_reachable: bool, at: datetime
) -> KycLevel:
    """Return how well a person is known; `is_reachable`: by an address and a phone.

    FULL by an approval that is not over and a screening that found nothing; whoever was approved stays BASIC.
    With a confirmed hit NONE.
    """
    if screened is Screened.CONFIRMED:
        return KycLevel.NONE
    if good_until is not None:
        return KycLevel.FULL if at < good_until and screened is Screened.CLEAR else KycLevel.BASIC
    return KycLevel.BASIC if is_reachable else KycLevel.NONE


def _is_due(approval: Verification, at: datetime) -> bool:
    return approval.renew_from is not None and approval.renew_from <= at


def _good_until(approval: Verification) -> datetime:
    if approval.good_until is None:
        raise ValueError(f"{approval.id} is no approval")
    return approval.good_until


def _for_good() -> Conflict:
    return Conflict("verification_not_retryable", "The verification was rejected for good.")
