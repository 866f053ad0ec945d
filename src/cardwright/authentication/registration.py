"""Registering, proving an e-mail address, and asking for another code."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from cardwright import audit
from cardwright.authentication import store, verification_store
from cardwright.authentication.codes import EmailCodes
from cardwright.authentication.domain import (
    CODE_LIFETIME,
    Credentials,
    EmailVerification,
    Identity,
    Purpose,
    normalize_email,
)
from cardwright.authentication.letters import Letter
from cardwright.authentication.passwords import ensure_acceptable, hash_password
from cardwright.core.ids import new_id
from cardwright.db import outbox
from cardwright.db.jobs import Work
from cardwright.db.outbox import Event
from cardwright.db.session import Session

RESEND_REQUESTED: Final = "authentication.code_resend_requested"
_CODE_REQUESTED: Final = "authentication.verification_requested"
_RESEND: Final = "resend"
_ANONYMOUS: Final = "anonymous"
_NOBODY: Final = "unknown"


@dataclass(frozen=True, slots=True)
class NewCredentials:
    """A normalized address and the hash of an acceptable password for it."""

    email: str
    password_hash: str = field(repr=False)


async def prepare_credentials(email: str, password: str) -> NewCredentials:
    """Check an address and a password and hash the latter; slow, so call it with no transaction open."""
    address = normalize_email(email)
    return NewCredentials(address, await hash_password(ensure_acceptable(password, address)))


async def register(
    session: Session, new: NewCredentials, *, program_id: str, at: datetime, language: str | None = None
) -> str:
    """Open a registration, ask for its code, and return its id; the id alone tells and proves nothing.

    The code is sent in the `language` (a BCP 47 tag) that the request asks for, as there is no profile yet.

    An address that nobody has proven yet may have several registrations, each with a password and codes of
    its own: whichever is confirmed first decides. The owner of a proven address is told with
    `authentication.registration_repeated`, and the id returned is one that no code ever confirms. The same
    statements are made in either case.
    """
    identity = await _identity_for_update(session, new.email, program_id, at)
    is_proven = identity.verified_at is not None
    pending_hash = None if is_proven else new.password_hash
    verification = _verification(identity, new_id("reg"), pending_hash, at)
    await verification_store.add_verification(session, verification)
    await outbox.append(
        session,
        _event("authentication.registration_repeated", identity, at)
        if is_proven
        else _event(_CODE_REQUESTED, identity, at, verification_id=verification.id, **_spoken(language)),
    )
    details = {"registration_id": verification.registration_id, "is_proven": is_proven}
    await audit.record(
        session, _ANONYMOUS, program_id, "registration.requested", identity.user_id, details, at
    )
    return verification.registration_id


async def request_resend(
    session: Session,
    codes: EmailCodes,
    *,
    program_id: str,
    registration_id: str,
    email: str,
    at: datetime,
    language: str | None = None,
) -> None:
    """Note that another code is wanted for a normalized address; what becomes of it is not found out here."""
    proof = codes.token(_RESEND, f"{registration_id}.{email}")
    payload = {"proof": proof, **_spoken(language)}
    await outbox.append(session, Event(RESEND_REQUESTED, program_id, registration_id, at, payload))
    await audit.record(session, _ANONYMOUS, program_id, "code.requested", registration_id, {}, at)


async def resend_requested_code(work: Work, event: Event) -> None:
    """Resend, if the address that was given is the registration's own."""
    async with work.transaction() as session:
        identity = await verification_store.find_registrant(session, event.subject_id)
        if identity is None:
            return
        codes, proof = work.get(EmailCodes), str(event.payload["proof"])
        if codes.is_token(_RESEND, f"{event.subject_id}.{identity.email}", proof):
            await resend_code(
                session, program_id=identity.program_id, registration_id=event.subject_id,
                email=identity.email, at=work.clock.now(), language=event.payload.get("language"),
            )  # fmt: skip


async def resend_code(
    session: Session,
    *,
    program_id: str,
    registration_id: str,
    email: str,
    at: datetime,
    language: str | None = None,
) -> None:
    """Ask for a fresh code of a registration that waits for one, in place of the last; else do nothing."""
    found = await _newest_for_update(session, program_id, registration_id, email)
    if found is None:
        return
    identity, replaced = found
    if identity.verified_at is not None or replaced.pending_password_hash is None:
        return
    await verification_store.clear_pending_hash(session, replaced.id)
    verification = _verification(identity, registration_id, replaced.pending_password_hash, at)
    await verification_store.add_verification(session, verification)
    asked = _event(_CODE_REQUESTED, identity, at, verification_id=verification.id, **_spoken(language))
    await outbox.append(session, asked)


