"""The tables of identity documents, and of who may see one just now."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    CheckConstraint,
    Column,
    Index,
    Integer,
    Row,
    Table,
    delete,
    func,
    insert,
    select,
    update,
)

from cardwright.core.sensitive import Sensitive
from cardwright.db.base import id_column, instant, metadata, reference, text
from cardwright.db.session import Session
from cardwright.encryption import SealedColumn, open_sealed, seal
from cardwright.kyc.documents.domain import Document, DocumentKind, Erasure, View

documents = Table(
    "identity_documents",
    metadata,
    id_column(),
    reference("program_id"),
    reference("user_id"),
    text("kind"),
    Column("pages", Integer, nullable=False),
    Column("size_bytes", Integer, nullable=False),
    text("object_name", unique=True),
    text("sealed_key", nullable=True),
    instant("uploaded_at"),
    instant("keep_until"),
    instant("review_started_at", nullable=True),
    instant("erased_at", nullable=True),
    text("erased_because", nullable=True),
    instant("removed_at", nullable=True),
    CheckConstraint("pages BETWEEN 1 AND 8", name="pages"),
    CheckConstraint("size_bytes >= 1", name="size"),
    CheckConstraint("(sealed_key IS NULL) = (erased_at IS NOT NULL)", name="erased_without_key"),
    CheckConstraint("(erased_because IS NULL) = (erased_at IS NULL)", name="erased_because"),
    Index("ix_identity_documents_user_id", "user_id", "id"),
    Index("ix_identity_documents_keep_until", "keep_until", postgresql_where="erased_at IS NULL"),
    Index(
        "ix_identity_documents_to_remove", "id",
        postgresql_where="erased_at IS NOT NULL AND removed_at IS NULL",
    ),
)  # fmt: skip
views = Table(
    "identity_document_views",
    metadata,
    id_column(),
    reference("program_id"),
    reference("document_id"),
    reference("viewer_id"),
    instant("created_at"),
    instant("expires_at"),
    Index("ix_identity_document_views_expires_at", "expires_at"),
)
_KEY: Final = SealedColumn(documents, "sealed_key")
SEALED_COLUMNS: Final = (_KEY,)
_LISTED: Final[tuple[Column[Any], ...]] = tuple(
    column for column in documents.c if column.name not in {"sealed_key", "removed_at"}
)


async def insert_document(session: Session, document: Document, key: Sensitive) -> None:
    """Insert a document with its key in base 64, which is sealed."""
    sealed = await seal(session, _KEY.place(document.id, document.program_id), key.reveal())
    await session.execute(insert(documents).values(**asdict(document), sealed_key=sealed))


async def lock_documents(session: Session, user_id: str) -> None:
    """Let one upload of a person after the other be counted."""
    key = func.hashtextextended(f"identity_documents:{user_id}", 0)
    await session.execute(select(func.pg_advisory_xact_lock(key)))


async def count_kept(session: Session, user_id: str) -> int:
    """Return how many documents of a person can be read."""
    query = select(func.count()).where(documents.c.user_id == user_id, documents.c.erased_at.is_(None))
    return (await session.execute(query)).scalar_one()


async def kinds_kept(session: Session, user_id: str) -> frozenset[DocumentKind]:
    """Return the kinds of a person's documents that can be read."""
    query = select(documents.c.kind).where(documents.c.user_id == user_id, documents.c.erased_at.is_(None))
    return frozenset(DocumentKind(kind) for kind in await session.scalars(query))


async def find_document(session: Session, document_id: str, *, lock: bool = False) -> Document | None:
    """Return one document, perhaps locked."""
    query = select(*_LISTED).where(documents.c.id == document_id)
    row = (await session.execute(query.with_for_update() if lock else query)).one_or_none()
    return None if row is None else _document(row)


