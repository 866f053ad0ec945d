"""The table of profiles."""

from collections.abc import Collection, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Date, Row, Table, select
from sqlalchemy.dialects.postgresql import insert

from cardwright.db.base import id_column, instant, metadata, text
from cardwright.db.session import Session
from cardwright.users.domain import Address, ProfileDetails

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


def _address_columns(address: Address | None) -> Mapping[str, str | None]:
    if address is None:
        return dict.fromkeys(("line1", "city", "postal_code", "country"))
    return asdict(address)


def _details(row: Row[Any]) -> ProfileDetails:
    address = None if row.line1 is None else Address(row.line1, row.city, row.postal_code, row.country)
    return ProfileDetails(row.full_name, row.date_of_birth, row.locale, row.time_zone, row.phone, address)
