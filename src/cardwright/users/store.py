"""The tables of profiles, roles and the audit trail; the last is only ever added to."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Date, Index, PrimaryKeyConstraint, Row, Table, select
from sqlalchemy.dialects.postgresql import insert

from cardwright.db.base import id_column, instant, json, metadata, reference, text
from cardwright.db.session import Session
from cardwright.users.domain import Address, AuditEntry, ProfileDetails
from cardwright.users.permissions import Role

profiles = Table(
    "profiles",
    metadata,
    id_column("user_id"),
    text("full_name"),
    text("phone", nullable=True),
    Column("date_of_birth", Date, nullable=False),
    text("locale"),
    text("time_zone"),
    text("line1", nullable=True),
    text("city", nullable=True),
    text("postal_code", nullable=True),
    text("country", nullable=True),
    instant("updated_at"),
)

user_roles = Table(
    "user_roles",
    metadata,
    reference("user_id"),
    text("role"),
    reference("granted_by"),
    instant("granted_at"),
    PrimaryKeyConstraint("user_id", "role"),
)

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
    Index(None, "program_id", "id"),
)


async def save_details(session: Session, user_id: str, details: ProfileDetails, *, at: datetime) -> None:
    """Store a person's details in place of the ones before."""
    values = {**asdict(details), **_address_columns(details.address), "updated_at": at}
    del values["address"]
    await session.execute(
        insert(profiles)
        .values(user_id=user_id, **values)
        .on_conflict_do_update(index_elements=["user_id"], set_=values)
    )


async def find_details(session: Session, user_ids: Collection[str]) -> Mapping[str, ProfileDetails]:
    """Return the details of those people who have given them, by user id."""
    rows = await session.execute(select(profiles).where(profiles.c.user_id.in_(user_ids)))
    return {row.user_id: _details(row) for row in rows}


async def add_role(session: Session, user_id: str, role: Role, *, by: str, at: datetime) -> bool:
    """Store that a role was granted; False when it already was."""
    added = await session.execute(
        insert(user_roles)
        .values(user_id=user_id, role=role.value, granted_by=by, granted_at=at)
        .on_conflict_do_nothing()
        .returning(user_roles.c.role)
    )
    return added.scalar_one_or_none() is not None


async def find_roles(session: Session, user_ids: Collection[str]) -> Mapping[str, frozenset[Role]]:
    """Return everybody's roles by user id; whoever was granted none is a holder."""
    rows = await session.execute(select(user_roles).where(user_roles.c.user_id.in_(user_ids)))
    granted = [(row.user_id, Role(row.role)) for row in rows]
    return {
        user_id: frozenset({Role.HOLDER} | {role for owner, role in granted if owner == user_id})
        for user_id in user_ids
    }


async def add_audit_entry(session: Session, entry: AuditEntry) -> None:
    """Append to the audit trail."""
    await session.execute(insert(audit_entries).values(**asdict(entry)))


async def list_audit_entries(
    session: Session, *, program_id: str, before: str | None, limit: int
) -> Sequence[AuditEntry]:
    """Return a program's audit trail, newest first, starting after the entry `before`."""
    query = select(audit_entries).where(audit_entries.c.program_id == program_id)
    if before is not None:
        query = query.where(audit_entries.c.id < before)
    rows = await session.execute(query.order_by(audit_entries.c.id.desc()).limit(limit))
    return [AuditEntry(**row) for row in rows.mappings()]


def _address_columns(address: Address | None) -> Mapping[str, str | None]:
    if address is None:
        return dict.fromkeys(("line1", "city", "postal_code", "country"))
    return asdict(address)


def _details(row: Row[Any]) -> ProfileDetails:
    address = None if row.line1 is None else Address(row.line1, row.city, row.postal_code, row.country)
    return ProfileDetails(row.full_name, row.date_of_birth, row.locale, row.time_zone, row.phone, address)
