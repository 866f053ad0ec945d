"""Documents that are kept no longer: their keys are destroyed at once, their objects removed soon after."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from cardwright import audit
from cardwright.db.jobs import Work
from cardwright.db.outbox import Event
from cardwright.db.session import Session
from cardwright.kyc.documents import domain, store, upload_store
from cardwright.kyc.documents.domain import Erasure
from cardwright.kyc.documents.service import DocumentRoom

_AT_ONCE: Final = 100
_VIEWS_KEPT: Final = timedelta(hours=1)
UPLOAD_LASTS: Final = timedelta(hours=1)
"""Far longer than any upload: what was put and is no document by then never will be one."""


async def sweep_documents(work: Work) -> None:
    """Erase documents whose time has come, forget old views, and remove objects that nobody can read.

    Those are the objects of erased documents, and of uploads that came to nothing an hour ago. A store that
    is down loses nothing: what is erased cannot be read, and is removed by a later sweep.
    """
    at = work.clock.now()
    async with work.transaction() as session:
        await _erase_overdue(session, at)
        await store.remove_views_before(session, at - _VIEWS_KEPT)
        await upload_store.abandon(session, begun_before=at - UPLOAD_LASTS, at=at)
        left = await store.list_to_remove(session, _AT_ONCE)
        abandoned = await upload_store.list_abandoned(session, _AT_ONCE)
    objects = work.get(DocumentRoom).objects
    for document in left:
        await objects.remove(document.object_name)
        async with work.transaction() as session:
            await store.save_removed(session, document.id, at)
    for name in abandoned:
        await objects.remove(name)
        async with work.transaction() as session:
            await upload_store.forget(session, name)


async def forget_person(work: Work, event: Event) -> None:
    """Keep an erased person's documents only as long as the program must after an account was closed."""
    rules, at = work.get(DocumentRoom).rules, work.clock.now()
    async with work.transaction() as session:
        keep_until = event.occurred_at + rules.keep_after_closing
        await store.shorten(session, event.subject_id, keep_until=keep_until)
        await _erase_overdue(session, at)


async def _erase_overdue(session: Session, at: datetime) -> None:
    while overdue := await store.overdue_for_update(session, at, _AT_ONCE):
        for document in overdue:
            # Nobody keeps a document by reviewing it.
            erased = domain.erase(replace(document, review_started_at=None), Erasure.RETENTION, at)
            await store.save_erased(session, erased)
            details = {"owner_id": erased.user_id, "because": Erasure.RETENTION.value}
            await audit.record(
                session, "system", erased.program_id, "identity_document.erased", erased.id, details, at
            )
