"""What holders and reviewers do with identity documents."""

from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from cardwright import audit
from cardwright.access import Actor
from cardwright.core.errors import Conflict, NotFound, Unavailable
from cardwright.core.ids import new_id
from cardwright.core.sensitive import Sensitive
from cardwright.db.session import Begin, Session
from cardwright.files import Reencoder
from cardwright.kyc.documents import domain, store, upload_store
from cardwright.kyc.documents.domain import Document, DocumentKind, DocumentRules, Erasure, StaffReason, View
from cardwright.kyc.documents.ports import DocumentStore, ObjectMissing


@dataclass(frozen=True, slots=True)
class DocumentRoom:
    """Where documents are kept, what reads them, and how long they stay."""

    objects: DocumentStore
    reencoder: Reencoder
    rules: DocumentRules


@dataclass(frozen=True, slots=True)
class TakenIn:
    """A document whose sealed pages are in the store already, and which is nobody's yet."""

    document: Document
    key: bytes = field(repr=False)


async def take_in(
    begin: Begin, room: DocumentRoom, kind: DocumentKind, content: bytes, *, by: Actor, at: datetime
) -> TakenIn:
    """Make a file anew without all that is no picture, seal it under a key of its own, and put it away.

    That takes seconds, during which no transaction is open. What is put is noted before: unless
    `add_document` follows, a sweep removes it. Raises Invalid as `ensure_acceptable` and
    `Reencoder.pictures_of` do, Conflict `documents_too_many`, Unavailable `files_busy`,
    `documents_unavailable`.
    """
    file_type = domain.ensure_acceptable(content)
    async with begin() as session:
        await _ensure_room(session, by.user_id)
    pages = await room.reencoder.pictures_of(file_type, content)
    key, document_id = domain.new_key(), new_id("idoc")
    document = Document(
        id=document_id, program_id=by.program_id, user_id=by.user_id, kind=kind, pages=len(pages),
        size_bytes=sum(map(len, pages)), object_name=domain.new_object_name(), uploaded_at=at,
        keep_until=at + room.rules.keep,
    )  # fmt: skip
    sealed = domain.seal_pages(key, document.program_id, document.id, pages)
    async with begin() as session:
        await upload_store.note(session, document)
    await room.objects.put(document.object_name, sealed)
    return TakenIn(document, key)


async def add_document(session: Session, taken: TakenIn, *, by: Actor, at: datetime) -> Document:
    """Make what was taken in one of a person's documents.

    Raises Conflict `documents_too_many`, Unavailable `documents_unavailable` when it was swept meanwhile.
    """
    document = taken.document
    await store.lock_documents(session, by.user_id)
    await _ensure_room(session, by.user_id)
    if not await upload_store.claim(session, document.object_name):
        raise Unavailable("documents_unavailable", "The upload took too long; send it again.")
    await store.insert_document(session, document, Sensitive(b64encode(taken.key).decode()))
    await _record(session, document, "identity_document.uploaded", by.user_id, at, kind=document.kind.value)
    return document


async def _ensure_room(session: Session, user_id: str) -> None:
    if await store.count_kept(session, user_id) >= domain.MOST_KEPT:
        raise Conflict("documents_too_many", f"At most {domain.MOST_KEPT} documents are kept; delete some.")


async def delete_document(session: Session, document_id: str, *, by: Actor, at: datetime) -> None:
    """Erase one's own document; raises NotFound, Conflict `document_in_review`."""
    await _erase(session, document_id, Erasure.HOLDER, by, at)


async def erase_document(
    session: Session, document_id: str, *, reason: StaffReason, by: Actor, at: datetime
) -> Document:
    """Erase somebody's document on their request; raises NotFound."""
    return await _erase(session, document_id, Erasure.STAFF, by, at, reason=reason.value)


async def open_view(session: Session, document_id: str, *, by: Actor, at: datetime) -> tuple[Document, View]:
    """Let a reviewer see a document for a minute; from then on it is in review.

    Raises NotFound, Conflict `document_erased`.
    """
    document = await _seen_for_update(session, document_id, by)
    if document.erased_at is not None:
        raise _erased()
    if document.review_started_at is None:
        document = replace(document, review_started_at=at)
        await store.save_review(session, document)
    view = View(new_id("idview"), document.program_id, document.id, by.user_id, at, at + domain.VIEW_LASTS)
    await store.insert_view(session, view)
    await _record(session, document, "identity_document.view_opened", by.user_id, at, view_id=view.id)
    return document, view


