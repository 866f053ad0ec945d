"""The table of clients."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Boolean, Column, Row, Table, select, update
from sqlalchemy.dialects.postgresql import insert

from cardwright.db.base import id_column, instant, json, metadata, reference, text
from cardwright.db.session import Session
from cardwright.oauth.domain import AuthMethod, Client, GrantType

oauth_clients = Table(
    "oauth_clients",
    metadata,
    id_column(),
    reference("program_id"),
    text("name"),
    text("auth_method"),
    text("secret_hash", nullable=True),
    json("key_set", nullable=True),
    json("redirect_uris"),
    json("post_logout_redirect_uris"),
    json("grant_types"),
    json("scopes"),
    Column("is_first_party", Boolean, nullable=False),
    Column("requires_push", Boolean, nullable=False),
    instant("created_at"),
    instant("disabled_at", nullable=True),
)
_SETTLED_BY_WIRING: Final = ("name", "redirect_uris", "post_logout_redirect_uris", "scopes")


async def add_client(session: Session, client: Client) -> None:
    """Store a new client."""
    await session.execute(insert(oauth_clients).values(_row(client)))


async def save_settled_client(session: Session, client: Client) -> None:
    """Store a client that the deployment's settings describe, or what they say anew of it."""
    row = _row(client)
    statement = insert(oauth_clients).values(row)
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["id"],
            set_={name: row[name] for name in _SETTLED_BY_WIRING},
            where=oauth_clients.c.program_id == client.program_id,
        )
    )


async def find_client(session: Session, client_id: str, program_id: str) -> Client | None:
    """Return a program's client, disabled or not; or None."""
    query = select(oauth_clients).where(
        oauth_clients.c.id == client_id, oauth_clients.c.program_id == program_id
    )
    row = (await session.execute(query)).one_or_none()
    return None if row is None else _client(row)


async def client_for_update(session: Session, client_id: str, program_id: str) -> Client | None:
    """Return and lock a program's client, or None."""
    query = select(oauth_clients).where(
        oauth_clients.c.id == client_id, oauth_clients.c.program_id == program_id
    )
    row = (await session.execute(query.with_for_update())).one_or_none()
    return None if row is None else _client(row)


async def list_clients(
    session: Session, *, program_id: str, before: str | None, limit: int
) -> Sequence[Client]:
    """Return a program's clients by descending id, starting after the id `before`."""
    query = select(oauth_clients).where(oauth_clients.c.program_id == program_id)
    if before is not None:
        query = query.where(oauth_clients.c.id < before)
    rows = await session.execute(query.order_by(oauth_clients.c.id.desc()).limit(limit))
    return [_client(row) for row in rows]


async def save_secret_hash(session: Session, client_id: str, secret_hash: str) -> None:
    """Replace the digest of a client's secret."""
    await session.execute(
        update(oauth_clients).where(oauth_clients.c.id == client_id).values(secret_hash=secret_hash)
    )


async def save_disabled(session: Session, client_id: str, at: datetime) -> None:
    """Note that a client may do nothing any more."""
    await session.execute(update(oauth_clients).where(oauth_clients.c.id == client_id).values(disabled_at=at))


def _row(client: Client) -> dict[str, Any]:
    return {
        "id": client.id,
        "program_id": client.program_id,
        "name": client.name,
        "auth_method": client.auth_method.value,
        "secret_hash": client.secret_hash,
        "key_set": client.key_set,
        "redirect_uris": list(client.redirect_uris),
        "post_logout_redirect_uris": list(client.post_logout_redirect_uris),
        "grant_types": sorted(client.grant_types),
        "scopes": sorted(client.scopes),
        "is_first_party": client.is_first_party,
        "requires_push": client.requires_push,
        "created_at": client.created_at,
        "disabled_at": client.disabled_at,
    }


def _client(row: Row[Any]) -> Client:
    return Client(
        id=row.id,
        program_id=row.program_id,
        name=row.name,
        auth_method=AuthMethod(row.auth_method),
        redirect_uris=tuple(row.redirect_uris),
        post_logout_redirect_uris=tuple(row.post_logout_redirect_uris),
        grant_types=frozenset(GrantType(name) for name in row.grant_types),
        scopes=frozenset(row.scopes),
        is_first_party=row.is_first_party,
        requires_push=row.requires_push,
        created_at=row.created_at,
        key_set=row.key_set,
        secret_hash=row.secret_hash,
        disabled_at=row.disabled_at,
    )
