"""The tables of grants and of their refresh tokens."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, Integer, Table, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from cardwright.db.base import id_column, instant, json, metadata, reference, text
from cardwright.db.session import Session
from cardwright.oauth.domain import Grant

oauth_grants = Table(
    "oauth_grants",
    metadata,
    id_column(),
    reference("program_id"),
    reference("client_id", index=True),
    reference("user_id"),
    reference("session_id", nullable=True, index=True),
    json("scopes"),
    json("methods"),
    instant("created_at"),
    instant("expires_at"),
    text("key_thumbprint", nullable=True),
    instant("authenticated_at", nullable=True),
    instant("factor_used_at", nullable=True),
    Column("generation", Integer, nullable=False),
    instant("rotated_at", nullable=True),
    instant("revoked_at", nullable=True),
    Index(None, "user_id", "id"),
)

oauth_refresh_tokens = Table(
    "oauth_refresh_tokens",
    metadata,
    text("token_hash", primary_key=True),
    reference("grant_id", index=True),
    Column("generation", Integer, nullable=False),
    instant("expires_at", index=True),
)


async def add_grant(session: Session, grant: Grant) -> None:
    """Store a grant."""
    values = {name: getattr(grant, name) for name in Grant.__slots__}
    values |= {"scopes": sorted(grant.scopes), "methods": list(grant.methods)}
    await session.execute(insert(oauth_grants).values(values))


async def find_grant(session: Session, grant_id: str) -> Grant | None:
    """Return a grant, or None."""
    query = select(oauth_grants).where(oauth_grants.c.id == grant_id)
    row = (await session.execute(query)).mappings().one_or_none()
    return None if row is None else _grant(row)


async def grant_for_update(session: Session, grant_id: str) -> Grant | None:
    """Return and lock a grant, or None: its refresh tokens are used one after the other."""
    query = select(oauth_grants).where(oauth_grants.c.id == grant_id).with_for_update()
    row = (await session.execute(query)).mappings().one_or_none()
    return None if row is None else _grant(row)


async def list_grants(
    session: Session, user_id: str, *, at: datetime, before: str | None, limit: int
) -> Sequence[Grant]:
    """Return a person's grants that are neither revoked nor expired, newest first."""
    query = select(oauth_grants).where(
        oauth_grants.c.user_id == user_id,
        oauth_grants.c.revoked_at.is_(None),
        oauth_grants.c.expires_at > at,
    )
    if before is not None:
        query = query.where(oauth_grants.c.id < before)
    rows = await session.execute(query.order_by(oauth_grants.c.id.desc()).limit(limit))
    return [_grant(row) for row in rows.mappings()]


async def save_generation(session: Session, grant_id: str, generation: int, *, at: datetime) -> None:
    """Note that a refresh token of this generation was presented for the first time."""
    await session.execute(
        update(oauth_grants).where(oauth_grants.c.id == grant_id).values(generation=generation, rotated_at=at)
    )


async def save_revoked(session: Session, grant_id: str, at: datetime) -> bool:
    """End a grant; False when it was ended before, and keeps its instant."""
    saved = await session.execute(
        update(oauth_grants)
        .where(oauth_grants.c.id == grant_id, oauth_grants.c.revoked_at.is_(None))
        .values(revoked_at=at)
        .returning(oauth_grants.c.id)
    )
    return saved.scalar_one_or_none() is not None


async def add_refresh_token(
    session: Session, token_hash: str, *, grant_id: str, generation: int, expires_at: datetime
) -> None:
    """Store the digest of a refresh token."""
    await session.execute(
        insert(oauth_refresh_tokens).values(
            token_hash=token_hash, grant_id=grant_id, generation=generation, expires_at=expires_at
        )
    )


async def find_refresh_token(session: Session, token_hash: str) -> tuple[str, int, datetime] | None:
    """Return the grant, the generation and the expiry of a refresh token, or None."""
    query = select(oauth_refresh_tokens).where(oauth_refresh_tokens.c.token_hash == token_hash)
    row = (await session.execute(query)).one_or_none()
    return None if row is None else (row.grant_id, row.generation, row.expires_at)


async def remove_expired_refresh_tokens(session: Session, before: datetime) -> None:
    """Forget refresh tokens that expired before an instant."""
    await session.execute(delete(oauth_refresh_tokens).where(oauth_refresh_tokens.c.expires_at < before))


def _grant(row: Mapping[Any, Any]) -> Grant:
    return Grant(**{**row, "scopes": frozenset(row["scopes"]), "methods": tuple(row["methods"])})
