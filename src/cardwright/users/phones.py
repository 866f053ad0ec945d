"""Proving a phone number with a code by text message; only a proven one is ever told anything else."""

from datetime import datetime
from typing import Literal

from cardwright import audit
from cardwright.audit import Action
from cardwright.authentication import CODE_LIFETIME, EmailCodes, Letter
from cardwright.core.errors import Conflict, NotFound
from cardwright.core.ids import new_id
from cardwright.db import outbox
from cardwright.db.outbox import Event
from cardwright.db.session import Session
from cardwright.users import phone_store, store
from cardwright.users.phone_store import PhoneVerification
from cardwright.users.service import get_profile

PhoneSecret = Literal["phone_code", "old_phone"]


async def request_verification(
    session: Session, *, program_id: str, user_id: str, phone: str, at: datetime
) -> PhoneVerification:
    """Have a code sent to a number, in place of any before.

    Raises Conflict `profile_required` and `phone_unchanged`.
    """
    profile = await get_profile(session, user_id)
    if profile.phone == phone and profile.phone_verified_at is not None:
        raise Conflict("phone_unchanged", "This number is proven already.")
    await phone_store.end_open(session, user_id, at)
    old_phone = profile.phone if profile.phone_verified_at else None
    verification = PhoneVerification(
        new_id("phver"), program_id, user_id, phone, old_phone, at + CODE_LIFETIME
    )
    await phone_store.add_verification(session, verification)
    await _record(session, verification, "phone.code_requested", at)
    await outbox.append(session, _event("users.phone_code_requested", verification, at))
    return verification


async def confirm_verification(
    session: Session, codes: EmailCodes, *, user_id: str, verification_id: str, code: str, at: datetime
) -> bool:
    """Make a number a person's proven one with its code, and tell the number that it takes the place of.

    False for a code that is wrong, used or expired; a wrong one is counted, so the caller commits first. Raises
    NotFound `phone_verification_not_found`.
    """
    verification = await phone_store.verification_for_update(session, verification_id)
    if verification is None or verification.user_id != user_id:
        raise NotFound("phone_verification_not_found", "You have no phone verification with this id.")
    if not verification.is_open(at):
        return False
    is_correct = codes.is_correct(verification.id, code)
    await phone_store.save_try(session, verification.id, confirmed_at=at if is_correct else None)
    if not is_correct:
        return False
    await store.save_proven_phone(session, verification.program_id, user_id, verification.phone, at=at)
    await _record(session, verification, "phone.verified", at)
    await outbox.append(session, _event("users.phone_verified", verification, at))
    if verification.old_phone is not None:
        await outbox.append(session, _event("users.phone_replaced", verification, at))
    return True


async def find_phone_letter(
    session: Session, codes: EmailCodes, which: PhoneSecret, verification_id: str
) -> Letter | None:
    """Return the code for a number, or where the number before is told; None once it is good for nothing."""
    found = await phone_store.find_verification(session, verification_id)
    if found is None:
        return None
    if which == "old_phone":
        return None if found.old_phone is None else Letter(found.old_phone, {}, None)
    if found.confirmed_at is not None or found.ended_at is not None:
        return None
    return Letter(found.phone, {"code": codes.derive(found.id)}, found.expires_at)


async def _record(session: Session, verification: PhoneVerification, action: Action, at: datetime) -> None:
    # The numbers themselves stay out of a trail that nobody can ever erase.
    details = {"phone_verification_id": verification.id, "is_replacement": verification.old_phone is not None}
    user_id = verification.user_id
    await audit.record(session, user_id, verification.program_id, action, user_id, details, at)


def _event(event_type: str, verification: PhoneVerification, at: datetime) -> Event:
    payload = {"phone_verification_id": verification.id}
    return Event(event_type, verification.program_id, verification.user_id, at, payload)
