"""Routes: one's own profile, the people of a program and their roles."""

from typing import Annotated

from fastapi import Depends, Response

from cardwright.access import Actor, Reach, allow
from cardwright.http import strict
from cardwright.http.deps import ClockDep, IdempotencyDep, SessionDep
from cardwright.http.pagination import Cursor, Limit, Page, page
from cardwright.http.strict import Id
from cardwright.users import service
from cardwright.users.schemas import (
    ProfileInput,
    ProfileOutput,
    RoleGrantInput,
    RolesOutput,
    UserOutput,
)

router = strict.router("", "users")

ReadsAccount = Annotated[Actor, Depends(allow("account.read"))]
WritesProfile = Annotated[Actor, Depends(allow("profile.write"))]
ReadsUsers = Annotated[Actor, Depends(allow("users.read", reach=Reach.ANY))]
GrantsRoles = Annotated[Actor, Depends(allow("roles.grant", reach=Reach.ANY))]


@router.get("/v1/me")
async def get_me(actor: ReadsAccount, session: SessionDep) -> UserOutput:
    """Tell who you are: your profile, roles and permissions."""
    return UserOutput.of(await service.get_person(session, actor.user_id, actor.program_id))


@router.put("/v1/me/profile")
async def put_my_profile(
    body: ProfileInput, actor: WritesProfile, session: SessionDep, clock: ClockDep
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