async def verify_email(
    session: Session,
    codes: EmailCodes,
    *,
    program_id: str,
    registration_id: str,
    email: str,
    code: str,
    at: datetime,
) -> bool:
    """Prove an address with the newest code of one registration, whose password becomes the identity's.

    False for whatever reason it is not proven. A wrong code is counted against this registration only, so the
    caller commits before telling anybody that it was wrong.
    """
    found = await _newest_for_update(session, program_id, registration_id, email)
    is_correct = found is not None and await _try_code(session, codes, *found, code, at)
    user_id = found[0].user_id if found else _NOBODY
    details = {"registration_id": registration_id}
    if is_correct:
        await audit.record(session, user_id, program_id, "email.proven", user_id, details, at)
    else:
        await audit.record(session, _ANONYMOUS, program_id, "email.proof_failed", user_id, details, at)
    return is_correct


async def _try_code(
    session: Session,
    codes: EmailCodes,
    identity: Identity,
    verification: EmailVerification,
    code: str,
    at: datetime,
) -> bool:
    if not verification.is_open(at):
        return False
    password_hash = None if identity.verified_at is not None else verification.pending_password_hash
    is_correct = codes.is_correct(verification.id, code) and password_hash is not None
    await verification_store.save_attempt(session, verification.id, used_at=at if is_correct else None)
    if is_correct and password_hash is not None:
        await _prove(session, identity, password_hash, at)
        await outbox.append(session, _event("authentication.email_verified", identity, at))
    return is_correct


async def find_verification_letter(
    session: Session, codes: EmailCodes, verification_id: str
) -> Letter | None:
    """Return the code to send for a verification and where to; None when it can prove nothing any more."""
    verification = await verification_store.find_verification(session, verification_id)
    if verification is None or verification.pending_password_hash is None:
        return None
    identity = await store.find_identity(session, verification.user_id)
    if identity is None:
        return None
    return Letter(identity.email, {"code": codes.derive(verification_id)}, verification.expires_at)


async def create_verified_identity(
    session: Session, email: str, password: str, program_id: str, at: datetime
) -> str:
    """Return the user id of a proven identity, made on first use: for staff and worlds that are seeded.

    A proven one keeps its password. Whoever registered the address without proving it loses to this.
    """
    address = normalize_email(email)
    found = await store.find_credentials(session, program_id, address)
    if found is not None and found.identity.verified_at is not None:
        return found.identity.user_id
    new = await prepare_credentials(email, password)
    identity = await _identity_for_update(session, address, program_id, at)
    if identity.verified_at is None:
        await _prove(session, identity, new.password_hash, at)
    return identity.user_id


async def find_by_email(session: Session, program_id: str, email: str) -> Identity | None:
    """Return who has confirmed an address, however it is spelt; None for an address nobody confirmed."""
    found = await store.find_credentials(session, program_id, normalize_email(email))
    return found.identity if found is not None and found.identity.verified_at is not None else None


async def find_registered(session: Session, program_id: str, email: str) -> Identity | None:
    """Return who has registered with an address, confirmed or not."""
    found = await store.find_credentials(session, program_id, normalize_email(email))
    return None if found is None else found.identity


async def set_password(session: Session, user_id: str, email: str, password: str) -> None:
    """Set a proven identity's password without asking for the old one: for staff that is seeded."""
    prepared = await prepare_credentials(email, password)
    await store.save_password_hash(session, user_id, prepared.password_hash)


async def _identity_for_update(session: Session, email: str, program_id: str, at: datetime) -> Identity:
    while True:
        await store.add_identity(
            session, Credentials(Identity(new_id("user"), program_id, email, None, at), None)
        )
        held = await store.credentials_for_update(session, program_id, email)
        # An abandoned one may be cleared away between the two: then there is room for a new one.
        if held is not None:
            return held.identity


async def _newest_for_update(
    session: Session, program_id: str, registration_id: str, email: str
) -> tuple[Identity, EmailVerification] | None:
    # The identity is locked before its verification, as everywhere, so that nobody waits in a circle.
    found = await store.credentials_for_update(session, program_id, normalize_email(email))
    if found is None:
        return None
    newest = await verification_store.newest_verification_for_update(
        session, found.identity.user_id, registration_id
    )
    return None if newest is None else (found.identity, newest)


async def _prove(session: Session, identity: Identity, password_hash: str, at: datetime) -> None:
    await store.save_verified(session, identity.user_id, password_hash, at)
    await verification_store.end_registrations(session, identity.user_id)


def _verification(
    identity: Identity, registration_id: str, pending_hash: str | None, at: datetime
) -> EmailVerification:
    return EmailVerification(
        new_id("verif"),
        registration_id,
        identity.user_id,
        Purpose.EMAIL_ADDRESS,
        at + CODE_LIFETIME,
        pending_hash,
    )


def _spoken(language: str | None) -> dict[str, str]:
    return {} if language is None else {"language": language}


def _event(event_type: str, identity: Identity, at: datetime, **payload: str) -> Event:
    return Event(event_type, identity.program_id, identity.user_id, at, payload)