async def read_key(session: Session, document: Document) -> Sensitive | None:
    """Return a document's key in base 64; None once it was erased."""
    query = select(documents.c.sealed_key).where(documents.c.id == document.id)
    sealed = (await session.execute(query)).scalar_one()
    if sealed is None:
        return None
    return Sensitive(await open_sealed(session, _KEY.place(document.id, document.program_id), sealed))


async def page_of_user(
    session: Session, *, program_id: str, user_id: str, before: str | None, limit: int
) -> Sequence[Document]:
    """Return up to `limit` documents of a person, newest first, the erased ones too."""
    query = select(*_LISTED).where(documents.c.program_id == program_id, documents.c.user_id == user_id)
    if before is not None:
        query = query.where(documents.c.id < before)
    rows = await session.execute(query.order_by(documents.c.id.desc()).limit(limit))
    return [_document(row) for row in rows]


async def kept_for_update(session: Session, user_id: str) -> Sequence[Document]:
    """Return a person's documents that can be read, locked."""
    query = select(*_LISTED).where(documents.c.user_id == user_id, documents.c.erased_at.is_(None))
    rows = await session.execute(query.order_by(documents.c.id).with_for_update())
    return [_document(row) for row in rows]


async def save_review(session: Session, document: Document) -> None:
    """Store whether a locked document is being reviewed."""
    await session.execute(
        update(documents)
        .where(documents.c.id == document.id)
        .values(review_started_at=document.review_started_at)
    )


async def save_erased(session: Session, document: Document) -> None:
    """Destroy the key of a locked document that is erased."""
    await session.execute(
        update(documents)
        .where(documents.c.id == document.id)
        .values(sealed_key=None, erased_at=document.erased_at, erased_because=document.erased_because)
    )


async def shorten(session: Session, user_id: str, *, keep_until: datetime) -> None:
    """Keep a person's documents until an instant at most."""
    await session.execute(
        update(documents)
        .where(documents.c.user_id == user_id, documents.c.keep_until > keep_until)
        .values(keep_until=keep_until)
    )


async def overdue_for_update(session: Session, at: datetime, limit: int) -> Sequence[Document]:
    """Return and lock documents that are kept no longer; those in use are skipped."""
    query = (
        select(*_LISTED)
        .where(documents.c.erased_at.is_(None), documents.c.keep_until <= at)
        .order_by(documents.c.keep_until)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [_document(row) for row in await session.execute(query)]


async def list_to_remove(session: Session, limit: int) -> Sequence[Document]:
    """Return erased documents whose objects are still in the store."""
    query = (
        select(*_LISTED)
        .where(documents.c.erased_at.is_not(None), documents.c.removed_at.is_(None))
        .order_by(documents.c.id)
        .limit(limit)
    )
    return [_document(row) for row in await session.execute(query)]


async def save_removed(session: Session, document_id: str, at: datetime) -> None:
    """Note that a document's object is gone."""
    await session.execute(update(documents).where(documents.c.id == document_id).values(removed_at=at))


async def insert_view(session: Session, view: View) -> None:
    """Insert a view that was opened."""
    await session.execute(insert(views).values(**asdict(view)))


async def find_view(
    session: Session, view_id: str, *, document_id: str, viewer_id: str, at: datetime
) -> View | None:
    """Return a view that is this viewer's, of this document, and not over."""
    query = select(views).where(
        views.c.id == view_id,
        views.c.document_id == document_id,
        views.c.viewer_id == viewer_id,
        views.c.expires_at > at,
    )
    row = (await session.execute(query)).mappings().one_or_none()
    return None if row is None else View(**row)


async def remove_views_before(session: Session, at: datetime) -> None:
    """Forget the views that were over before an instant."""
    await session.execute(delete(views).where(views.c.expires_at < at))


def _document(row: Row[Any]) -> Document:
    told = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's documented way to read a row by names
    because = told["erased_because"]
    told["kind"] = DocumentKind(told["kind"])
    return Document(**{**told, "erased_because": None if because is None else Erasure(because)})