async def end_review(session: Session, document_id: str, *, by: Actor, at: datetime) -> Document:
    """Give a document back to its holder, who may delete it; raises NotFound."""
    document = await _seen_for_update(session, document_id, by)
    if document.review_started_at is None:
        return document
    return await _ended(session, document, by.user_id, at)


async def begin_reviews(session: Session, user_id: str, *, by: str, at: datetime) -> None:
    """Keep all of a person's documents from them: somebody is going to judge by them."""
    for document in await store.kept_for_update(session, user_id):
        if document.review_started_at is None:
            begun = replace(document, review_started_at=at)
            await store.save_review(session, begun)
            await _record(session, begun, "identity_document.review_started", by, at)


async def end_reviews(session: Session, user_id: str, *, by: str, at: datetime) -> None:
    """Give all of a person's documents back to them: the review that they were seen for is over."""
    for document in await store.kept_for_update(session, user_id):
        if document.review_started_at is not None:
            await _ended(session, document, by, at)


async def _ended(session: Session, document: Document, by: str, at: datetime) -> Document:
    ended = replace(document, review_started_at=None)
    await store.save_review(session, ended)
    await _record(session, ended, "identity_document.review_ended", by, at)
    return ended


async def read_page(
    begin: Begin, room: DocumentRoom, document_id: str, page: int, view_id: str, *, by: Actor, at: datetime
) -> bytes:
    """Return a page as a JPEG with the viewer and the time all over it.

    Raises NotFound; Conflict `view_over` for a view that is over or another viewer's, `document_erased`;
    Unavailable `files_busy`, `documents_unavailable`.
    """
    async with begin() as session:
        document, key = await _opened(session, document_id, view_id, by, at)
    if page > document.pages:
        raise NotFound("page_unknown", "The document has no such page.")
    try:
        sealed = await room.objects.get(document.object_name)
    except ObjectMissing as error:
        raise Unavailable("document_missing", "The document is not in its store.") from error
    pages = domain.open_pages(b64decode(key.reveal()), document.program_id, document.id, sealed)
    said = (by.user_id, f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC")
    shown = await room.reencoder.watermarked(pages[page - 1], said)
    # It is in the trail before anybody sees it, and not shown when it cannot be.
    async with begin() as session:
        opened = {"view_id": view_id, "page": page}
        await _record(session, document, "identity_document.viewed", by.user_id, at, **opened)
    return shown


async def _opened(
    session: Session, document_id: str, view_id: str, by: Actor, at: datetime
) -> tuple[Document, Sensitive]:
    document = await _seen(session, document_id, by)
    view = await store.find_view(session, view_id, document_id=document_id, viewer_id=by.user_id, at=at)
    if view is None:
        raise Conflict("view_over", "Open the document again: a view lasts a minute, for who opened it.")
    key = await store.read_key(session, document)
    if key is None:
        raise _erased()
    return document, key


async def page_of_user(
    session: Session, *, program_id: str, user_id: str, cursor: str | None, limit: int
) -> Sequence[Document]:
    """Return up to `limit + 1` documents of a person, newest first."""
    return await store.page_of_user(
        session, program_id=program_id, user_id=user_id, before=cursor, limit=limit + 1
    )


async def _erase(
    session: Session, document_id: str, because: Erasure, by: Actor, at: datetime, **more: Any
) -> Document:
    document = await _seen_for_update(session, document_id, by)
    erased = domain.erase(document, because, at)
    if erased is not document:
        await store.save_erased(session, erased)
        why = {"because": because.value, **more}
        await _record(session, erased, "identity_document.erased", by.user_id, at, **why)
    return erased


async def _seen(session: Session, document_id: str, by: Actor, *, lock: bool = False) -> Document:
    found = await store.find_document(session, document_id, lock=lock)
    if found is None or not by.viewer.sees(found):
        raise NotFound("document_unknown", "There is no such document.")
    return found


async def _seen_for_update(session: Session, document_id: str, by: Actor) -> Document:
    return await _seen(session, document_id, by, lock=True)


async def _record(
    session: Session, document: Document, action: audit.Action, by: str, at: datetime, **more: Any
) -> None:
    details = {"owner_id": document.user_id, **more}
    await audit.record(session, by, document.program_id, action, document.id, details, at)


def _erased() -> Conflict:
    return Conflict("document_erased", "The document was erased.")
