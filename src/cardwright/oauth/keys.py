"""Signing keys and their turns: the next one is published before it signs, a retired one verifies on."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from joserfc import jwt
from joserfc.jwk import OKPKey

from cardwright import audit
from cardwright.db.session import Session
from cardwright.encryption import open_sealed, seal
from cardwright.oauth.jose import NotGenuine, claims_of, header_of
from cardwright.oauth.store import keys as store
from cardwright.oauth.store.keys import PRIVATE_KEY, KeyState, SigningKey

ALGORITHM: Final = "Ed25519"
KEY_SET_MAX_AGE_SECONDS: Final = 300
RETIRED_PUBLISHED: Final = timedelta(hours=24)
_PUBLISHED_BEFORE_USE: Final = timedelta(seconds=2 * KEY_SET_MAX_AGE_SECONDS)


class KeyTooYoung(ValueError):
    """Verifiers may not have seen the next key yet."""


async def ensure_signing_keys(session: Session, program_id: str, at: datetime) -> None:
    """Make a program's first active key and its next one, where they are missing."""
    for state in (KeyState.ACTIVE, KeyState.NEXT):
        if await store.find_key(session, program_id, state) is None:
            await store.add_key(session, await _new_key(session, program_id, state, at))


async def rotate_signing_keys(
    session: Session, program_id: str, at: datetime, *, is_compromised: bool = False
) -> str:
    """Let the next key sign, retire the active one, publish another next one; return the new active key's id.

    Tokens of the retired key stay good until they expire. With `is_compromised` they are refused from now on,
    and the next key need not have been published for long. Raises KeyTooYoung.
    """
    held = {key.state: key for key in await store.keys_for_update(session, program_id)}
    if set(held) != {KeyState.ACTIVE, KeyState.NEXT}:
        raise ValueError(f"{program_id} has no signing keys yet; start the server once")
    following, active = held[KeyState.NEXT], held[KeyState.ACTIVE]
    if not is_compromised and at - following.created_at < _PUBLISHED_BEFORE_USE:
        raise KeyTooYoung("the next key was published less than ten minutes ago; verifiers may not know it")
    until = at if is_compromised else at + RETIRED_PUBLISHED
    await store.save_retired(session, active.id, published_until=until)
    await store.save_active(session, following.id, at)
    await store.add_key(session, await _new_key(session, program_id, KeyState.NEXT, at))
    details = {"retired": active.id, "is_compromised": is_compromised}
    await audit.record(session, "operator", program_id, "signing_key.rotated", following.id, details, at)
    return following.id


async def key_set(session: Session, program_id: str, at: datetime) -> Sequence[Mapping[str, Any]]:
    """Return the public keys that verify our tokens, now and after the next rotation."""
    return [key.public_key for key in await store.list_published(session, program_id, at)]


async def sign(session: Session, program_id: str, claims: Mapping[str, Any], *, typ: str) -> str:
    """Return a token signed by the active key."""
    key = await store.find_key(session, program_id, KeyState.ACTIVE)
    if key is None:
        raise LookupError(f"{program_id} has no signing key")
    jwk = json.loads(await open_sealed(session, PRIVATE_KEY.place(key.id, program_id), key.private_key))
    header = {"alg": ALGORITHM, "typ": typ, "kid": key.id}
    return jwt.encode(header, dict(claims), OKPKey.import_key(jwk), algorithms=[ALGORITHM])


async def verified_claims(
    session: Session, program_id: str, text: str, *, typ: str, at: datetime
) -> Mapping[str, Any]:
    """Return what a token says that one of our published keys signed; raise NotGenuine for any other.

    The header only chooses among our own keys; a key that it brings or points at is never looked at.
    """
    key_id = header_of(text).get("kid")
    known = {key.id: key for key in await store.list_published(session, program_id, at)}
    if not isinstance(key_id, str) or key_id not in known:
        raise NotGenuine("not signed by a key of ours")
    key = OKPKey.import_key({name: str(known[key_id].public_key[name]) for name in ("kty", "crv", "x")})
    return claims_of(text, key, [ALGORITHM], typ=typ)


async def _new_key(session: Session, program_id: str, state: KeyState, at: datetime) -> SigningKey:
    key = OKPKey.generate_key(ALGORITHM)
    key_id = key.thumbprint()
    public = {**key.as_dict(private=False), "kid": key_id, "use": "sig", "alg": ALGORITHM}
    private = json.dumps(key.as_dict(private=True))
    return SigningKey(
        id=key_id,
        program_id=program_id,
        state=state,
        public_key=public,
        private_key=await seal(session, PRIVATE_KEY.place(key_id, program_id), private),
        created_at=at,
        activated_at=at if state is KeyState.ACTIVE else None,
    )
