"""Passkeys: adding them, proving with them, naming and removing them."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

from cardwright.authentication.factors import codes_store, store, telling
from cardwright.authentication.factors.domain import (
    CHALLENGE_LIFETIME,
    MAX_PASSKEYS,
    CeremonyPurpose,
    Challenge,
    FactorMethod,
    Owner,
    Passkey,
)
from cardwright.authentication.factors.relying_party import RelyingParty, known_transports
from cardwright.core.errors import Conflict, NotFound
from cardwright.core.ids import new_id
from cardwright.db.session import Session

_RANDOM_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Ceremony:
    """A challenge that waits for its answer, and the options to hand to the browser."""

    id: str
    options: Mapping[str, Any]


async def begin_registration(
    session: Session, party: RelyingParty, owner: Owner, *, account: str, session_id: str, at: datetime
) -> Ceremony:
    """Let somebody add a passkey; `account` is what their device lists it under.

    The device knows the person by a random handle that tells nothing to whoever finds it.
    """
    known = await store.list_passkeys(session, owner.user_id)
    fresh = bytes_to_base64url(secrets.token_bytes(_RANDOM_BYTES))
    handle = await store.ensure_handle(session, owner, fresh, at)
    challenge = await _ask(session, owner.program_id, CeremonyPurpose.REGISTRATION, session_id, at)
    options = party.registration_options(
        handle=base64url_to_bytes(handle),
        account=account,
        challenge=base64url_to_bytes(challenge.challenge),
        known=known,
    )
    return Ceremony(challenge.id, options)


async def begin_sign_in(session: Session, party: RelyingParty, *, program_id: str, at: datetime) -> Ceremony:
    """Let anybody sign in without saying who they are: the device offers the passkeys it holds for us."""
    challenge = await _ask(session, program_id, CeremonyPurpose.SIGN_IN, None, at)
    options = party.assertion_options(challenge=base64url_to_bytes(challenge.challenge), known=())
    return Ceremony(challenge.id, options)


async def begin_step_up(
    session: Session, party: RelyingParty, owner: Owner, *, session_id: str, at: datetime
) -> Ceremony:
    """Let somebody who has a session confirm with one of their passkeys; Conflict when they have none."""
    found = await store.list_passkeys(session, owner.user_id)
    known = [passkey for passkey in found if passkey.suspended_at is None]
    if not known:
        raise Conflict("passkey_missing", "You have no passkey to confirm with.")
    challenge = await _ask(session, owner.program_id, CeremonyPurpose.STEP_UP, session_id, at)
    options = party.assertion_options(challenge=base64url_to_bytes(challenge.challenge), known=known)
    return Ceremony(challenge.id, options)


async def take_challenge(
    session: Session,
    ceremony_id: str,
    purpose: CeremonyPurpose,
    *,
    program_id: str,
    session_id: str | None,
    at: datetime,
) -> bytes | None:
    """Use a challenge up and return it; None when it was not asked for this, here, or lately.

    It is gone whatever comes of it, so the caller commits before looking at the answer.
    """
    found = await store.take_challenge(session, ceremony_id, program_id)
    if found is None or not found.is_for(purpose, session_id, at):
        return None
    return base64url_to_bytes(found.challenge)


async def add_passkey(
    session: Session,
    party: RelyingParty,
    owner: Owner,
    *,
    credential: Mapping[str, Any],
    challenge: bytes,
    name: str,
    at: datetime,
) -> Passkey:
    """Store what an authenticator made; raises Invalid `passkey_refused`, Conflict for a known one."""
    made = party.read_registration(credential, challenge)
    await store.lock_factors(session, owner.user_id)
    if len(await store.list_passkeys(session, owner.user_id)) >= MAX_PASSKEYS:
        raise Conflict("passkeys_too_many", f"One has at most {MAX_PASSKEYS} passkeys.")
    passkey = Passkey(
        id=new_id("passkey"),
        program_id=owner.program_id,
        user_id=owner.user_id,
        credential_id=made.credential_id,
        public_key=made.public_key,
        sign_count=made.sign_count,
        name=name,
        transports=known_transports(credential["response"].get("transports") or ()),
        is_backup_eligible=made.is_backup_eligible,
        is_backed_up=made.is_backed_up,
        created_at=at,
    )
    if not await store.add_passkey(session, passkey):
        raise Conflict("passkey_known", "This passkey was added before.")
    await telling.tell_added(session, owner, FactorMethod.PASSKEY, passkey.id, at)
    return passkey


async def check_passkey(
    session: Session,
    party: RelyingParty,
    *,
    credential: Mapping[str, Any],
    challenge: bytes,
    program_id: str,
    user_id: str | None,
    at: datetime,
) -> Passkey | None:
    """Return the passkey that answered a challenge; None when it is refused.

    It must be one of `user_id`'s; when None, before anybody is signed in, it must name its owner itself.

    What a refusal leaves behind counts (a counter that went backwards suspends the passkey and is told to its
    owner), so the caller commits before telling anybody.
    """
    passkey = await store.passkey_for_update(session, program_id, str(credential["id"]))
    if passkey is None:
        return None
    answer = party.read_assertion(credential, challenge, passkey.public_key)
    if answer is None:
        return None
    if not await _is_owned(session, passkey, credential, user_id):
        return None
    if passkey.suspended_at is not None or answer.is_backup_eligible is not passkey.is_backup_eligible:
        return None
    if passkey.is_rolled_back(answer.sign_count):
        await store.save_suspended(session, passkey.id, at)
        owner = Owner(passkey.user_id, passkey.program_id)
        await telling.tell_rolled_back(
            session, owner, passkey.id, known=passkey.sign_count, told=answer.sign_count, at=at
        )
        return None
    await store.save_use(
        session, passkey.id, sign_count=answer.sign_count, is_backed_up=answer.is_backed_up, at=at
    )
    return passkey


async def _is_owned(
    session: Session, passkey: Passkey, credential: Mapping[str, Any], user_id: str | None
) -> bool:
    if user_id is not None and user_id != passkey.user_id:
        return False
    handle = credential["response"].get("userHandle")
    if handle is None:
        return user_id is not None
    return bool(handle == await store.find_handle(session, passkey.user_id))


async def list_passkeys(session: Session, user_id: str) -> Sequence[Passkey]:
    """Return somebody's passkeys, oldest first."""
    return await store.list_passkeys(session, user_id)


