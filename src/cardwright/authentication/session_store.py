"""The table of sessions."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Column, ColumnElement, Index, Table, UniqueConstraint, select, update
from sqlalchemy.dialects.postgresql import insert

from cardwright.authentication.domain import AuthSession, Lifetime
from cardwright.db.base import id_column, instant, json, metadata, reference, text
from cardwright.db.session import Session

auth_sessions = Table(
    "auth_sessions",
    metadata,
    id_column(),
    reference("user_id"),
    reference("program_id"),
    text("user_agent", nullable=True),
    text("client_address", nullable=True),
    text("browser_hash", nullable=True),
    instant("created_at"),
    instant("last_seen_at"),
    instant("expires_at"),
    instant("revoked_at", nullable=True),
    text("secret_hash"),
    json("methods"),
    Column("awaits_factor", Boolean, nullable=False),
    instant("factor_used_at", nullable=True),
    UniqueConstraint("secret_hash"),
    Index(None, "user_id", "id"),
)


async def add_session(session: Session, added: AuthSession) -> None:
    """Store a sign-in."""
    await session.execute(insert(auth_sessions).values(**asdict(added)))


async def find_session(session: Session, session_id: str) -> AuthSession | None:
    """Return a sign-in, or None."""
    return await _find(session, auth_sessions.c.id == session_id)


async def find_session_by_secret(session: Session, secret_hash: str) -> AuthSession | None:
    """Return the sign-in whose cookie hashes to this, or None."""
    return await _find(session, auth_sessions.c.secret_hash == secret_hash)


async def session_for_update(session: Session, session_id: str) -> AuthSession | None:
    """Return and lock a sign-in: what changes it happens in turn."""
    return await _find(session, auth_sessions.c.id == session_id, lock=True)


async def list_living_sessions(
    session: Session, user_id: str, lifetime: Lifetime, *, at: datetime, before: str | None, limit: int
) -> Sequence[AuthSession]:
    """Return a person's sessions that are neither ended nor waiting for a factor, newest first."""
    query = select(auth_sessions).where(
        auth_sessions.c.user_id == user_id,
        auth_sessions.c.revoked_at.is_(None),
        ~auth_sessions.c.awaits_factor,
        auth_sessions.c.expires_at > at,
        auth_sessions.c.created_at > at - lifetime.absolute,
        auth_sessions.c.last_seen_at > at - lifetime.idle,
    )
    if before is not None:
        query = query.where(auth_sessions.c.id < before)
    rows = await session.execute(query.order_by(auth_sessions.c.id.desc()).limit(limit))
    return [_session(row) for row in rows.mappings()]


async def is_new_device(session: Session, held: AuthSession) -> bool:
    """Answer whether somebody who signed in before never did in this session's browser."""
    before = select(auth_sessions.c.id).where(
        auth_sessions.c.user_id == held.user_id,
        auth_sessions.c.id != held.id,
        ~auth_sessions.c.awaits_factor,
    )
    here = before.where(auth_sessions.c.browser_hash == held.browser_hash)
    return bool((await session.execute(select(before.exists() & ~here.exists()))).scalar_one())


async def save_strengthened(session: Session, strengthened: AuthSession) -> None:
    """Store what giving a factor changed, the secret included."""
    await session.execute(
        update(auth_sessions)
        .where(auth_sessions.c.id == strengthened.id)
        .values(
            secret_hash=strengthened.secret_hash,
            methods=strengthened.methods,
            awaits_factor=strengthened.awaits_factor,
            factor_used_at=strengthened.factor_used_at,
            last_seen_at=strengthened.last_seen_at,
        )
    )


async def save_seen(session: Session, session_id: str, at: datetime) -> None:
    """Note that a session was in use; what is known to be later stays, and nobody is waited for."""
    due = (
        select(auth_sessions.c.id)
        .where(auth_sessions.c.id == session_id, auth_sessions.c.last_seen_at < at)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    await session.execute(update(auth_sessions).where(auth_sessions.c.id == due).values(last_seen_at=at))


async def save_revoked(session: Session, session_id: str, at: datetime) -> bool:
    """End a session; False for one that was ended before, which keeps its instant."""
    ended = await session.execute(
        update(auth_sessions)
        .where(auth_sessions.c.id == session_id, auth_sessions.c.revoked_at.is_(None))
        .values(revoked_at=at)
        .returning(auth_sessions.c.id)
    )
    return ended.scalar_one_or_none() is not None


async def save_all_revoked(
    session: Session, user_id: str, *, except_id: str | None, at: datetime
) -> Sequence[str]:
    """End every session of a person but one; return the ids of those that this call ended."""
    of_the_person = [auth_sessions.c.user_id == user_id, auth_sessions.c.revoked_at.is_(None)]
    if except_id is not None:
        of_the_person.append(auth_sessions.c.id != except_id)
    # Always in the same order, so that two who end each other's sessions never wait in a circle.
    locked = await session.execute(
        select(auth_sessions.c.id).where(*of_the_person).order_by(auth_sessions.c.id).with_for_update()
    )
    ids = list(locked.scalars())
    await session.execute(update(auth_sessions).where(auth_sessions.c.id.in_(ids)).values(revoked_at=at))
    return ids


async def _find(session: Session, which: ColumnElement[bool], *, lock: bool = False) -> AuthSession | None:
    query = select(auth_sessions).where(which)
    row = (await session.execute(query.with_for_update() if lock else query)).mappings().one_or_none()
    return None if row is None else _session(row)


def _session(row: Mapping[Any, Any]) -> AuthSession:
    return AuthSession(**{**row, "methods": tuple(row["methods"])})


async def erase_origins(session: Session, user_id: str) -> None:
    """Forget where and in what a person's sessions were opened."""
    await session.execute(
        update(auth_sessions)
        .where(auth_sessions.c.user_id == user_id)
        .values(user_agent=None, client_address=None, browser_hash=None)
    )
