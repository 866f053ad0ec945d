"""What holders add to their payments: a note, tags, receipts; staff that may read payments read them, too."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cardwright import audit, users
from cardwright.access import Viewer
from cardwright.core.errors import Conflict, NotFound
from cardwright.db.jobs import Subscription, Work
from cardwright.db.outbox import Event
from cardwright.db.session import Session
from cardwright.payments import note_store, service
from cardwright.payments.note_store import Receipt
from cardwright.payments.receipt_files import ReceiptFile

_MOST_RECEIPTS: Final = 10


@dataclass(frozen=True, slots=True)
class Additions:
    """What somebody added to a payment."""

    user_id: str
    note: str | None
    tags: Sequence[str]
    receipts: Sequence[Receipt]


async def get_additions(session: Session, payment_id: str, *, viewer: Viewer) -> Additions:
    """Return what was added to a payment within sight; raise NotFound for any other."""
    payment = await service.get_payment(session, payment_id, viewer=viewer)
    return Additions(
        payment.user_id,
        await note_store.find_note(session, payment),
        await note_store.tags_of(session, payment.id),
        await note_store.receipts_of(session, payment.id),
    )


async def annotate(
    session: Session, payment_id: str, note: str | None, tags: Sequence[str], *, viewer: Viewer, at: datetime
) -> Additions:
    """Put a note and tags in place of those before."""
    payment = await service.get_payment(session, payment_id, viewer=viewer)
    await note_store.save_note(session, payment, note, at=at)
    await note_store.save_tags(session, payment, tags)
    return await get_additions(session, payment_id, viewer=viewer)


async def add_receipt(
    session: Session, payment_id: str, file: ReceiptFile, *, viewer: Viewer, at: datetime
) -> Receipt:
    """Keep a receipt with a payment; raise Conflict `receipts_full` where there are ten."""
    payment = await service.get_payment(session, payment_id, viewer=viewer)
    if await note_store.lock_receipts(session, payment.id) >= _MOST_RECEIPTS:
        raise Conflict("receipts_full", f"A payment has {_MOST_RECEIPTS} receipts at most.")
    made = await note_store.insert_receipt(session, payment, file, at=at)
    details = {"payment_id": payment.id, "media_type": made.media_type, "size_bytes": made.size_bytes}
    await audit.record(session, payment.user_id, payment.program_id, "receipt.added", made.id, details, at)
    return made


async def get_receipt(session: Session, receipt_id: str, *, viewer: Viewer) -> Receipt:
    """Return a receipt within sight; raise NotFound for any other."""
    found = await note_store.find_receipt(session, receipt_id)
    if found is None or not viewer.sees(found):
        raise NotFound("receipt_unknown", "There is no such receipt.")
    return found


async def remove_receipt(session: Session, receipt_id: str, *, viewer: Viewer, at: datetime) -> None:
    """Forget a receipt; raise NotFound for one that is not within sight."""
    found = await get_receipt(session, receipt_id, viewer=viewer)
    await note_store.remove_receipt(session, found.id)
    details = {"payment_id": found.payment_id}
    await audit.record(session, found.user_id, found.program_id, "receipt.removed", found.id, details, at)


async def forget_person(work: Work, event: Event) -> None:
    """Remove what somebody added to their payments, once their account is erased."""
    async with work.transaction() as session:
        await note_store.remove_everything_of(session, event.subject_id)


SUBSCRIPTIONS: Final = (Subscription("payments.forget_person", users.ERASED, forget_person),)
