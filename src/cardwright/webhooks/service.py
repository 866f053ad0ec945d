"""Use cases: make, change and delete endpoints, and give them new keys."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, TypeVar

from cardwright import audit
from cardwright.access import Actor, Reach, Viewer
from cardwright.core.errors import Conflict, NotFound
from cardwright.core.ids import new_id
from cardwright.core.sensitive import Sensitive
from cardwright.db.session import Session
from cardwright.events import CATALOGUE
from cardwright.webhooks import delivery_store, signing, store
from cardwright.webhooks.domain import (
    MOST_ENDPOINTS,
    Changes,
    DisabledBecause,
    Endpoint,
    EndpointDraft,
    Signature,
    audience_of,
    ensure_event_types,
)
from cardwright.webhooks.ports import WebhookSender
from cardwright.webhooks.store import KeptKey

T = TypeVar("T")
LONGEST_OVERLAP: Final = timedelta(hours=72)
MOST_ENDING: Final = 3
"""How many rotations may overlap: so many former secrets sign beside the present one."""


@dataclass(frozen=True, slots=True)
class Shown:
    """An endpoint with the keys that sign for it now."""

    endpoint: Endpoint
    keys: Sequence[KeptKey]


@dataclass(frozen=True, slots=True)
class Opened:
    """An endpoint whose secret exists in this answer only; None where the endpoint takes no `v1`."""

    shown: Shown
    secret: Sensitive | None


async def create_endpoint(
    session: Session, sender: WebhookSender, draft: EndpointDraft, *, by: Actor, at: datetime
) -> Opened:
    """Make an endpoint of the holder who asks, or of the program when staff asks.

    Raises Invalid `webhook_url_refused` or `event_type_unknown`, Conflict `webhook_endpoints_too_many`.
    """
    user_id = by.user_id if by.reach is Reach.OWN else None
    sender.ensure_acceptable(draft.url)
    _ensure_heard(draft.event_types, user_id)
    if await store.count_endpoints(session, by.program_id, user_id) >= MOST_ENDPOINTS:
        raise Conflict("webhook_endpoints_too_many", f"At most {MOST_ENDPOINTS} endpoints; delete one first.")
    endpoint = Endpoint(
        new_id("wep"), by.program_id, user_id, by.user_id, draft.url, draft.description, draft.event_types,
        draft.signatures, at, at,
    )  # fmt: skip
    await store.add_endpoint(session, endpoint)
    secret = await _new_keys(session, endpoint, tuple(Signature), at)
    details = {"owner_id": user_id, "event_types": list(endpoint.event_types)}
    await _record(session, endpoint, "webhook_endpoint.created", by.user_id, details, at)
    return Opened(await _shown(session, endpoint, at), secret)


async def get_endpoint(session: Session, endpoint_id: str, *, viewer: Viewer, at: datetime) -> Shown:
    """Return an endpoint within sight; NotFound `webhook_endpoint_not_found` for any other."""
    return await _shown(session, await find_seen(session, endpoint_id, viewer=viewer), at)


async def list_endpoints(
    session: Session, *, viewer: Viewer, before: str | None, limit: int, at: datetime
) -> Sequence[Shown]:
    """Return the endpoints within sight, newest first."""
    found = await store.list_endpoints(
        session, program_id=viewer.program_id, user_id=viewer.owner_id, before=before, limit=limit
    )
    keys = await store.list_keys(session, [endpoint.id for endpoint in found], at=at)
    return [Shown(endpoint, keys[endpoint.id]) for endpoint in found]


async def change_endpoint(
    session: Session, sender: WebhookSender, endpoint_id: str, changes: Changes, *, by: Actor, at: datetime
) -> Shown:
    """Change what is given. What waits for an endpoint that is switched off is canceled.

    Where and what is sent is the owner's alone, and another URL takes a factor used lately, as making an
    endpoint does: otherwise whoever gets hold of a session or a key would listen from then on.

    Raises NotFound `webhook_endpoint_not_found`, Conflict `webhook_endpoint_not_yours` when staff changes
    more of a holder's than whether it is on, StepUpRequired, Invalid `webhook_url_refused` or
    `event_type_unknown`.
    """
    before = await find_seen(session, endpoint_id, viewer=by.viewer, lock=True)
    if before.user_id not in {None, by.user_id} and changes != Changes(is_enabled=changes.is_enabled):
        raise Conflict("webhook_endpoint_not_yours", "Staff only switches a holder's endpoint off or on.")
    if changes.url not in {None, before.url}:
        by.ensure_recent_factor(at)
        sender.ensure_acceptable(str(changes.url))
    if changes.event_types is not None:
        _ensure_heard(changes.event_types, before.user_id)
    after = _changed(before, changes, at)
    if replace(after, updated_at=before.updated_at) != before:
        await store.save_endpoint(session, after)
        if before.is_enabled and not after.is_enabled:
            await delivery_store.cancel_waiting(session, after.id)
        changed = sorted(name for name in _OF_A_CHANGE if getattr(before, name) != getattr(after, name))
        details = {"owner_id": before.user_id, "changed": changed}
        await _record(session, after, "webhook_endpoint.changed", by.user_id, details, at)
    return await _shown(session, after, at)


async def delete_endpoint(session: Session, endpoint_id: str, *, by: Actor, at: datetime) -> None:
    """End an endpoint for good: nothing more is sent there, and its keys are gone.

    Raises NotFound `webhook_endpoint_not_found`.
    """
    endpoint = await find_seen(session, endpoint_id, viewer=by.viewer, lock=True)
    await delivery_store.cancel_waiting(session, endpoint.id)
    await store.mark_deleted(session, endpoint.id, at=at)
    details = {"owner_id": endpoint.user_id}
    await _record(session, endpoint, "webhook_endpoint.deleted", by.user_id, details, at)


async def rotate_keys(
    session: Session, endpoint_id: str, *, overlap: timedelta, by: Actor, at: datetime
) -> Opened:
    """Give an endpoint new keys; the present ones sign beside them for `overlap` more.

    What an earlier rotation promised holds: its old keys sign until their end, unless `overlap` is none,
    which ends all at once.

    Raises NotFound `webhook_endpoint_not_found`; Conflict `webhook_endpoint_not_yours` when staff asks for a
    holder's, as whoever asks reads the secret, and `webhook_secrets_too_many` while MOST_ENDING former ones
    sign.
    """
    endpoint = await find_seen(session, endpoint_id, viewer=by.viewer, lock=True)
    if endpoint.user_id not in {None, by.user_id}:
        raise Conflict("webhook_endpoint_not_yours", "Only its owner can read a new secret.")
    if overlap and len(await _ending(session, endpoint, at)) >= MOST_ENDING:
        raise Conflict(
            "webhook_secrets_too_many",
            f"{MOST_ENDING} former secrets sign already. Wait until one ends, or end all by an overlap of 0.",
        )
    await store.end_keys(session, endpoint.id, at=at, until=at + overlap)
    secret = await _new_keys(session, endpoint, tuple(Signature), at)
    details = {"owner_id": endpoint.user_id, "overlap_seconds": int(overlap.total_seconds())}
    await _record(session, endpoint, "webhook_endpoint.secret_rotated", by.user_id, details, at)
    return Opened(await _shown(session, endpoint, at), secret)


async def find_seen(session: Session, endpoint_id: str, *, viewer: Viewer, lock: bool = False) -> Endpoint:
    """Return an endpoint within sight; NotFound `webhook_endpoint_not_found` for any other."""
    endpoint = await store.find_endpoint(session, endpoint_id, lock=lock)
    if endpoint is None or not sees(viewer, endpoint.program_id, endpoint.user_id):
        raise NotFound("webhook_endpoint_not_found", "There is no such endpoint.")
    return endpoint


def sees(viewer: Viewer, program_id: str, user_id: str | None) -> bool:
    """Answer whether something of an endpoint's owner, None for the program itself, is within sight."""
    return program_id == viewer.program_id and viewer.owner_id in {None, user_id}


