"""Verification without a vendor: the person shows documents here and hands them in, staff decides."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from cardwright.access import Viewer
from cardwright.core.errors import Conflict, NotFound, Unavailable
from cardwright.db.jobs import Work
from cardwright.db.outbox import Event
from cardwright.db.session import Session
from cardwright.kyc import documents, domain, store
from cardwright.kyc.announcing import SYSTEM, announce, record
from cardwright.kyc.documents import DocumentKind
from cardwright.kyc.domain import Verification, VerificationResult, VerificationState
from cardwright.kyc.handing_over import hand_over
from cardwright.kyc.ports import IdentityRules, Person, StartedVerification


class ManualVerifier:
    """Keeps the IdentityVerifier port: nobody is asked, and the person shows documents here."""

    async def start(self, verification: Verification, person: Person) -> StartedVerification:
        """Begin at once, under our own id and without a page."""
        del person
        return StartedVerification(verification.id, None)

    async def look_up(self, provider_reference: str) -> VerificationResult:
        """Raise Unavailable: only staff knows, and staff says so itself."""
        raise Unavailable(
            "verifier_unavailable", f"Nobody answers for {provider_reference[:40]!r} but staff."
        )


async def submit(
    session: Session, verification_id: str, *, viewer: Viewer, rules: IdentityRules, at: datetime
) -> Verification:
    """Hand in what was uploaded; the worker then puts it before staff.

    Raises NotFound `verification_unknown`; Conflict `verification_not_begun` a moment after it was asked
    for, `nothing_to_submit` where documents are shown at a vendor or were handed in, `documents_missing` with
    what is missing.
    """
    seen = await store.find_verification(session, verification_id)
    if seen is None or not viewer.sees(seen):
        raise NotFound("verification_unknown", "There is no such verification.")
    domain.submit(seen, at=at)
    # A person can lock only what they may change, so one that has moved on meanwhile is not found again.
    before = await store.find_verification(session, verification_id, lock=True) or replace(
        seen, state=VerificationState.SUBMITTED
    )
    submitted = domain.submit(before, at=at)
    _ensure_enough(await documents.kinds_kept(session, before.user_id), rules)
    await store.save_submitted(session, submitted)
    await announce(session, submitted, before=before, by=before.user_id, at=at)
    await record(session, submitted, "verification.submitted", before.user_id, at)
    return submitted


async def take_into_review(work: Work, event: Event) -> None:
    """Put before staff what was handed in here; what is at a vendor is the vendor's to look at."""
    at = work.clock.now()
    async with work.transaction() as session:
        before = await store.find_verification(session, event.subject_id, lock=True)
        if before is None or not before.is_shown_here:
            return
        taken = domain.take_into_review(before, at=at)
        if taken is before:
            return
        # People may not write whether they are reviewed. What they delete before this is not approved upon.
        await documents.begin_reviews(session, before.user_id, by=SYSTEM, at=at)
        await store.save(session, taken)
        await announce(session, taken, before=before, by=SYSTEM, at=at)
        await hand_over(session, taken, before=before, by=SYSTEM, at=at)


def _ensure_enough(kept: Collection[DocumentKind], rules: IdentityRules) -> None:
    missing = [] if documents.SHOWING_IDENTITY & set(kept) else ["identity_document"]
    if rules.needs_selfie and DocumentKind.SELFIE not in kept:
        missing.append("selfie")
    if missing:
        raise Conflict("documents_missing", f"Upload what is missing: {', '.join(missing)}.", missing=missing)
