"""The tables of the audit trail; the database itself refuses to change or remove an entry."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import BigInteger, Column, Index, LargeBinary, Row, Select, Table, delete, select, text
from sqlalchemy.dialects.postgresql import insert

from cardwright.audit.domain import AuditEntry, PersonalData
from cardwright.db import base
from cardwright.db.base import id_column, instant, json, metadata, reference
from cardwright.db.session import Session

audit_entries = Table(
    "audit_entries",
    metadata,
    id_column(),
    reference("program_id"),
    reference("actor_id"),
    base.text("action"),
    reference("subject_id"),
    json("details"),
    instant("occurred_at"),
    base.text("request_id", nullable=True),
    base.text("personal_digest", nullable=True),
    # The transaction that wrote it: what says which entries can be sealed, and in which order.
    Column(
        "written_in", BigInteger, server_default=text("(pg_current_xact_id()::text)::bigint"), nullable=False
    ),
    Index(None, "program_id", "id"),
    Index(None, "program_id", "written_in", "id"),
)
audit_personal_data = Table(
    "audit_personal_data",
    metadata,
    id_column("entry_id"),
    reference("program_id"),
    reference("person_id"),
    base.text("client_address", nullable=True),
    base.text("user_agent", nullable=True),
    Column("key", LargeBinary, nullable=False),
    Index(None, "program_id", "person_id"),
)
_columns = [column for column in audit_entries.c if column.name != "written_in"]


async def add_entry(session: Session, entry: AuditEntry, *, person_id: str) -> None:
    """Append to the audit trail, in one statement with the personal data of `person_id`, if there are any."""
    statement = insert(audit_entries).values({column: getattr(entry, column.name) for column in _columns})
    if entry.personal is not None:
        beside = insert(audit_personal_data).values(
            entry_id=entry.id, program_id=entry.program_id, person_id=person_id, **asdict(entry.personal)
        )
        statement = statement.add_cte(beside.cte("personal"))
    await session.execute(statement)


async def list_entries(
    session: Session, *, program_id: str, before: str | None, limit: int
) -> Sequence[AuditEntry]:
    """Return a program's audit trail, newest first, starting after the entry `before`."""
    query = entries_and_personal_data().where(audit_entries.c.program_id == program_id)
    if before is not None:
        query = query.where(audit_entries.c.id < before)
    rows = await session.execute(query.order_by(audit_entries.c.id.desc()).limit(limit))
    return [entry_of(row) for row in rows]


def entries_and_personal_data() -> Select[Any]:
    """Return the query of entries with what is left of their personal data."""
    return select(
        *_columns,
        audit_personal_data.c.client_address,
        audit_personal_data.c.user_agent,
        audit_personal_data.c.key,
    ).outerjoin_from(audit_entries, audit_personal_data, audit_personal_data.c.entry_id == audit_entries.c.id)


def entry_of(row: Row[Any]) -> AuditEntry:
    """Return what a row of that query says."""
    personal = None if row.key is None else PersonalData(row.client_address, row.user_agent, row.key)
    return AuditEntry(**{column.name: getattr(row, column.name) for column in _columns}, personal=personal)


async def erase_personal_data(session: Session, *, program_id: str, person_id: str) -> int:
    """Remove the personal data of a person's entries; return of how many."""
    found = await session.execute(
        delete(audit_personal_data).where(
            audit_personal_data.c.program_id == program_id, audit_personal_data.c.person_id == person_id
        )
    )
    return found.rowcount