_OF_A_CHANGE: Final = ("url", "description", "event_types", "signatures", "disabled_because")


def _changed(endpoint: Endpoint, changes: Changes, at: datetime) -> Endpoint:
    changed = replace(
        endpoint,
        url=_or(changes.url, endpoint.url),
        event_types=_or(changes.event_types, endpoint.event_types),
        description=_or(changes.description, endpoint.description),
        signatures=_or(changes.signatures, endpoint.signatures),
        updated_at=at,
    )
    if changes.is_enabled is True and not endpoint.is_enabled:
        return replace(changed, disabled_because=None, disabled_at=None, failing_since=None)
    if changes.is_enabled is False and endpoint.is_enabled:
        return replace(changed, disabled_because=DisabledBecause.BY_OWNER, disabled_at=at)
    return changed


def _or(asked: T | None, present: T) -> T:
    return present if asked is None else asked


def _ensure_heard(event_types: Sequence[str], user_id: str | None) -> None:
    audiences = {name: kind.audience for name, kind in CATALOGUE.items()}
    ensure_event_types(event_types, audiences, audience_of(user_id))


async def _new_keys(
    session: Session, endpoint: Endpoint, signatures: Sequence[Signature], at: datetime
) -> Sensitive | None:
    # Of both schemes from the start: which of them sign can be changed without showing anything.
    keys = [signing.mint(signature) for signature in signatures]
    for key in keys:
        await store.add_key(session, new_id("whk"), endpoint, key, at=at)
    secrets = {key.signature: key.text for key in keys}
    return secrets[Signature.HMAC] if Signature.HMAC in endpoint.signatures else None


async def _ending(session: Session, endpoint: Endpoint, at: datetime) -> Sequence[KeptKey]:
    keys = (await store.list_keys(session, [endpoint.id], at=at))[endpoint.id]
    return [key for key in keys if key.signature is Signature.HMAC and key.ends_at is not None]


async def _shown(session: Session, endpoint: Endpoint, at: datetime) -> Shown:
    return Shown(endpoint, (await store.list_keys(session, [endpoint.id], at=at))[endpoint.id])


async def _record(
    session: Session,
    endpoint: Endpoint,
    action: audit.Action,
    by: str,
    details: Mapping[str, object],
    at: datetime,
) -> None:
    await audit.record(session, by, endpoint.program_id, action, endpoint.id, details, at)
