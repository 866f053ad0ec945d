"""The table of the audit trail; the database itself refuses to change or remove an entry."""

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import Index, Table, select
from sqlalchemy.dialects.postgresql import insert

from cardwright.audit.domain import AuditEntry
from cardwright.db.base import id_column, instant, json, metadata, reference, text
from cardwright.db.session import Session

audit_entries = Table(
    "audit_entries",
    metadata,
    id_column(),
    reference("program_id"),
    reference("actor_id"),
    text("action"),
    reference("subject_id"),
    json("details"),
    instant("occurred_at"),
    text("request_id", nullable=True),
    text("client_address", nullable=True),
    text("user_agent", nullable=True),
    Index(None, "program_id", "id"),
)


async def add_entry(session: Session, entry: AuditEntry) -> None:
    """Append to the audit trail."""
    await session.execute(insert(audit_entries).values(**asdict(entry)))


async def list_entries(
    session: Session, *, program_id: str, before: str | None, limit: int
) -> Sequence[AuditEntry]:
    """Return a program's audit trail, newest first, starting after the entry `before`."""
    query = select(audit_entries).where(audit_entries.c.program_id == program_id)
    if before is not None:
        query = query.where(audit_entries.c.id < before)
    rows = await session.execute(query.order_by(audit_entries.c.id.desc()).limit(limit))
    return [AuditEntry(**row) for row in rows.mappings()]