async def rename_passkey(session: Session, owner: Owner, passkey_id: str, name: str, at: datetime) -> Passkey:
    """Name one of somebody's own passkeys; NotFound for any other."""
    renamed = await store.save_name(session, owner.user_id, passkey_id, name)
    if renamed is None:
        raise _unknown()
    await telling.note(session, owner, "passkey.renamed", passkey_id, at)
    return renamed


async def remove_passkey(session: Session, owner: Owner, passkey_id: str, at: datetime) -> None:
    """Remove one of somebody's own passkeys; with the last factor go the recovery codes."""
    await store.lock_factors(session, owner.user_id)
    if not await store.remove_passkey(session, owner.user_id, passkey_id):
        raise _unknown()
    if not await codes_store.has_factor(session, owner.user_id):
        await codes_store.remove_recovery_codes(session, owner.user_id)
    await telling.tell_removed(session, owner, FactorMethod.PASSKEY, passkey_id, at)


async def _ask(
    session: Session, program_id: str, purpose: CeremonyPurpose, session_id: str | None, at: datetime
) -> Challenge:
    challenge = Challenge(
        new_id("ceremony"), program_id, purpose, session_id,
        bytes_to_base64url(secrets.token_bytes(_RANDOM_BYTES)), at + CHALLENGE_LIFETIME,
    )  # fmt: skip
    await store.add_challenge(session, challenge, at)
    return challenge


def _unknown() -> NotFound:
    return NotFound("passkey_unknown", "You have no passkey with this id.")
