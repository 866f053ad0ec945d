"""Routes: where somebody is signed in, and signing them out everywhere."""

from datetime import datetime
from typing import Annotated

from fastapi import Depends
from pydantic import Field

from cardwright import audit
from cardwright.access import Actor, Reach, allow
from cardwright.approvals import Reason
from cardwright.authentication import device_name, list_sessions, revoke_all_sessions
from cardwright.http import strict
from cardwright.http.deps import ClockDep, SessionDep
from cardwright.http.pagination import Cursor, Limit, Page, page
from cardwright.http.strict import Id, Input, Output
from cardwright.users import service

router = strict.router("/v1/users", "users")

Reader = Annotated[Actor, Depends(allow("sessions.read", reach=Reach.ANY))]
Ender = Annotated[Actor, Depends(allow("sessions.end", reach=Reach.ANY))]


class HeldSessionOutput(Output):
    """A session of a customer, as staff see it: not where it is."""

    id: str
    device: str = Field(examples=["Chrome on Windows"])
    methods: list[str] = Field(description="How they proved who they are (RFC 8176).")
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime


class EndSessions(Input):
    """Why somebody is signed out."""

    reason: Reason = Field(examples=["They called: the phone was stolen."])


@router.get("/{user_id}/sessions")
async def list_user_sessions(
    user_id: Id, actor: Reader, session: SessionDep, clock: ClockDep, limit: Limit = 20, cursor: Cursor = None
) -> Page[HeldSessionOutput]:
    """Where somebody is signed in, the latest sign-in first."""
    await service.get_person(session, user_id, actor.program_id)
    await audit.record_look(session, actor, "sessions.read", user_id, clock.now(), owner_id=user_id)
    found = await list_sessions(session, user_id, at=clock.now(), before=cursor, limit=limit + 1)
    return page(
        found,
        limit,
        cursor_of=lambda held: held.id,
        show=lambda held: HeldSessionOutput(
            id=held.id,
            device=device_name(held.user_agent),
            methods=list(held.methods),
            created_at=held.created_at,
            last_seen_at=held.last_seen_at,
            expires_at=held.expires_at,
        ),
    )


@router.post("/{user_id}/sign-out", status_code=204)
async def sign_user_out(
    user_id: Id, body: EndSessions, actor: Ender, session: SessionDep, clock: ClockDep
) -> None:
    """End all sessions of somebody at once; they can sign in again."""
    await service.get_person(session, user_id, actor.program_id)
    at = clock.now()
    await revoke_all_sessions(session, user_id, at=at)
    details = {"reason": body.reason}
    await audit.record(session, actor.user_id, actor.program_id, "sessions.ended", user_id, details, at)
