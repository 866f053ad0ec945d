"""Use cases: create, list, replace and revoke keys; tell whose a presented key is."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from cardwright import access, audit
from cardwright.access import Viewer
from cardwright.api_keys import store, text
from cardwright.api_keys.domain import MOST_KEYS, ApiKey, ensure_lifetime, ensure_scopes
from cardwright.api_keys.text import Environment, MintedKey
from cardwright.core.errors import Conflict, NotFound
from cardwright.db.session import Session


@dataclass(frozen=True, slots=True)
class NewKey:
    """What somebody wants of a key: what it is called, what it may do, until when."""

    name: str
    scopes: frozenset[str]
    expires_at: datetime


async def create_key(
    session: Session,
    wanted: NewKey,
    environment: Environment,
    *,
    owner: access.Principal,
    at: datetime,
) -> tuple[ApiKey, MintedKey]:
    """Make a key of the asking person's own; its text exists in the answer only.

    Raises Invalid `expiry_invalid`, Forbidden `scopes_not_permitted`, Conflict `api_keys_too_many`.
    """
    ensure_lifetime(wanted.expires_at, at)
    ensure_scopes(wanted.scopes, await _permitted(session, owner))
    if await store.count_living_keys(session, owner.user_id, at=at) >= MOST_KEYS:
        raise Conflict("api_keys_too_many", f"At most {MOST_KEYS} keys count at a time; revoke one first.")
    minted = text.mint(environment)
    key = ApiKey(
        minted.id, owner.program_id, owner.user_id, wanted.name, wanted.scopes,
        text.hash_of(minted.text.reveal()), at, wanted.expires_at,
    )  # fmt: skip
    await store.add_key(session, key)
    details = {"scopes": sorted(key.scopes), "expires_at": key.expires_at.isoformat()}
    await _record(session, key, "api_key.created", owner.user_id, details, at)
    return key, minted


async def replace_key(
    session: Session,
    key_id: str,
    environment: Environment,
    *,
    owner: access.Principal,
    expires_at: datetime,
    overlap: timedelta,
    at: datetime,
) -> tuple[ApiKey, MintedKey]:
    """Make a successor with the same name and scopes; the key itself counts for `overlap` more at most.

    Only its owner can, as the answer holds the successor's text. Raises what `create_key` raises, NotFound
    `api_key_not_found` and Conflict `api_key_ended` or `api_key_replaced`.
    """
    key = await store.find_key_for_update(session, key_id)
    if key is None or key.user_id != owner.user_id or key.program_id != owner.program_id:
        raise _no_such_key()
    key.ensure_replaceable(at)
    wanted = NewKey(key.name, key.scopes, expires_at)
    successor, minted = await create_key(session, wanted, environment, owner=owner, at=at)
    ends_at = min(key.expires_at, at + overlap)
    await store.save_replaced(session, key.id, replaced_by=successor.id, expires_at=ends_at)
    details = {"replaced_by": successor.id, "expires_at": ends_at.isoformat()}
    await _record(session, key, "api_key.replaced", owner.user_id, details, at)
    return successor, minted


async def get_key(session: Session, key_id: str, *, viewer: Viewer) -> ApiKey:
    """Return a key within sight; NotFound `api_key_not_found` for any other."""
    key = await store.find_key(session, key_id)
    if key is None or not viewer.sees(key):
        raise _no_such_key()
    return key


async def list_keys(session: Session, *, viewer: Viewer, before: str | None, limit: int) -> Sequence[ApiKey]:
    """Return the keys within sight, newest first, whatever their state."""
    return await store.list_keys(
        session, program_id=viewer.program_id, owner_id=viewer.owner_id, before=before, limit=limit
    )


async def revoke_key(session: Session, key_id: str, *, viewer: Viewer, by: str, at: datetime) -> ApiKey:
    """End a key within sight at once; ending it again changes nothing.

    Raises NotFound `api_key_not_found`.
    """
    key = await store.find_key_for_update(session, key_id)
    if key is None or not viewer.sees(key):
        raise _no_such_key()
    if key.revoked_at is not None:
        return key
    await store.save_revoked(session, key.id, at=at)
    await _record(session, key, "api_key.revoked", by, {"owner_id": key.user_id}, at)
    return replace(key, revoked_at=at)


async def _permitted(session: Session, owner: access.Principal) -> AbstractSet[str]:
    roles = (await access.find_roles(session, [owner.user_id]))[owner.user_id]
    permitted = access.permissions_of(roles)
    # Credentials that are cut down themselves cannot give away more than they have.
    return permitted if owner.scopes is None else permitted & owner.scopes


async def _record(
    session: Session, key: ApiKey, action: audit.Action, by: str, details: Mapping[str, object], at: datetime
) -> None:
    await audit.record(session, by, key.program_id, action, key.id, details, at)


def _no_such_key() -> NotFound:
    return NotFound("api_key_not_found", "There is no such key.")
