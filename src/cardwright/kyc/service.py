"""Use cases of identity verification: request, start at the vendor, learn the outcome, ask for the level."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
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
from cardwright.kyc import documents, domain, handing_over, levels, manual, standing, store
from cardwright.kyc.announcing import SUBMITTED, announce
from cardwright.kyc.documents import DocumentKind
from cardwright.kyc.domain import (
    KycLevel,
    RejectionReason,
    Verification,
    VerificationResult,
    VerificationState,
)
from cardwright.kyc.levels import Allowance
from cardwright.kyc.ports import (
    DEFAULT_VERIFIER,
    IdentityRules,
    IdentityVerifiers,
    NotBegun,
    Person,
    StartedVerification,
)
from cardwright.kyc.standing import HOLDING, NEXT_STEPS, SUBMIT_HERE, SUBMIT_MORE, Standing

SILENCE_BEFORE_POLL: Final = timedelta(minutes=5)
POLL_BATCH: Final = 50
VENDOR_ACTOR: Final = "identity_verifier"
_NO_RULES: Final = IdentityRules()


async def request_verification(
    session: Session, clock: Clock, *, program_id: str, user_id: str, rules: IdentityRules = _NO_RULES
) -> Verification:
    """Record that a person wants to be verified; the worker starts it at the vendor.

    What an approval is good for is agreed now: `rules` that change later change nothing about it.

    Raises Conflict `profile_incomplete`, `already_verified`, `verification_open` or
    `verification_not_retryable`.
    """
    _ensure_complete(await users.find_profile(session, user_id))
    now = clock.now()
    _, screened = await store.find_status(session, user_id)
    standing.ensure_may_request(await store.list_of_user(session, user_id), screened, at=now)
    requested = Verification(
        id=new_id("idv"),
        program_id=program_id,
        user_id=user_id,
        state=VerificationState.REQUESTED,
        created_at=now,
        updated_at=now,
        good_for=rules.approval_lasts,
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


@dataclass(frozen=True, slots=True)
class PersonStanding:
    """Where a person stands, by which verification, what they can do next, and what their level allows.

    `until` is when an approval ends, or has ended. `missing` is what staff asked for, and `message` what they
    said, until something was handed in.
    """

    standing: Standing
    next_step: str
    verification: Verification | None
    allowance: Allowance
    can_begin: bool
    can_submit: bool
    reason: RejectionReason | None
    until: datetime | None
    missing: tuple[DocumentKind, ...] = ()
    message: str | None = None


async def find_standing(session: Session, program_id: str, user_id: str, *, at: datetime) -> PersonStanding:
    """Return where a person stands."""
    verifications = await store.list_of_user(session, user_id)
    until, screened = await store.find_status(session, user_id)
    try:
        standing.ensure_may_request(verifications, screened, at=at)
        can_begin = True
    except Conflict:
        can_begin = False
    found, known = (
        standing.standing_of(verifications, screened, at=at),
        standing.decisive(verifications, at=at),
    )
    can_submit = found is Standing.COLLECTING and known is not None and known.can_submit
    asked = known if can_submit and known is not None and known.sent_back_at is not None else None
    here = SUBMIT_HERE if asked is None else SUBMIT_MORE
    return PersonStanding(
        found, here if can_submit else NEXT_STEPS[found], known,
        await levels.find_allowance(session, program_id, user_id, at=at), can_begin, can_submit,
        standing.reason_of(verifications, screened, at=at) if found is Standing.REJECTED else None, until,
        () if asked is None else asked.missing,
        None if asked is None else await store.read_message(session, asked),
    )  # fmt: skip


async def ensure_verified(session: Session, user_id: str, *, at: datetime) -> Verification:
    """Return the good approval of a person; raise Conflict `kyc_required` without one, or if it is held."""
    verifications = await store.list_of_user(session, user_id)
    _, screened = await store.find_status(session, user_id)
    found = standing.best_approval(verifications)
    if (
        found is None
        or standing.level_of(found.good_until, screened, is_reachable=False, at=at) is not KycLevel.FULL
    ):
        raise Conflict("kyc_required", "Verify your identity first.")
    return found


async def start_requested(work: Work, event: Event) -> None:
    """Start a requested verification at the vendor; one that has been started is left alone."""
    async with work.transaction() as session:
        verification = await store.find_verification(session, event.subject_id)
        if verification is None or verification.state is not VerificationState.REQUESTED:
            return
        profile = await users.get_profile(session, verification.user_id)
    person = Person(full_name=profile.full_name, email=profile.email, phone=profile.phone)
    begun = await _start(work, verification, person)
    if begun is None:
        return
    provider, started = begun
    result = VerificationResult(
        VerificationState.COLLECTING, started.provider_reference, verification.id, url=started.url
    )
    await _record(work, provider, result)


async def refresh_verification(
    work: Work, provider_reference: str, *, provider: str = DEFAULT_VERIFIER
) -> None:
    """Ask a vendor how a verification stands and apply the answer; not one of ours is ignored."""
    answer = await work.get(IdentityVerifiers).of(provider).look_up(provider_reference)
    await _record(work, provider, answer)


async def refresh_silent_verifications(work: Work) -> None:
    """Refresh open verifications whose webhook may have been lost; every failure is raised at the end."""
    async with work.transaction() as session:
        since = work.clock.now() - SILENCE_BEFORE_POLL
        references = await store.silent_references(session, since=since, limit=POLL_BATCH)
    outcomes = await asyncio.gather(
        *(refresh_verification(work, reference, provider=provider) for provider, reference in references),
        return_exceptions=True,
    )
    failures = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    if failures:
        raise ExceptionGroup("verifications could not be refreshed", failures)


async def _start(
    work: Work, verification: Verification, person: Person
) -> tuple[str, StartedVerification] | None:
    """Start at the first vendor that is up; NotBegun when none is, Unavailable when nobody knows.

    Where a vendor may have begun, no other one is asked: a person has one verification, not two.
    """
    verifiers = work.get(IdentityVerifiers)
    async with work.transaction() as session:
        noted = await store.note_attempt(session, verification.id, first=verifiers.order[0])
    if noted is None:
        return None
    provider, is_only_attempt = noted
    while True:
        try:
            return provider, await verifiers.of(provider).start(verification, person)
        except NotBegun:
            following = verifiers.after(provider)
            if not is_only_attempt or not await _pass_on(work, verification.id, following):
                raise
            if following is None:
                raise
            provider = following


async def _pass_on(work: Work, verification_id: str, to: str | None) -> bool:
    async with work.transaction() as session:
        return await store.pass_on(session, verification_id, to=to)


async def _record(work: Work, provider: str, result: VerificationResult) -> None:
    async with work.transaction() as session:
        known = await store.find_for_update(
            session,
            provider=provider,
            provider_reference=result.provider_reference,
            verification_id=result.verification_id,
        )
        if known is None:
            return
        now = work.clock.now()
        _, screened = await store.find_status(session, known.user_id)
        changed = domain.apply(known, result, at=now, is_held=screened in HOLDING)
        await store.save_heard(session, changed, heard_at=now)
        await announce(session, changed, before=known, by=VENDOR_ACTOR, at=now)
        await handing_over.hand_over(session, changed, before=known, by=VENDOR_ACTOR, at=now)


def _ensure_complete(profile: users.Profile | None) -> None:
    if profile is None or profile.address is None:
        raise Conflict("profile_incomplete", "Give your name and address in your profile first.")


SUBSCRIPTIONS: Final = (
    Subscription("kyc.start_verification", "kyc.verification_requested", start_requested),
    Subscription("kyc.take_into_review", SUBMITTED, manual.take_into_review),
    *handing_over.SUBSCRIPTIONS,
    Subscription("kyc.forget_documents", users.ERASED, documents.forget_person),
)
