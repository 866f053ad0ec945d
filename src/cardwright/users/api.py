"""Routes: one's own profile, the people of a program, their roles, the audit trail."""

from typing import Annotated

from fastapi import Depends, Response

from cardwright.http import strict
from cardwright.http.deps import ClockDep, IdempotencyDep, SessionDep
from cardwright.http.pagination import Cursor, Limit, Page, page
from cardwright.http.strict import Id
from cardwright.users import audit, service
from cardwright.users.guards import CurrentActor, require
from cardwright.users.permissions import Actor
from cardwright.users.schemas import (
    AuditEntryOutput,
    ProfileInput,
    ProfileOutput,
    RoleGrantInput,
    RolesOutput,
    UserOutput,
)

router = strict.router("", "users")

ReadsUsers = Annotated[Actor, Depends(require("users.read"))]
GrantsRoles = Annotated[Actor, Depends(require("roles.grant"))]
ReadsAudit = Annotated[Actor, Depends(require("audit.read"))]


@router.get("/v1/me")
async def get_me(actor: CurrentActor, session: SessionDep) -> UserOutput:
    """Tell who you are: your profile, roles and permissions."""
    return UserOutput.of(await service.get_person(session, actor.user_id, actor.program_id))


@router.put("/v1/me/profile")
async def put_my_profile(
    body: ProfileInput, actor: CurrentActor, session: SessionDep, clock: ClockDep
) -> ProfileOutput:
    """Replace your profile."""
    profile = await service.save_profile(session, actor.user_id, body.details(), clock.now())
    return ProfileOutput.of(profile)


@router.get("/v1/users")
async def list_users(
    actor: ReadsUsers, session: SessionDep, limit: Limit = 20, cursor: Cursor = None
) -> Page[UserOutput]:
    """List everybody of the program, newest first."""
    people = await service.list_people(session, program_id=actor.program_id, before=cursor, limit=limit + 1)
    return page(people, limit, show=UserOutput.of, cursor_of=lambda person: person.identity.user_id)


@router.get("/v1/users/{user_id}")
async def get_user(user_id: Id, actor: ReadsUsers, session: SessionDep) -> UserOutput:
    """Show one person of the program."""
    return UserOutput.of(await service.get_person(session, user_id, actor.program_id))


@router.post("/v1/users/{user_id}/roles", status_code=201, response_model=RolesOutput)
async def grant_user_role(
    user_id: Id, body: RoleGrantInput, actor: GrantsRoles, call: IdempotencyDep
) -> Response:
    """Give somebody a role; it counts from their next request on."""

    async def effect() -> RolesOutput:
        await service.get_person(call.session, user_id, actor.program_id)
        roles = await service.grant_role(call.session, user_id, body.role, actor.user_id, call.clock.now())
        return RolesOutput.of(user_id, roles)

    return await call.once(actor.user_id, effect)


@router.get("/v1/audit-entries")
async def list_audit_entries(
    actor: ReadsAudit, session: SessionDep, limit: Limit = 20, cursor: Cursor = None
) -> Page[AuditEntryOutput]:
    """List who did what in the program, newest first."""
    entries = await audit.list_entries(session, program_id=actor.program_id, before=cursor, limit=limit + 1)
    return page(entries, limit, show=AuditEntryOutput.of, cursor_of=lambda entry: entry.id)
