"""Use cases of profiles, and the people of a program."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from cardwright import access, audit
from cardwright.access import Role
from cardwright.authentication import Identity, find_identity, find_registration, list_identities
from cardwright.core.errors import Conflict, NotFound
from cardwright.db import outbox
from cardwright.db.outbox import Event
from cardwright.db.session import Session
from cardwright.db.together import together
from cardwright.users import name_store, store
from cardwright.users.domain import Profile, ProfileDetails, TimeZones, ensure_details
from cardwright.users.store import StoredDetails

NAME_CHANGED: Final = "users.name_changed"
"""The event that a person's name or date of birth is another, or known now; its subject is the user id."""
_NOWHERE: Final = "UTC"
_MOST_MOVES: Final = 10
_MOVES_COUNTED: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who registered, with their profile once they have given it, and their roles."""

    identity: Identity
    profile: Profile | None
    roles: frozenset[Role]


@dataclass(frozen=True, slots=True)
class Residence:
    """What a decision may know of a person: since when they are here, where they live and by which clock."""

    country: str | None
    registered_at: datetime | None
    zones: TimeZones


async def save_profile(
    session: Session, user_id: str, details: ProfileDetails, at: datetime, *,
    ensure_may_move: Callable[[], None],
) -> Profile:  # fmt: skip
    """Replace a person's own profile; the audit trail names what changed, not what it changed to.

    A proven phone number can be taken back here, but not replaced. `ensure_may_move` is asked before the time
    zone changes, as hours and windows of limits follow it. Raises Invalid `profile_invalid`, NotFound
    `user_not_found`, Conflict `phone_change_needs_code` and `time_zone_changed_often`.
    """
    ensure_details(details, today=at.date())
    identity = await _identity(session, user_id)
    stored = await store.details_for_update(session, user_id)
    before = None if stored is None else stored.details
    if before is not None and before.time_zone != details.time_zone:
        ensure_may_move()
        await _leave_time_zone(session, user_id, before.time_zone, at)
    verified_at = await _keep_or_take_back_phone(session, identity, stored, details, at)
    if details != before:
        await store.save_details(session, identity.program_id, user_id, details, at=at)
        if before is None or before.full_name != details.full_name:
            await name_store.save_words(session, identity.program_id, user_id, details.full_name)
        changed = {"changed": _changed_fields(before, details)}
        if {"full_name", "date_of_birth"} & set(changed["changed"]):
            await outbox.append(session, Event(NAME_CHANGED, identity.program_id, user_id, at))
        await audit.record(session, user_id, identity.program_id, "profile.changed", user_id, changed, at)
    return _profile(identity, StoredDetails(details, verified_at))


async def find_residence(session: Session, user_id: str) -> Residence:
    """Return where a person lives, who may have closed the account and be forgotten."""
    registered_at, home, left = await together(
        session,
        find_registration(session, user_id),
        store.find_home(session, user_id),
        # After the home: whoever moves in between is then found in one of both.
        store.left_zones(session, user_id),
    )
    country, present = home or (None, _NOWHERE)
    zones = tuple((ZoneInfo(name), left_at) for name, left_at in left if name != present)
    return Residence(country, registered_at, TimeZones(ZoneInfo(present), zones))


async def _leave_time_zone(session: Session, user_id: str, time_zone: str, at: datetime) -> None:
    # Each is counted in until its windows end: no decision should have to count in all the zones there are.
    if await store.count_left_zones(session, user_id, since=at - _MOVES_COUNTED) >= _MOST_MOVES:
        raise Conflict(
            "time_zone_changed_often", "You have moved to other time zones too often lately; try again later."
        )
    await store.leave_time_zone(session, user_id, time_zone, at=at)


async def _keep_or_take_back_phone(
    session: Session, identity: Identity, stored: StoredDetails | None, wanted: ProfileDetails, at: datetime
) -> datetime | None:
    if stored is None or stored.phone_verified_at is None or wanted.phone == stored.details.phone:
        return None if stored is None else stored.phone_verified_at
    if wanted.phone is not None:
        raise Conflict(
            "phone_change_needs_code", "Prove the other number with POST /v1/me/phone-verifications."
        )
    await store.save_proven_phone(session, identity.program_id, identity.user_id, None, at=at)
    await outbox.append(session, Event("users.phone_removed", identity.program_id, identity.user_id, at))
    return None


async def find_profile(session: Session, user_id: str) -> Profile | None:
    """Return a person's profile; None while they have not given one."""
    identity = await find_identity(session, user_id)
    stored = (await store.find_details(session, [user_id])).get(user_id)
    return None if identity is None or stored is None else _profile(identity, stored)


async def get_profile(session: Session, user_id: str) -> Profile:
    """Return a person's profile; raise Conflict `profile_required` while they have not given one."""
    profile = await find_profile(session, user_id)
    if profile is None:
        raise Conflict("profile_required", "Fill in the profile first, with PUT /v1/me/profile.")
    return profile


async def get_person(session: Session, user_id: str, program_id: str) -> Person:
    """Return somebody of a program; raise NotFound `user_not_found` for anybody else."""
    identity = await _identity(session, user_id)
    if identity.program_id != program_id:
        raise _nobody()
    return (await _people(session, [identity]))[0]


async def list_people(
    session: Session, *, program_id: str, before: str | None, limit: int,
    among: Collection[str] | None = None,
) -> Sequence[Person]:  # fmt: skip
    """Return everybody of a program, newest first, starting after the user id `before`; those `among` ids."""
    identities = await list_identities(
        session, program_id=program_id, before=before, limit=limit, among=among
    )
    return await _people(session, identities)


async def list_staff(session: Session, program_id: str) -> Sequence[Person]:
    """Return everybody of a program who has a role of staff, newest first: as few as a company has."""
    staff = [role for role in Role if role is not Role.CARDHOLDER]
    ids = {user_id for role in staff for user_id in await access.find_holders(session, role)}
    found = [await find_identity(session, user_id) for user_id in sorted(ids, reverse=True)]
    return await _people(session, [it for it in found if it is not None and it.program_id == program_id])


async def _identity(session: Session, user_id: str) -> Identity:
    identity = await find_identity(session, user_id)
    if identity is None:
        raise _nobody()
    return identity


async def _people(session: Session, identities: Sequence[Identity]) -> Sequence[Person]:
    user_ids = [identity.user_id for identity in identities]
    details = await store.find_details(session, user_ids)
    roles = await access.find_roles(session, user_ids)
    return [
        Person(
            identity,
            _profile(identity, details[identity.user_id]) if identity.user_id in details else None,
            roles[identity.user_id],
        )
        for identity in identities
    ]


def _profile(identity: Identity, stored: StoredDetails) -> Profile:
    details = stored.details
    return Profile(
        user_id=identity.user_id,
        full_name=details.full_name,
        phone=details.phone,
        email=identity.email,
        locale=details.locale,
        time_zone=details.time_zone,
        address=details.address,
        date_of_birth=details.date_of_birth,
        created_at=identity.created_at,
        phone_verified_at=stored.phone_verified_at,
        currency=details.currency,
    )


def _changed_fields(before: ProfileDetails | None, after: ProfileDetails) -> list[str]:
    names = [field.name for field in fields(ProfileDetails)]
    return [name for name in names if before is None or getattr(before, name) != getattr(after, name)]


def _nobody() -> NotFound:
    return NotFound("user_not_found", "There is nobody with this id.")
