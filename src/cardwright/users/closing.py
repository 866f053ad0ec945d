"""Closing one's account: refused while anything is left, then irrevocable, and soon forgotten.

What holds an account back is known by the slices that keep it: each contributes a `Holdback`. The books, the
audit trail and what the law wants kept stay; they name nobody but an id.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from cardwright import access, audit, authentication
from cardwright.access import Role
from cardwright.core.errors import Conflict
from cardwright.db import outbox
from cardwright.db.jobs import Work
from cardwright.db.outbox import Event
from cardwright.db.session import Session
from cardwright.users import name_store, phone_store, store

ERASED: Final = "users.account_erased"
_NUMBERS_KEPT: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Something that has to be done before an account can be closed; `code` is stable."""

    code: str
    message: str


class Holdback(Protocol):
    """Finds what one slice keeps for a person that must not be lost."""

    async def __call__(self, session: Session, *, program_id: str, user_id: str) -> Sequence[Obstacle]:
        """Return what has to be done first; nothing when this slice lets the person go."""
        ...


class Holdbacks(tuple[Holdback, ...]):
    """What all slices together hold an account back for."""

    __slots__ = ()


async def close_account(
    session: Session, holdbacks: Holdbacks, *, program_id: str, user_id: str, at: datetime
) -> None:
    """Close an account for good; raise Conflict `account_held` with all `obstacles` that are left."""
    # First of all, so that the person's sessions are over for whatever comes after it.
    await authentication.close_account(session, user_id, at)
    obstacles = [*await _roles_left(session, user_id)]
    for find_obstacles in holdbacks:
        obstacles += await find_obstacles(session, program_id=program_id, user_id=user_id)
    if obstacles:
        raise Conflict(
            "account_held",
            "The account cannot be closed yet: " + " ".join(found.message for found in obstacles),
            obstacles=[{"code": found.code, "message": found.message} for found in obstacles],
        )
    await phone_store.end_open(session, user_id, at)
    await audit.record(session, user_id, program_id, "account.closed", user_id, {}, at)
    await outbox.append(session, Event("users.account_closed", program_id, user_id, at))


async def erase_closed_accounts(work: Work) -> None:
    """Erase the personal data of accounts that were closed, once their owners have been told."""
    at = work.clock.now()
    async with work.transaction() as session:
        for identity in await authentication.list_erasable(session, at):
            user_id, program_id = identity.user_id, identity.program_id
            await authentication.erase_closed(session, identity, at)
            await store.remove_details(session, user_id)
            await name_store.remove_words(session, user_id)
            await phone_store.remove_verifications_of(session, user_id)
            await audit.record(session, "system", program_id, "account.erased", user_id, {}, at)
            await outbox.append(session, Event(ERASED, program_id, user_id, at))


async def forget_old_numbers(work: Work) -> None:
    """Forget the numbers that were to be proven a day ago; a proven one stands in its owner's profile."""
    async with work.transaction() as session:
        await phone_store.remove_verifications_before(session, work.clock.now() - _NUMBERS_KEPT)


async def _roles_left(session: Session, user_id: str) -> Sequence[Obstacle]:
    roles = (await access.find_roles(session, [user_id]))[user_id]
    if roles == {Role.CARDHOLDER}:
        return ()
    return (Obstacle("staff_role_held", "Have your staff roles taken away first."),)
