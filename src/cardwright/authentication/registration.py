"""Registering, proving an e-mail address, and asking for another code."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, TypeAlias

from cardwright import audit
from cardwright.authentication import store
from cardwright.authentication.codes import EmailCodes
from cardwright.authentication.domain import (
    CODE_LIFETIME,
    Credentials,
    EmailCode,
    EmailVerification,
    Identity,
    Purpose,
    normalize_email,
)
from cardwright.authentication.passwords import ensure_acceptable, hash_password
from cardwright.core.errors import Conflict
from cardwright.core.ids import new_id
from cardwright.db import outbox
from cardwright.db.outbox import Event
from cardwright.db.session import Session

_ANONYMOUS: Final = "anonymous"
_NOBODY: Final = "unknown"
_Pending: TypeAlias = tuple[Identity, EmailVerification, str]


@dataclass(frozen=True, slots=True)
class NewCredentials:
    """A normalized address and the hash of an acceptable password for it."""

    email: str
    password_hash: str = field(repr=False)


async def prepare_credentials(email: str, password: str) -> NewCredentials:
    """Check an address and a password and hash the latter; slow, so call it with no transaction open."""
    address = normalize_email(email)
    return NewCredentials(address, await hash_password(ensure_acceptable(password, address)))


async def register(session: Session, new: NewCredentials, *, program_id: str, at: datetime) -> str:
    """Open a registration, ask for its code, and return its id; the id alone tells and proves nothing.

    An address that nobody has proven yet may have several registrations, each with a password and codes of
    its own: whichever is confirmed first decides. The owner of a proven address is told with
    `authentication.registration_repeated`, and the id returned is one that no code ever confirms.
    """
    registration_id = new_id("reg")
    identity = Identity(new_id("user"), program_id, new.email, None, at)
    if not await store.add_identity(session, Credentials(identity, None)):
        taken = await store.credentials_for_update(session, program_id, new.email)
        assert taken is not None  # noqa: S101 - identities are never deleted
        identity = taken.identity
    if identity.verified_at is None:
        await _request_verification(session, identity, registration_id, new.password_hash, at)
    else:
        await outbox.append(session, _event("authentication.registration_repeated", identity, at))
    details = {"registration_id": registration_id, "is_proven": identity.verified_at is not None}
    await audit.record(
        session, _ANONYMOUS, program_id, "registration.requested", identity.user_id, details, at
    )
    return registration_id


async def resend_code(
    session: Session, *, program_id: str, registration_id: str, email: str, at: datetime
) -> None:
    """Ask for a fresh code of a registration that waits for one, in place of the last; else do nothing."""
    found = await _pending_for_update(session, program_id, registration_id, email)
    if found is None:
        return
    identity, replaced, password_hash = found
    await store.clear_pending_hash(session, replaced.id)
    await _request_verification(session, identity, registration_id, password_hash, at)


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
    found = await _pending_for_update(session, program_id, registration_id, email)
    is_correct = found is not None and await _try_code(session, codes, found, code, at)
    user_id = found[0].user_id if found else _NOBODY
    details = {"registration_id": registration_id}
    if is_correct:
        await audit.record(session, user_id, program_id, "email.proven", user_id, details, at)
    else:
        await audit.record(session, _ANONYMOUS, program_id, "email.proof_failed", user_id, details, at)
    return is_correct


async def _try_code(session: Session, codes: EmailCodes, pending: _Pending, code: str, at: datetime) -> bool:
    identity, verification, password_hash = pending
    if not verification.is_open(at):
        return False
    is_correct = codes.is_correct(verification.id, code)
    await store.save_attempt(session, verification.id, used_at=at if is_correct else None)
    if is_correct:
        await store.save_verified(session, identity.user_id, password_hash, at)
        await store.end_registrations(session, identity.user_id)
        await outbox.append(session, _event("authentication.email_verified", identity, at))
    return is_correct


async def find_email_code(session: Session, codes: EmailCodes, verification_id: str) -> EmailCode | None:
    """Return the code to send for a verification and where to; None when it can prove nothing any more."""
    verification = await store.find_verification(session, verification_id)
    if verification is None or verification.pending_password_hash is None:
        return None
    identity = await store.find_identity(session, verification.user_id)
    if identity is None:
        return None
    return EmailCode(identity.email, codes.derive(verification_id), verification.expires_at)


async def create_verified_identity(
    session: Session, email: str, password: str, program_id: str, at: datetime
) -> str:
    """Return the user id of a proven identity, made on first use: for staff and worlds that are seeded.

    An existing one keeps its password; Conflict `email_unproven` when somebody registered it without proof.
    """
    address = normalize_email(email)
    found = await store.find_credentials(session, program_id, address)
    if found is None:
        new = await prepare_credentials(email, password)
        identity = Identity(new_id("user"), program_id, address, at, at)
        if await store.add_identity(session, Credentials(identity, new.password_hash)):
            return identity.user_id
        found = await store.find_credentials(session, program_id, address)
    if found is None or found.identity.verified_at is None:
        raise Conflict("email_unproven", "Somebody registered this address and has not proven it yet.")
    return found.identity.user_id


async def find_by_email(session: Session, program_id: str, email: str) -> Identity | None:
    """Return who has confirmed an address, however it is spelt; None for an address nobody confirmed."""
    found = await store.find_credentials(session, program_id, normalize_email(email))
    return found.identity if found is not None and found.identity.verified_at is not None else None


async def set_password(session: Session, user_id: str, email: str, password: str) -> None:
    """Set a proven identity's password without asking for the old one: for staff that is seeded."""
    prepared = await prepare_credentials(email, password)
    await store.save_password_hash(session, user_id, prepared.password_hash)


async def _pending_for_update(
    session: Session, program_id: str, registration_id: str, email: str
) -> _Pending | None:
    # The identity is locked before its verification, as everywhere, so that nobody waits in a circle.
    found = await store.credentials_for_update(session, program_id, normalize_email(email))
    if found is None or found.identity.verified_at is not None:
        return None
    verification = await store.pending_verification_for_update(
        session, found.identity.user_id, registration_id
    )
    if verification is None or verification.pending_password_hash is None:
        return None
    return found.identity, verification, verification.pending_password_hash


async def _request_verification(
    session: Session, identity: Identity, registration_id: str, password_hash: str, at: datetime
) -> None:
    verification = EmailVerification(
        new_id("verif"),
        registration_id,
        identity.user_id,
        Purpose.EMAIL_ADDRESS,
        at + CODE_LIFETIME,
        password_hash,
    )
    await store.add_verification(session, verification)
    await outbox.append(
        session,
        _event("authentication.verification_requested", identity, at, verification_id=verification.id),
    )


def _event(event_type: str, identity: Identity, at: datetime, **payload: str) -> Event:
    return Event(event_type, identity.program_id, identity.user_id, at, payload)
