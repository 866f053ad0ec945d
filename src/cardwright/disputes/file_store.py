"""The table of evidence files. Their contents are sealed, as base64."""

from base64 import b64decode, b64encode
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    CheckConstraint,
    Column,
    Index,
    Integer,
    Row,
    Table,
    UniqueConstraint,
    delete,
    insert,
    select,
    update,
)

from cardwright.core.ids import new_id
from cardwright.db.base import id_column, instant, metadata, reference, text
from cardwright.db.session import Session
from cardwright.disputes.domain import Dispute
from cardwright.disputes.evidence import EvidenceFile, FileKind
from cardwright.encryption import SealedColumn, open_sealed, seal
from cardwright.files import FileType

files = Table(
    "dispute_files",
    metadata,
    id_column(),
    reference("program_id"),
    reference("user_id"),
    reference("dispute_id"),
    text("kind"),
    text("type"),
    Column("size_bytes", Integer, nullable=False),
    text("content"),
    instant("added_at"),
    text("network_reference", nullable=True),
    UniqueConstraint("dispute_id", "kind"),
    Index("ix_dispute_files_user_id", "user_id"),
    CheckConstraint("size_bytes BETWEEN 1 AND 5000000", name="size"),
)
_CONTENT: Final = SealedColumn(files, "content")
SEALED_COLUMNS: Final = (_CONTENT,)
_LISTED: Final[tuple[Column[Any], ...]] = (
    files.c.id, files.c.kind, files.c.type, files.c.size_bytes, files.c.added_at, files.c.network_reference,
)  # fmt: skip


async def put_file(
    session: Session, dispute: Dispute, kind: FileKind, file_type: FileType, content: bytes, at: datetime
) -> EvidenceFile:
    """Store a file in the place of the one of its kind."""
    await delete_file(session, dispute.id, kind)
    file_id = new_id("evid")
    sealed = await seal(session, _CONTENT.place(file_id, dispute.program_id), b64encode(content).decode())
    await session.execute(
        insert(files).values(
            id=file_id, program_id=dispute.program_id, user_id=dispute.user_id, dispute_id=dispute.id,
            kind=kind, type=file_type, size_bytes=len(content), content=sealed, added_at=at,
        )
    )  # fmt: skip
    return EvidenceFile(file_id, kind, file_type, len(content), at)


async def delete_file(session: Session, dispute_id: str, kind: FileKind) -> bool:
    """Remove the file of a kind; False when there is none."""
    gone = await session.execute(
        delete(files).where(files.c.dispute_id == dispute_id, files.c.kind == kind).returning(files.c.id)
    )
    return gone.scalar_one_or_none() is not None


async def delete_all_of_user(session: Session, user_id: str) -> None:
    """Remove all files of a person."""
    await session.execute(delete(files).where(files.c.user_id == user_id))


async def list_files(session: Session, dispute_id: str) -> Sequence[EvidenceFile]:
    """Return a dispute's files, without their contents."""
    rows = await session.execute(
        select(*_LISTED).where(files.c.dispute_id == dispute_id).order_by(files.c.kind)
    )
    return [_file(row) for row in rows]


async def find_file(session: Session, dispute_id: str, kind: FileKind) -> EvidenceFile | None:
    """Return the file of a kind, without its content."""
    query = select(*_LISTED).where(files.c.dispute_id == dispute_id, files.c.kind == kind)
    row = (await session.execute(query)).one_or_none()
    return None if row is None else _file(row)


async def read_content(session: Session, dispute: Dispute, file: EvidenceFile) -> bytes:
    """Return what a file holds."""
    sealed = (await session.execute(select(files.c.content).where(files.c.id == file.id))).scalar_one()
    return b64decode(await open_sealed(session, _CONTENT.place(file.id, dispute.program_id), sealed))


async def save_reference(session: Session, file_id: str, network_reference: str) -> None:
    """Keep what the network calls a file."""
    await session.execute(
        update(files).where(files.c.id == file_id).values(network_reference=network_reference)
    )


def _file(row: Row[Any]) -> EvidenceFile:
    return EvidenceFile(
        row.id, FileKind(row.kind), FileType(row.type), row.size_bytes, row.added_at, row.network_reference
    )
