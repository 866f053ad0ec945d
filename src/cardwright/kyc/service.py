"""Use cases of identity verification: request, start at the vendor, learn the outcome, ask for the level."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from cardwright import audit, users
from cardwright.access import Viewer
from cardwright.core.clock import Clock
from cardwright.core.errors import Conflict, NotFound
from cardwright.core.ids import new_id
from cardwright.db import outbox
from cardwright.db.jobs import Subscription, Work
from cardwright.db.outbox import Event
from cardwright.db.session import Session
from cardwright.kyc import documents, domain, store
from cardwright.kyc.domain import KycLevel, Verification, VerificationResult, VerificationState
from cardwright.kyc.ports import IdentityVerifier, Person

SILENCE_BEFORE_POLL: Final = timedelta(minutes=5)
POLL_BATCH: Final = 50
VENDOR_ACTOR: Final = "identity_verifier"
_EVENTS: Final = {
    VerificationState.APPROVED: "kyc.approved",
    VerificationState.REJECTED: "kyc.rejected",
}


async def request_verification(
    session: Session, clock: Clock, *, program_id: str, user_id: str
) -> Verification:
    """Record that a person wants to be verified; the worker starts it at the vendor.

    Raises Conflict `profile_incomplete`, `already_verified`, `verification_open` or
    `verification_not_retryable`.
    """
    _ensure_complete(await users.find_profile(session, user_id))
    domain.ensure_may_request(await store.list_of_user(session, user_id))
    now = clock.now()
    requested = Verification(
        id=new_id("idv"),
        program_id=program_id,
        user_id=user_id,
        state=VerificationState.REQUESTED,
        created_at=now,
        updated_at=now,
    )
    if not await store.insert_verification(session, requested):
        raise Conflict("verification_open", "A verification is open; finish it first.")
    payload = {"user_id": user_id}
    await outbox.append(session, Event("kyc.verification_requested", program_id, requested.id, now, payload))
    await audit.record(session, user_id, program_id, "verification.requested", requested.id, {}, now)
    return requested


async def get_verification(session: Session, verification_id: str, *, viewer: Viewer) -> Verification:
    """Return a verification within a viewer's sight; raise NotFound for any other."""
    found = await store.find_verification(session, verification_id)
    if found is None or not viewer.sees(found):
        raise NotFound("verification_unknown", "There is no such verification.")
    return found


async def page_of_user(
    session: Session, *, program_id: str, user_id: str, cursor: str | None, limit: int
) -> Sequence[Verification]:
    """Return up to `limit + 1` verifications of a person in a program, newest first."""
    return await store.page_of_user(
        session, program_id=program_id, user_id=user_id, cursor=cursor, limit=limit + 1
    )


async def find_status(session: Session, user_id: str) -> KycLevel:
    """Return how well a person is known: 0 not at all, 2 by a document."""
    return domain.level_of(await store.list_of_user(session, user_id))


async def ensure_verified(session: Session, user_id: str) -> Verification:
    """Return the approved verification of a person; raise Conflict `kyc_required` without one."""
    for known in await store.list_of_user(session, user_id):
        if known.state is VerificationState.APPROVED:
            return known
    raise Conflict("kyc_required", "Verify your identity first.")


async def start_requested(work: Work, event: Event) -> None:
    """Start a requested verification at the vendor; one that has been started is left alone."""
    async with work.transaction() as session:
        verification = await store.find_verification(session, event.subject_id)
        if verification is None or verification.state is not VerificationState.REQUESTED:
            return
        profile = await users.get_profile(session, verification.user_id)
    person = Person(full_name=profile.full_name, email=profile.email, phone=profile.phone)
    started = await work.get(IdentityVerifier).start(verification, person)
    result = VerificationResult(
        VerificationState.COLLECTING, started.provider_reference, verification.id, url=started.url
    )
    await _record(work, result)


async def refresh_verification(work: Work, provider_reference: str) -> None:
    """Ask the vendor how a verification stands and apply the answer; not one of ours is ignored."""
    await _record(work, await work.get(IdentityVerifier).look_up(provider_reference))


async def refresh_silent_verifications(work: Work) -> None:
    """Refresh open verifications whose webhook may have been lost; every failure is raised at the end."""
    async with work.transaction() as session:
        since = work.clock.now() - SILENCE_BEFORE_POLL
        references = await store.silent_references(session, since=since, limit=POLL_BATCH)
    outcomes = await asyncio.gather(
        *(refresh_verification(work, reference) for reference in references), return_exceptions=True
    )
    failures = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    if failures:
        raise ExceptionGroup("verifications could not be refreshed", failures)


async def _record(work: Work, result: VerificationResult) -> None:
    async with work.transaction() as session:
        known = await store.find_for_update(
            session, provider_reference=result.provider_reference, verification_id=result.verification_id
        )
        if known is None:
            return
        now = work.clock.now()
        changed = domain.apply(known, result, at=now)
        await store.save(session, changed, heard_at=now)
        if changed.state is not known.state:
            await _announce(session, changed, before=known.state)


async def _announce(session: Session, verification: Verification, *, before: VerificationState) -> None:
    event_type = _EVENTS.get(verification.state)
    if event_type is None:
        return
    program_id, at = verification.program_id, verification.updated_at
    payload = {"user_id": verification.user_id}
    if verification.reason is not None:
        payload["reason_code"] = verification.reason
    await outbox.append(session, Event(event_type, program_id, verification.id, at, payload))
    details = {
        "owner_id": verification.user_id,
        "before": before,
        "after": verification.state,
        "reason": verification.reason,
    }
    await audit.record(
        session, VENDOR_ACTOR, program_id, "verification.decided", verification.id, details, at
    )


def _ensure_complete(profile: users.Profile | None) -> None:
    if profile is None or profile.address is None:
        raise Conflict("profile_incomplete", "Give your name and address in your profile first.")


SUBSCRIPTIONS: Final = (
    Subscription("kyc.start_verification", "kyc.verification_requested", start_requested),
    Subscription("kyc.forget_documents", users.ERASED, documents.forget_person),
)
