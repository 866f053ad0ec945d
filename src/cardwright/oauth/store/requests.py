"""The tables of pushed requests, of those that wait for consent, and of codes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Table, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from cardwright.db.base import id_column, instant, json, metadata, reference, text
from cardwright.db.session import Session

oauth_pushed_requests = Table(
    "oauth_pushed_requests",
    metadata,
    text("secret_hash", primary_key=True),
    reference("program_id"),
    reference("client_id"),
    json("parameters"),
    instant("expires_at", index=True),
    instant("used_at", nullable=True),
)

oauth_interactions = Table(
    "oauth_interactions",
    metadata,
    id_column(),
    reference("program_id"),
    reference("client_id"),
    reference("user_id"),
    reference("session_id"),
    json("request"),
    instant("expires_at", index=True),
    instant("decided_at", nullable=True),
)

oauth_codes = Table(
    "oauth_codes",
    metadata,
    text("code_hash", primary_key=True),
    reference("program_id"),
    reference("client_id"),
    reference("user_id"),
    reference("session_id"),
    json("request"),
    json("sign_in"),
    instant("expires_at", index=True),
    instant("used_at", nullable=True),
    reference("grant_id", nullable=True),
)


@dataclass(frozen=True, slots=True)
class PushedRequest:
    """An authorization request that a client sent from its server; used when a browser brings its name."""

    secret_hash: str
    program_id: str
    client_id: str
    parameters: Mapping[str, str]
    expires_at: datetime
    used_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Interaction:
    """An authorization request that waits for the consent of the person whose session it was made in."""

    id: str
    program_id: str
    client_id: str
    user_id: str
    session_id: str
    request: Mapping[str, Any]
    expires_at: datetime
    decided_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Code:
    """What an authorization code stands for; `grant_id` is what it gave once it was used."""

    code_hash: str
    program_id: str
    client_id: str
    user_id: str
    session_id: str
    request: Mapping[str, Any]
    sign_in: Mapping[str, Any]
    expires_at: datetime
    used_at: datetime | None = None
    grant_id: str | None = None


async def add_pushed(session: Session, pushed: PushedRequest) -> None:
    """Store a pushed request."""
    await session.execute(insert(oauth_pushed_requests).values(_values(pushed)))


async def find_pushed(session: Session, secret_hash: str) -> PushedRequest | None:
    """Return a pushed request, or None."""
    query = select(oauth_pushed_requests).where(oauth_pushed_requests.c.secret_hash == secret_hash)
    row = (await session.execute(query)).mappings().one_or_none()
    return None if row is None else PushedRequest(**row)


async def save_pushed_used(session: Session, secret_hash: str, at: datetime) -> bool:
    """Note that a pushed request was used; False when it was before."""
    saved = await session.execute(
        update(oauth_pushed_requests)
        .where(oauth_pushed_requests.c.secret_hash == secret_hash, oauth_pushed_requests.c.used_at.is_(None))
        .values(used_at=at)
        .returning(oauth_pushed_requests.c.secret_hash)
    )
    return saved.scalar_one_or_none() is not None


async def add_interaction(session: Session, interaction: Interaction) -> None:
    """Store a request that waits for consent."""
    await session.execute(insert(oauth_interactions).values(_values(interaction)))


async def find_interaction(session: Session, interaction_id: str) -> Interaction | None:
    """Return a request that waits, or waited, for consent; or None."""
    query = select(oauth_interactions).where(oauth_interactions.c.id == interaction_id)
    row = (await session.execute(query)).mappings().one_or_none()
    return None if row is None else Interaction(**row)


async def save_decided(session: Session, interaction_id: str, at: datetime) -> bool:
    """Note that consent was given or refused; False when it was before."""
    saved = await session.execute(
        update(oauth_interactions)
        .where(oauth_interactions.c.id == interaction_id, oauth_interactions.c.decided_at.is_(None))
        .values(decided_at=at)
        .returning(oauth_interactions.c.id)
    )
    return saved.scalar_one_or_none() is not None


async def add_code(session: Session, code: Code) -> None:
    """Store a code."""
    await session.execute(insert(oauth_codes).values(_values(code)))


async def code_for_update(session: Session, code_hash: str) -> Code | None:
    """Return and lock a code, or None: it is exchanged by one at a time."""
    query = select(oauth_codes).where(oauth_codes.c.code_hash == code_hash).with_for_update()
    row = (await session.execute(query)).mappings().one_or_none()
    return None if row is None else Code(**row)


async def save_code_used(session: Session, code_hash: str, grant_id: str | None, at: datetime) -> None:
    """Note that a code was spent, and on which grant; None when on nothing."""
    await session.execute(
        update(oauth_codes).where(oauth_codes.c.code_hash == code_hash).values(used_at=at, grant_id=grant_id)
    )


async def remove_expired_requests(session: Session, before: datetime) -> None:
    """Forget codes, interactions and pushed requests that expired before an instant."""
    for table in (oauth_codes, oauth_interactions, oauth_pushed_requests):
        await session.execute(delete(table).where(table.c.expires_at < before))


def _values(stored: PushedRequest | Interaction | Code) -> dict[str, Any]:
    return {name: getattr(stored, name) for name in stored.__slots__}
