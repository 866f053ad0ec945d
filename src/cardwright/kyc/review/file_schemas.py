"""How the file of a review is shown."""

from datetime import date, datetime
from typing import Self

from pydantic import Field

from cardwright.http.strict import Id, Output
from cardwright.kyc.documents import DocumentKind
from cardwright.kyc.documents.schemas import DocumentView
from cardwright.kyc.domain import RejectionReason, Verification, VerificationState
from cardwright.kyc.review.file import ReviewFile
from cardwright.kyc.review.schemas import ReviewView
from cardwright.kyc.screening.schemas import HitView
from cardwright.users import Profile
from cardwright.worklists import ActivityView, NoteView


class SaidAddress(Output):
    """Where the person says that they live."""

    line1: str
    city: str
    postal_code: str
    country: str


class SaidProfile(Output):
    """What the person says of themselves, to hold documents against; how to reach them is not shown."""

    full_name: str
    date_of_birth: date
    address: SaidAddress | None
    locale: str
    registered_at: datetime
    has_proven_phone: bool

    @classmethod
    def of(cls, profile: Profile) -> Self:
        """Show it."""
        address = profile.address
        return cls(
            full_name=profile.full_name, date_of_birth=profile.date_of_birth,
            address=address and SaidAddress.model_validate(address), locale=profile.locale,
            registered_at=profile.created_at, has_proven_phone=profile.proven_phone is not None,
        )  # fmt: skip


class JudgedVerification(Output):
    """An attempt to be verified, with what its vendor answered and what staff made of it."""

    id: Id
    provider: str
    provider_reference: str | None = Field(description="Its id at the vendor.")
    status: VerificationState
    reason_code: RejectionReason | None
    vendor_answer: VerificationState | None = Field(description="What the vendor decided, if it did.")
    vendor_reason: RejectionReason | None
    contradicted_by: VerificationState | None = Field(
        description="What the vendor said later, against what stands."
    )
    decided_by: Id | None = Field(description="Who of staff decided, where somebody did.")
    sent_back_at: datetime | None
    missing: list[DocumentKind] = Field(description="What the person was asked for last.")
    good_until: datetime | None
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, known: Verification) -> Self:
        """Show it, without the address that would let anybody verify as this person."""
        return cls(
            id=known.id, provider=known.provider, provider_reference=known.provider_reference,
            status=known.state, reason_code=known.reason, vendor_answer=known.answer,
            vendor_reason=known.answer_reason, contradicted_by=known.contradicted_by,
            decided_by=known.decided_by, sent_back_at=known.sent_back_at, missing=list(known.missing),
            good_until=known.good_until,
            created_at=known.created_at, updated_at=known.updated_at,
        )  # fmt: skip


class ReviewFileView(Output):
    """A review with everything there is to judge by: lists newest first, history and notes oldest first."""

    review: ReviewView
    profile: SaidProfile | None = Field(description="Null where none was given, or it is forgotten.")
    verifications: list[JudgedVerification]
    documents: list[DocumentView] = Field(
        description="Look at one with POST /v1/identity-documents/{document_id}/views."
    )
    hits: list[HitView] = Field(description="Whom of the lists they may be, both names beside each other.")
    earlier_reviews: list[ReviewView]
    activities: list[ActivityView]
    notes: list[NoteView]

    @classmethod
    def of(cls, file: ReviewFile, at: datetime) -> Self:
        """Show it."""
        return cls(
            review=ReviewView.of(file.review, at),
            profile=file.profile and SaidProfile.of(file.profile),
            verifications=[JudgedVerification.of(it) for it in file.verifications],
            documents=[DocumentView.of(it) for it in file.documents],
            hits=[HitView.of_file(it) for it in file.hits],
            earlier_reviews=[ReviewView.of(it, at) for it in file.earlier],
            activities=[ActivityView.of(it) for it in file.activities],
            notes=[NoteView.of(it) for it in file.notes],
        )
