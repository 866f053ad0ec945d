"""Which applications somebody let act for them, and ending that."""

from datetime import datetime
from typing import Annotated

from fastapi import Depends
from pydantic import Field

from cardwright.access import Actor, allow
from cardwright.http import strict
from cardwright.http.deps import ClockDep, SessionDep
from cardwright.http.pagination import Cursor, Limit, Page, page
from cardwright.http.strict import Id, Output
from cardwright.oauth import connections
from cardwright.oauth.connections import Connection

router = strict.router("/v1/oauth/connections", "oauth")

ReadsAccount = Annotated[Actor, Depends(allow("account.read"))]
WritesAccount = Annotated[Actor, Depends(allow("account.write"))]


class ConnectionOutput(Output):
    """An application that may act for you."""

    id: str = Field(examples=["grant_01kb3x9p4fe8s8b9xkq5n2r7vt"])
    client_id: str
    client_name: str = Field(examples=["Cardwright for phones"])
    scopes: list[str]
    created_at: datetime
    last_refreshed_at: datetime | None
    expires_at: datetime


@router.get("")
async def list_connections(
    actor: ReadsAccount, session: SessionDep, clock: ClockDep, limit: Limit = 20, cursor: Cursor = None
) -> Page[ConnectionOutput]:
    """List which applications may act for you, newest first."""
    found = await connections.list_connections(
        session, actor.user_id, actor.program_id, at=clock.now(), before=cursor, limit=limit + 1
    )
    return page(found, limit, show=_shown, cursor_of=lambda one: one.grant.id)


@router.delete("/{connection_id}", status_code=204)
async def end_connection(
    connection_id: Id, actor: WritesAccount, session: SessionDep, clock: ClockDep
) -> None:
    """End what an application may do for you; its tokens stop working at once."""
    await connections.end_connection(session, actor.user_id, connection_id, clock.now())


def _shown(connection: Connection) -> ConnectionOutput:
    grant = connection.grant
    return ConnectionOutput(
        id=grant.id,
        client_id=grant.client_id,
        client_name=connection.client_name,
        scopes=sorted(grant.scopes),
        created_at=grant.created_at,
        last_refreshed_at=grant.rotated_at,
        expires_at=grant.expires_at,
    )
