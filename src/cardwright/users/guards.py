"""Who is asking and what they may do: roles are read again for every request."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends

from cardwright.authentication import CurrentPrincipal
from cardwright.core.errors import Forbidden
from cardwright.http.deps import SessionDep
from cardwright.users.permissions import PERMISSIONS, Actor, Permission, permissions_of
from cardwright.users.service import roles_of


async def _current_actor(principal: CurrentPrincipal, session: SessionDep) -> Actor:
    roles = await roles_of(session, principal.user_id)
    return Actor(principal.user_id, principal.program_id, principal.session_id, permissions_of(roles))


CurrentActor = Annotated[Actor, Depends(_current_actor)]


def require(permission: Permission) -> Callable[[Actor], Awaitable[Actor]]:
    """Return a dependency that answers with the Actor, or Forbidden `permission_missing`; use it in Depends.

    A permission that is not in the table is a ValueError when the module loads.
    """
    if permission not in PERMISSIONS:
        raise ValueError(f"{permission!r} is not a permission")

    async def permitted(actor: CurrentActor) -> Actor:
        if permission not in actor.permissions:
            raise Forbidden("permission_missing", f"This needs the permission {permission}.")
        return actor

    return permitted
