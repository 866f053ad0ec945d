"""What a route needs: a dependency per permission that answers with the actor or refuses."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Final, Protocol

from fastapi import Depends, Request

from cardwright.access import store
from cardwright.access.actors import Actor, Principal
from cardwright.access.permissions import PERMISSIONS, Permission, Reach, reach_of
from cardwright.core.errors import Forbidden, Unauthenticated
from cardwright.db.confinement import confine_to_customer, confine_to_program
from cardwright.db.session import Session
from cardwright.http.deps import ClockDep, SessionDep, provided

PERMISSION_MARK: Final = "cardwright_permission"


class Authenticator(Protocol):
    """Knows one kind of credentials, such as a session's cookie or an access token."""

    async def authenticate(self, request: Request, session: Session) -> Principal | None:
        """Return whose credentials these are; None when the request carries none of this kind.

        Raises Unauthenticated for credentials of this kind that are not good.
        """
        ...


class Authenticators(tuple[Authenticator, ...]):
    """Every kind of credentials that the deployment accepts, in the order they are looked for."""

    __slots__ = ()


async def _current_principal(
    request: Request,
    session: SessionDep,
    known: Annotated[Authenticators, Depends(provided(Authenticators))],
) -> Principal:
    for authenticator in known:
        principal = await authenticator.authenticate(request, session)
        if principal is not None:
            return principal
    raise Unauthenticated("token_missing", "Sign in, or send an access token in the Authorization header.")


CurrentPrincipal = Annotated[Principal, Depends(_current_principal)]


def allow(
    permission: Permission, *, reach: Reach = Reach.OWN, step_up: bool = False
) -> Callable[..., Awaitable[Actor]]:
    """Return a dependency that answers with the Actor, or Forbidden `permission_missing`; use it in Depends.

    `reach` is what the route needs at least: Reach.ANY for other people's things. With `step_up` the actor
    must have used a strong factor lately, too. A permission that is not in the table is a ValueError when the
    module loads.
    """
    if permission not in PERMISSIONS:
        raise ValueError(f"{permission!r} is not a permission")

    async def allowed(principal: CurrentPrincipal, session: SessionDep, clock: ClockDep) -> Actor:
        # Roles are read again for every request: what is taken away is gone at once.
        found = reach_of(permission, await store.roles_of(session, principal.user_id))
        is_within_scope = principal.scopes is None or permission in principal.scopes
        if found is None or not is_within_scope or (reach is Reach.ANY and found is Reach.OWN):
            raise Forbidden("permission_missing", f"This needs the permission {permission}.")
        actor = Actor(principal, found)
        if step_up:
            actor.ensure_recent_factor(clock.now())
        confine = confine_to_customer if found is Reach.OWN else confine_to_program
        await confine(session, program_id=principal.program_id, user_id=principal.user_id)
        return actor

    setattr(allowed, PERMISSION_MARK, (permission, reach, step_up))
    return allowed


async def permits(session: Session, principal: Principal, permission: Permission) -> bool:
    """Answer whether somebody's roles, as they are now, permit something for everybody in the program."""
    is_within_scope = principal.scopes is None or permission in principal.scopes
    found = reach_of(permission, await store.roles_of(session, principal.user_id))
    return is_within_scope and found is Reach.ANY
