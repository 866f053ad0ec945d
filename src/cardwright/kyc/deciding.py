"""What staff makes of a verification: approve it, reject it, or ask for more. No vendor outweighs it."""

from collections.abc import Sequence
from datetime import datetime

from cardwright.core.errors import Conflict, NotFound
from cardwright.db.session import Session
from cardwright.kyc import documents, domain, store
from cardwright.kyc.announcing import announce, record
from cardwright.kyc.documents import DocumentKind
from cardwright.kyc.domain import RejectionReason, Verification
from cardwright.kyc.standing import HOLDING


async def decide(
    session: Session, verification_id: str, *, approve: bool, reason: RejectionReason | None, by: str,
    at: datetime,
) -> Verification:  # fmt: skip
    """Approve a verification, or reject it for a reason; the person is told, and the trail names `by`.

    Whether that is theirs to do is the caller's to check: who may, overrides, and what screening found.
    Raises NotFound `verification_unknown`; Conflict `verification_undecidable` before anything was handed in.
    """
    before = await _for_update(session, verification_id)
    decided = domain.decide(before, approve=approve, reason=reason, by=by, at=at)
    await store.save(session, decided)
    await announce(session, decided, before=before, by=by, at=at)
    if (decided.state, decided.reason) == (before.state, before.reason):
        # Upheld: nobody is told anew, but who upheld it is.
        details = {"before": before.state, "after": decided.state, "reason": decided.reason}
        await record(session, decided, "verification.decided", by, at, **details)
    return decided


async def send_back(
    session: Session, verification_id: str, missing: Sequence[DocumentKind], message: str | None, *, by: str,
    at: datetime,
) -> Verification:  # fmt: skip
    """Ask the person for more: the verification collects again, here, and no vendor changes it any more.

    They read what is missing, and the message.
    Raises NotFound `verification_unknown`; Conflict `verification_undecidable` unless it was handed in.
    """
    before = await _for_update(session, verification_id)
    returned = domain.send_back(before, missing, at=at)
    await store.save(session, returned)
    await store.save_message(session, returned, message)
    await announce(session, returned, before=before, by=by, at=at)
    await record(session, returned, "verification.sent_back", by, at)
    return returned


async def release(session: Session, held: Verification, *, by: str, at: datetime) -> Verification:
    """Let a locked verification be approved that screening held and holds no more; any other stays."""
    _, screened = await store.find_status(session, held.user_id)
    released = held if screened in HOLDING else domain.release(held, at=at)
    if released is not held:
        await store.save(session, released)
        await announce(session, released, before=held, by=by, at=at)
    return released


async def ensure_identity_shown(session: Session, verification: Verification) -> None:
    """Raise Conflict `documents_missing` where nothing is kept of what an approval would stand on.

    What a vendor collected is with the vendor, and is not asked for.
    """
    if verification.is_shown_here and not documents.SHOWING_IDENTITY & await documents.kinds_kept(
        session, verification.user_id
    ):
        raise Conflict(
            "documents_missing", "No document that shows who they are is kept: ask for one first.",
            missing=["identity_document"],
        )  # fmt: skip


async def _for_update(session: Session, verification_id: str) -> Verification:
    found = await store.find_verification(session, verification_id, lock=True)
    if found is None:
        raise NotFound("verification_unknown", "There is no such verification.")
    return found
