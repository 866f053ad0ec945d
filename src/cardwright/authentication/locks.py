"""Staff accounts lock after ten wrong passwords in a row, for half an hour or until somebody unlocks them.

Attempts at every address are counted, known or not, so that nothing that is written or how long it takes
tells which is whose. For cardholders nothing follows: strangers could lock them out of their money, so what
slows guesses there are the budgets of signing in.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cardwright import audit
from cardwright.access import Role, find_roles
from cardwright.authentication import lock_store, store
from cardwright.authentication.domain import Credentials, address_digest
from cardwright.authentication.passwords import PasswordCheck
from cardwright.core.errors import Conflict, NotFound
from cardwright.core.ids import new_id
from cardwright.db import outbox
from cardwright.db.jobs import Work
from cardwright.db.outbox import Event
from cardwright.db.session import Session

MOST_ATTEMPTS: Final = 10
LOCK: Final = timedelta(minutes=30)
OFTEN_REFUSED: Final = "authentication.sign_in_refused_often"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try of a password at an address; `user_id` is made up for an address that nobody has."""

    program_id: str
    email: str
    user_id: str
    number: int
    is_locked: bool

    @property
    def is_last(self) -> bool:
        """Answer whether there is none left after this one."""
        return self.number == MOST_ATTEMPTS

    def is_passed_by(self, check: PasswordCheck) -> bool:
        """Answer whether the right password lets somebody in."""
        return check.is_correct and not self.is_locked


async def begin_attempt(
    session: Session, program_id: str, email: str, credentials: Credentials | None, at: datetime
) -> Attempt:
    """Count a try before its password is checked, so that many at once are not counted short.

    A locked account's password is checked all the same, and then refused whatever it was.
    """
    user_id = credentials.identity.user_id if credentials else new_id("user")
    number = await lock_store.add_attempt(
        session, program_id, address_digest(email), most=MOST_ATTEMPTS, lock=LOCK, at=at
    )
    is_staff = (await find_roles(session, [user_id]))[user_id] != {Role.CARDHOLDER}
    return Attempt(program_id, email, user_id, number, is_locked=is_staff and number > MOST_ATTEMPTS)


async def end_attempt(session: Session, attempt: Attempt, check: PasswordCheck, at: datetime) -> None:
    """Forget the failures after a success; announce the tenth failure, whoever's it is."""
    if attempt.is_passed_by(check):
        await lock_store.remove_attempts(session, attempt.program_id, address_digest(attempt.email))
    elif attempt.is_last:
        await outbox.append(session, Event(OFTEN_REFUSED, attempt.program_id, attempt.user_id, at))


async def tell_of_lock(work: Work, event: Event) -> None:
    """Record the lock and tell its owner, if the refused sign-ins were at an account of staff."""
    async with work.transaction() as session:
        identity = await store.find_identity(session, event.subject_id)
        if identity is None:
            return
        if (await find_roles(session, [identity.user_id]))[identity.user_id] == {Role.CARDHOLDER}:
            return
        details = {"minutes": LOCK // timedelta(minutes=1), "event_id": event.id}
        await audit.record(
            session, "system", identity.program_id, "account.locked", identity.user_id, details,
            event.occurred_at,
        )  # fmt: skip
        locked = Event(
            "authentication.account_locked", identity.program_id, identity.user_id, event.occurred_at,
            {"minutes": LOCK // timedelta(minutes=1)}, id=f"{event.id}_locked",
        )  # fmt: skip
        await outbox.append(session, locked)


async def unlock_account(session: Session, program_id: str, user_id: str, *, by: str, at: datetime) -> None:
    """End a lock before its time; for another person than the one who is locked out.

    Raises NotFound `user_not_found` and Conflict `unlock_by_another`. Unlocking again changes nothing.
    """
    identity = await store.find_identity(session, user_id)
    if identity is None or identity.program_id != program_id:
        raise NotFound("user_not_found", "There is nobody with this id.")
    if by == user_id:
        raise Conflict("unlock_by_another", "Somebody else has to unlock your account.")
    if await lock_store.remove_attempts(session, program_id, address_digest(identity.email)):
        await audit.record(session, by, program_id, "account.unlocked", user_id, {}, at)
