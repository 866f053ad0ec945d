"""Routes: one's own profile, the people of a program and their roles."""

from collections.abc import Collection
from functools import partial
from typing import Annotated, Final

from fastapi import Depends, Query, Response
from pydantic import StringConstraints

from cardwright import audit
from cardwright.access import Actor, Reach, allow
from cardwright.approvals import ApprovalOutput
from cardwright.http import strict
from cardwright.http.deps import ClockDep, IdempotencyDep, SessionDep, provided
from cardwright.http.pagination import Cursor, Limit, Page, page
from cardwright.http.strict import Id
from cardwright.users import reveals, roles, service
from cardwright.users.schemas import (
    MaskedUserOutput,
    ProfileInput,
    ProfileOutput,
    RevealInput,
    RoleChangeInput,
    UserOutput,
)
from cardwright.users.searching import Means, OwnersByCard, find_ids, means_of

router = strict.router("", "users")

ReadsAccount = Annotated[Actor, Depends(allow("account.read"))]
WritesProfile = Annotated[Actor, Depends(allow("profile.write"))]
ReadsUsers = Annotated[Actor, Depends(allow("users.read", reach=Reach.ANY))]
GrantsRoles = Annotated[Actor, Depends(allow("roles.grant", reach=Reach.ANY))]
SearchText = Annotated[str, StringConstraints(min_length=2, max_length=100, pattern=r"^[^\x00-\x1f]*$")]
_FOUND_BY: Final = (
    "An id, a whole e-mail address, the last four digits of a card, or whole words of a name; case and"
    " accents do not matter."
)
_MOST_IDS: Final = 100
Reveals = Annotated[Actor, Depends(allow("reveals.propose", reach=Reach.ANY))]


@router.get("/v1/me")
async def get_me(actor: ReadsAccount, session: SessionDep) -> UserOutput:
    """Tell who you are: your profile, roles and permissions."""
    return UserOutput.of(await service.get_person(session, actor.user_id, actor.program_id))


@router.put("/v1/me/profile")
async def put_my_profile(
    body: ProfileInput, actor: WritesProfile, session: SessionDep, clock: ClockDep
) -> ProfileOutput:
    """Replace your profile; another time zone needs a strong factor used lately.

    Hours that cards may be used at follow the new zone at once. Limits go on counting in the old zone, too,
    until the window that they were in there has ended.
    """
    at = clock.now()
    profile = await service.save_profile(
        session, actor.user_id, body.details(), at, ensure_may_move=partial(actor.ensure_recent_factor, at)
    )
    return ProfileOutput.of(profile)


@router.get("/v1/users")
async def list_users(
    actor: ReadsUsers,
    session: SessionDep,
    clock: ClockDep,
    owners: Annotated[OwnersByCard, Depends(provided(OwnersByCard))],
    text: Annotated[SearchText | None, Query(description=_FOUND_BY)] = None,
    ids: Annotated[
        list[Id] | None, Query(alias="id", max_length=_MOST_IDS, description="Only these people.")
    ] = None,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> Page[MaskedUserOutput]:
    """List everybody of the program, newest first, or whoever is looked for; personal data is masked."""
    wanted = None if text is None else text.strip()
    # What was typed may be personal, and the trail keeps what it is told for ever.
    means = {} if ids is None else {"searched_by": Means.ID.value}
    means |= {} if wanted is None else {"searched_by": means_of(wanted).value}
    await audit.record_look(
        session, actor, "users.read", actor.program_id, clock.now(), cursor=cursor, **means
    )
    among: Collection[str] | None = ids
    if wanted is not None:
        found = await find_ids(
            session, owners, wanted, program_id=actor.program_id, before=cursor, limit=limit + 1
        )
        among = found if ids is None else {*found}.intersection(ids)
    people = await service.list_people(
        session, program_id=actor.program_id, before=cursor, limit=limit + 1, among=among
    )
    return page(people, limit, show=MaskedUserOutput.of, cursor_of=lambda person: person.identity.user_id)


@router.get("/v1/users/{user_id}")
async def get_user(user_id: Id, actor: ReadsUsers, session: SessionDep, clock: ClockDep) -> MaskedUserOutput:
    """Show one person of the program; personal data is masked."""
    person = await service.get_person(session, user_id, actor.program_id)
    await audit.record_look(session, actor, "user.read", user_id, clock.now(), owner_id=user_id)
    return MaskedUserOutput.of(person)


@router.post("/v1/users/{user_id}/roles", status_code=202, response_model=ApprovalOutput)
async def propose_role_grant(
    user_id: Id, body: RoleChangeInput, actor: GrantsRoles, call: IdempotencyDep
) -> Response:
    """Propose that somebody gets a role; it counts once another administrator approves."""

    async def effect() -> ApprovalOutput:
        proposed = await roles.propose_grant(
            call.session, user_id, body.role, program_id=actor.program_id, reason=body.reason,
            by=actor.user_id, at=call.clock.now(),
        )  # fmt: skip
        return ApprovalOutput.model_validate(proposed)

    return await call.once(actor.user_id, effect, status=202)


@router.post("/v1/users/{user_id}/role-revocations", status_code=202, response_model=ApprovalOutput)
async def propose_role_revocation(
    user_id: Id, body: RoleChangeInput, actor: GrantsRoles, call: IdempotencyDep
) -> Response:
    """Propose that somebody loses a role; it is gone once another administrator approves."""

    async def effect() -> ApprovalOutput:
        proposed = await roles.propose_revocation(
            call.session, user_id, body.role, program_id=actor.program_id, reason=body.reason,
            by=actor.user_id, at=call.clock.now(),
        )  # fmt: skip
        return ApprovalOutput.model_validate(proposed)

    return await call.once(actor.user_id, effect, status=202)


@router.post("/v1/users/{user_id}/reveals", status_code=202, response_model=ApprovalOutput)
async def propose_reveal(user_id: Id, body: RevealInput, actor: Reveals, call: IdempotencyDep) -> Response:
    """Ask to see somebody's whole record; once approved it is open to you alone for 15 minutes."""

    async def effect() -> ApprovalOutput:
        proposed = await reveals.propose_reveal(
            call.session, user_id, program_id=actor.program_id, reason=body.reason, by=actor.user_id,
            at=call.clock.now(),
        )  # fmt: skip
        return ApprovalOutput.model_validate(proposed)

    return await call.once(actor.user_id, effect, status=202)


@router.get("/v1/users/{user_id}/reveals/{approval_id}")
async def view_revealed_user(
    user_id: Id, approval_id: Id, actor: Reveals, session: SessionDep, clock: ClockDep
) -> UserOutput:
    """Show somebody's whole record to who was allowed to see it; every look is on the audit trail."""
    person = await reveals.view_revealed(
        session, user_id, approval_id, program_id=actor.program_id, by=actor.user_id, at=clock.now()
    )
    return UserOutput.of(person)
