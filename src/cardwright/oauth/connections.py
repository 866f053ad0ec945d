"""What somebody let applications do, as they see it and end it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cardwright.core.errors import NotFound
from cardwright.db.session import Session
from cardwright.oauth.domain import Grant
from cardwright.oauth.grants import revoke_grant
from cardwright.oauth.store import clients
from cardwright.oauth.store import grants as store


@dataclass(frozen=True, slots=True)
class Connection:
    """A living grant and the name of its client."""

    grant: Grant
    client_name: str


async def list_connections(
    session: Session, user_id: str, program_id: str, *, at: datetime, before: str | None, limit: int
) -> Sequence[Connection]:
    """Return a person's grants that have neither ended nor expired, newest first."""
    grants = await store.list_grants(session, user_id, at=at, before=before, limit=limit)
    names = {
        client_id: client.name
        for client_id in {grant.client_id for grant in grants}
        if (client := await clients.find_client(session, client_id, program_id)) is not None
    }
    return [Connection(grant, names.get(grant.client_id, grant.client_id)) for grant in grants]


async def end_connection(session: Session, user_id: str, grant_id: str, at: datetime) -> None:
    """End one of a person's own grants; raise NotFound `connection_not_found` for any other."""
    grant = await store.grant_for_update(session, grant_id)
    if grant is None or grant.user_id != user_id:
        raise NotFound("connection_not_found", "You have no connection with this id.")
    await revoke_grant(session, grant, by=user_id, at=at)
