"""The table of uploads that are under way: what is put into the store of objects is noted here before."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Index, Table, delete, insert, select, update

from cardwright.db.base import id_column, instant, metadata, reference, text
from cardwright.db.session import Session
from cardwright.kyc.documents.domain import Document

uploads: Final = Table(
    "identity_document_uploads",
    metadata,
    id_column(),
    reference("program_id"),
    reference("user_id"),
    text("object_name", unique=True),
    instant("begun_at"),
    instant("abandoned_at", nullable=True),
    Index("ix_identity_document_uploads_begun_at", "begun_at"),
)


async def note(session: Session, document: Document) -> None:
    """Note that a document's object is about to be put."""
    await session.execute(
        insert(uploads).values(
            id=document.id, program_id=document.program_id, user_id=document.user_id,
            object_name=document.object_name, begun_at=document.uploaded_at,
        )
    )  # fmt: skip


async def claim(session: Session, object_name: str) -> bool:
    """End an upload whose document is inserted by this transaction; False when a sweep gave it up."""
    ended = await session.execute(
        delete(uploads).where(uploads.c.object_name == object_name, uploads.c.abandoned_at.is_(None))
    )
    return bool(ended.rowcount)


async def abandon(session: Session, *, begun_before: datetime, at: datetime) -> None:
    """Give up the uploads that began long ago: from now on none of them can be claimed."""
    await session.execute(
        update(uploads)
        .where(uploads.c.begun_at < begun_before, uploads.c.abandoned_at.is_(None))
        .values(abandoned_at=at)
    )


async def list_abandoned(session: Session, limit: int) -> Sequence[str]:
    """Return the names of objects that no document will ever have."""
    query = select(uploads.c.object_name).where(uploads.c.abandoned_at.is_not(None))
    return (await session.execute(query.order_by(uploads.c.begun_at).limit(limit))).scalars().all()


async def forget(session: Session, object_name: str) -> None:
    """Forget an upload whose object is gone."""
    await session.execute(delete(uploads).where(uploads.c.object_name == object_name))
