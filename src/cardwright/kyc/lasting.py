"""What ends by itself: attempts that nobody goes on with, and approvals that have to be renewed."""

from datetime import datetime
from typing import Final

from cardwright import users
from cardwright.core.errors import Conflict
from cardwright.db.jobs import Work
from cardwright.db.session import Session
from cardwright.kyc import domain, standing, store
from cardwright.kyc.announcing import EXPIRED, REVERIFICATION_DUE, SYSTEM, announce, record, tell
from cardwright.kyc.domain import Verification
from cardwright.kyc.handing_over import hand_over
from cardwright.kyc.ports import IdentityRules

_AT_ONCE: Final = 100


async def sweep_verifications(work: Work) -> None:
    """Expire attempts that collect for too long, and tell of approvals that are due or over, once each."""
    await _expire_silent(work)
    await _tell_of_ends(work)


async def require_reverification(
    session: Session, user_id: str, *, program_id: str, reason: str, by: str, at: datetime
) -> Verification:
    """Ask a verified person to be verified again within the notice, after which their approval is over.

    Asked again, the day stays as it is. Raises NotFound for nobody of the program, Conflict `not_verified`.
    """
    await users.get_person(session, user_id, program_id)
    before = standing.best_approval(await store.list_of_user(session, user_id, lock=True))
    if before is None:
        raise Conflict("not_verified", "There is no approval that could be renewed.")
    required = domain.require_renewal(before, at=at)
    if required.good_until == before.good_until and required.renew_from == before.renew_from:
        return before
    await store.save(session, required)
    await store.save_told(session, required.id, "due")
    await _tell_due(session, required, at)
    details = {"reason": reason, "until": str(required.good_until)}
    await record(session, required, "verification.renewal_required", by, at, **details)
    return required


async def _expire_silent(work: Work) -> None:
    at = work.clock.now()
    since = at - work.get(IdentityRules).silent_for
    async with work.transaction() as session:
        for silent in await store.silent_for_update(session, since=since, limit=_AT_ONCE):
            expired = domain.expire(silent, at=at)
            await store.save(session, expired)
            await announce(session, expired, before=silent, by=SYSTEM, at=at)
            await hand_over(session, expired, before=silent, by=SYSTEM, at=at)
            await record(session, expired, "verification.expired", SYSTEM, at, what="attempt")


async def _tell_of_ends(work: Work) -> None:
    at = work.clock.now()
    async with work.transaction() as session:
        for ending in await store.untold_for_update(session, at=at, limit=_AT_ONCE):
            best = standing.best_approval(await store.list_of_user(session, ending.user_id))
            is_over = ending.good_until is not None and ending.good_until <= at
            await store.save_told(session, ending.id, "over" if is_over else "due")
            if best is None or best.id != ending.id:
                continue  # renewed before anybody had to be told
            if is_over:
                payload = {"user_id": ending.user_id, "what": "approval"}
                await tell(session, ending, EXPIRED, payload, at)
                await record(session, ending, "verification.expired", SYSTEM, at, what="approval")
            else:
                await _tell_due(session, ending, at)


async def _tell_due(session: Session, approval: Verification, at: datetime) -> None:
    until = "" if approval.good_until is None else approval.good_until.date().isoformat()
    payload = {"user_id": approval.user_id, "until": until}
    await tell(session, approval, REVERIFICATION_DUE, payload, at)
