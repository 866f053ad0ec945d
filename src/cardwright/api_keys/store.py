"""The table of API keys."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, Table, func, insert, select, update

from cardwright.api_keys.domain import USE_NOTED_EVERY, ApiKey
from cardwright.db.base import id_column, instant, json, metadata, reference, text
from cardwright.db.session import Session

api_keys = Table(
    "api_keys",
    metadata,
    id_column(),
    reference("program_id"),
    reference("user_id"),
    text("name"),
    json("scopes"),
    text("secret_hash"),
    instant("created_at"),
    instant("expires_at"),
    instant("last_used_at", nullable=True),
    text("last_used_address", nullable=True),
    instant("revoked_at", nullable=True),
    reference("replaced_by", nullable=True),
    Index(None, "program_id", "id"),
    Index(None, "user_id", "id"),
    CheckConstraint("expires_at >= created_at", name="ends_no_sooner"),
)


async def add_key(session: Session, key: ApiKey) -> None:
    """Store a fresh key."""
    await session.execute(insert(api_keys).values(**{**asdict(key), "scopes": sorted(key.scopes)}))


async def find_key(session: Session, key_id: str) -> ApiKey | None:
    """Return a key by its id, whatever its state."""
    row = (await session.execute(select(api_keys).where(api_keys.c.id == key_id))).mappings().one_or_none()
    return None if row is None else _key(row)


async def find_key_for_update(session: Session, key_id: str) -> ApiKey | None:
    """Return a key by its id and lock it until the transaction ends."""
    query = select(api_keys).where(api_keys.c.id == key_id).with_for_update()
    row = (await session.execute(query)).mappings().one_or_none()
    return None if row is None else _key(row)


async def list_keys(
    session: Session, *, program_id: str, owner_id: str | None, before: str | None, limit: int
) -> Sequence[ApiKey]:
    """Return the keys of a person, or of everybody in the program for None, newest first."""
    query = select(api_keys).where(api_keys.c.program_id == program_id)
    if owner_id is not None:
        query = query.where(api_keys.c.user_id == owner_id)
    if before is not None:
        query = query.where(api_keys.c.id < before)
    rows = await session.execute(query.order_by(api_keys.c.id.desc()).limit(limit))
    return [_key(row) for row in rows.mappings()]


async def count_living_keys(session: Session, user_id: str, *, at: datetime) -> int:
    """Return how many keys of a person count, after locking out whoever else counts them."""
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"api_keys:{user_id}", 0))))
    is_alive = api_keys.c.revoked_at.is_(None) & (api_keys.c.expires_at > at)
    query = select(func.count()).where(api_keys.c.user_id == user_id, is_alive)
    return int((await session.execute(query)).scalar_one())


async def save_revoked(session: Session, key_id: str, *, at: datetime) -> None:
    """Store that a key counts no more."""
    await session.execute(update(api_keys).where(api_keys.c.id == key_id).values(revoked_at=at))


async def save_replaced(session: Session, key_id: str, *, replaced_by: str, expires_at: datetime) -> None:
    """Store a key's successor, and until when both count."""
    values = {"replaced_by": replaced_by, "expires_at": expires_at}
    await session.execute(update(api_keys).where(api_keys.c.id == key_id).values(**values))


async def note_use(session: Session, key_id: str, *, at: datetime, address: str | None) -> None:
    """Store when and from where a key was used, unless that is being done or was done just now."""
    # Requests with the same key never wait for each other here.
    due = (
        select(api_keys.c.id)
        .where(
            api_keys.c.id == key_id,
            api_keys.c.last_used_at.is_(None) | (api_keys.c.last_used_at <= at - USE_NOTED_EVERY),
        )
        .with_for_update(skip_locked=True, key_share=True)
    )
    values = {"last_used_at": at, "last_used_address": address}
    await session.execute(update(api_keys).where(api_keys.c.id.in_(due)).values(**values))


def _key(row: Mapping[Any, Any]) -> ApiKey:
    return ApiKey(**{**row, "scopes": frozenset(row["scopes"])})
