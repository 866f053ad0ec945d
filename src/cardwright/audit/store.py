"""The tables of the audit trail; the database itself refuses to change or remove an entry."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Column, Index, LargeBinary, Row, Select, Table, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from cardwright.audit.domain import AuditEntry, PersonalData, TrailFilter
from cardwright.db import base
from cardwright.db.base import id_column, instant, json, metadata, reference
from cardwright.db.session import Session
from cardwright.sealing import checkpoints_table, seals_table, written_in

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
    written_in(),
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
audit_seals = seals_table("audit_seals")
audit_checkpoints = checkpoints_table("audit_checkpoints")
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
    session: Session, *, program_id: str, wanted: TrailFilter, before: str | None, limit: int
) -> Sequence[AuditEntry]:
    """Return what is wanted of a program's trail, newest first, starting after the entry `before`."""
    query = _entries_and_personal_data().where(audit_entries.c.program_id == program_id)
    for column, value in (
        (audit_entries.c.actor_id, wanted.actor_id), (audit_entries.c.subject_id, wanted.subject_id),
        (audit_entries.c.action, wanted.action),
    ):  # fmt: skip
        if value is not None:
            query = query.where(column == value)
    if wanted.since is not None:
        query = query.where(audit_entries.c.occurred_at >= wanted.since)
    if wanted.until is not None:
        query = query.where(audit_entries.c.occurred_at < wanted.until)
    if before is not None:
        query = query.where(audit_entries.c.id < before)
    rows = await session.execute(query.order_by(audit_entries.c.id.desc()).limit(limit))
    return [_entry(row) for row in rows]


async def read_entries(session: Session, ids: Sequence[str]) -> Mapping[str, AuditEntry]:
    """Return entries by id, without those that are gone."""
    rows = await session.execute(_entries_and_personal_data().where(audit_entries.c.id.in_(ids)))
    return {row.id: _entry(row) for row in rows}


async def count_erased(session: Session) -> int:
    """Return how many entries commit to personal data that are no longer kept."""
    is_kept = select(audit_personal_data).where(audit_personal_data.c.entry_id == audit_entries.c.id).exists()
    query = select(func.count()).where(audit_entries.c.personal_digest.is_not(None), ~is_kept)
    return int((await session.execute(query)).scalar_one())


async def erase_personal_data(session: Session, *, program_id: str, person_id: str) -> int:
    """Remove the personal data of a person's entries; return of how many."""
    found = await session.execute(
        delete(audit_personal_data).where(
            audit_personal_data.c.program_id == program_id, audit_personal_data.c.person_id == person_id
        )
    )
    return found.rowcount


def _entries_and_personal_data() -> Select[Any]:
    return select(
        *_columns,
        audit_personal_data.c.client_address,
        audit_personal_data.c.user_agent,
        audit_personal_data.c.key,
    ).outerjoin_from(audit_entries, audit_personal_data, audit_personal_data.c.entry_id == audit_entries.c.id)


def _entry(row: Row[Any]) -> AuditEntry:
    personal = None if row.key is None else PersonalData(row.client_address, row.user_agent, row.key)
    return AuditEntry(**{column.name: getattr(row, column.name) for column in _columns}, personal=personal)
