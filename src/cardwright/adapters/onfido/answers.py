"""What Onfido says of a workflow run, in our words."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from cardwright.kyc import RejectionReason, VerificationResult, VerificationState

_STATES: Final[Mapping[str, VerificationState]] = {
    "awaiting_input": VerificationState.COLLECTING,
    "processing": VerificationState.SUBMITTED,
    "awaiting_client_input": VerificationState.SUBMITTED,
    "review": VerificationState.IN_REVIEW,
    "approved": VerificationState.APPROVED,
    "declined": VerificationState.REJECTED,
    "abandoned": VerificationState.REJECTED,
    # The workflow failed and judged nobody: the person may ask again.
    "error": VerificationState.CANCELED,
}
# From the most particular to the least: of several that are not clear the first is told.
_BREAKDOWNS: Final[tuple[tuple[str, RejectionReason], ...]] = (
    ("age_validation", RejectionReason.UNDER_AGE),
    ("issuing_country", RejectionReason.COUNTRY_NOT_SUPPORTED),
    ("supported_document", RejectionReason.DOCUMENT_TYPE_NOT_SUPPORTED),
    ("document_expiration", RejectionReason.DOCUMENT_EXPIRED),
    ("spoofing_detection", RejectionReason.SELFIE_MANIPULATED),
    ("visual_authenticity", RejectionReason.SELFIE_MANIPULATED),
    ("face_match", RejectionReason.FACE_MISMATCH),
    ("face_comparison", RejectionReason.FACE_MISMATCH),
    ("source_integrity", RejectionReason.SELFIE_UNREADABLE),
    ("image_integrity", RejectionReason.DOCUMENT_UNREADABLE),
    ("data_validation", RejectionReason.DOCUMENT_UNREADABLE),
)
_FACES: Final = ("visual_authenticity", "image_integrity")
_FACE_REPORT: Final = "facial_similarity"


class Link(msgspec.Struct):
    """Where the person shows documents."""

    url: str | None = None


class Run(msgspec.Struct):
    """A workflow run as far as it is read; `output` is what the workflow was set up to put out."""

    id: str
    status: str
    applicant_id: str
    tags: list[str] | None = None
    link: Link | None = None
    reasons: list[str] | None = None
    output: dict[str, Any] | None = None


def result_of(run: Run) -> VerificationResult:
    """Return the vendor's answer; a status nobody knows reads as submitted."""
    status = _STATES.get(run.status, VerificationState.SUBMITTED)
    return VerificationResult(
        status=status,
        provider_reference=run.id,
        verification_id=next(iter(run.tags or ()), None),
        url=run.link.url if run.link is not None else None,
        reason=_reason(run) if status is VerificationState.REJECTED else None,
    )


def _reason(run: Run) -> RejectionReason:
    if run.status == "abandoned":
        return RejectionReason.NOT_COMPLETED
    # An operator may name our own words in the workflow; they count before what is read from the reports.
    for word in run.reasons or ():
        if word in set(RejectionReason):
            return RejectionReason(word)
    failed = list(_failed(run.output or {}))
    for name, reason in _BREAKDOWNS:
        for report, breakdown in failed:
            if breakdown == name and _is_of(report, name, reason):
                return reason
    if any(report.startswith(_FACE_REPORT) and name == "image_integrity" for report, name in failed):
        return RejectionReason.SELFIE_UNREADABLE
    return RejectionReason.UNVERIFIED


def _is_of(report: str, breakdown: str, reason: RejectionReason) -> bool:
    """Say whether a breakdown that two kinds of reports share means this reason in this one."""
    if breakdown not in _FACES:
        return True
    return report.startswith(_FACE_REPORT) is (reason is RejectionReason.SELFIE_MANIPULATED)


def _failed(output: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield (report, breakdown) of whatever is not clear, breakdowns within breakdowns too."""
    for report, found in output.items():
        if isinstance(found, Mapping):
            for name in _not_clear(found.get("breakdown")):
                yield report, name


def _not_clear(breakdown: object) -> Iterator[str]:
    if not isinstance(breakdown, Mapping):
        return
    for name, part in breakdown.items():
        if not isinstance(part, Mapping):
            continue
        if part.get("result") not in {None, "clear"}:
            yield str(name)
        yield from _not_clear(part.get("breakdown"))
