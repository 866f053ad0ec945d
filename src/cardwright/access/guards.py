"""What a route needs: a dependency per permission that answers with the actor or refuses."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated, Any, Final, Protocol, TypeVar

from fastapi import Depends, Request

from cardwright.access import store
from cardwright.access.actors import Actor, Principal
from cardwright.access.permissions import PERMISSIONS, Permission, Reach, reach_of
from cardwright.core.clock import Clock
from cardwright.core.errors import Forbidden, Unauthenticated
from cardwright.db.confinement import confine_to_customer, confine_to_program
from cardwright.db.session import Begin, Session
from cardwright.http.deps import ClockDep, SessionDep, TransactionsDep, provided

PERMISSION_MARK: Final = "cardwright_permission"
G = TypeVar("G", bound=Callable[..., Any])


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


_AuthenticatorsDep = Annotated[Authenticators, Depends(provided(Authenticators))]


async def _current_principal(request: Request, session: SessionDep, known: _AuthenticatorsDep) -> Principal:
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
    admit = _admission(permission, reach, step_up=step_up)

    async def allowed(principal: CurrentPrincipal, session: SessionDep, clock: ClockDep) -> Actor:
        return await admit(session, principal, clock)

    return _marked(allowed, permission, reach, step_up=step_up)


@dataclass(frozen=True, slots=True)
class Steps:
    """Somebody who may do what takes long: between its transactions no connection is held."""

    actor: Actor
    _begin: Begin
    _admit_again: Callable[[], Awaitable[Actor]]

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Session]:
        """Open a transaction that is confined as the guard's own was; it commits when the block ends."""
        async with self._begin() as session:
            await _confine(session, self.actor)
            yield session

    async def ensure_still(self) -> None:
        """Look at the credentials anew, for what lasts; raises what the guard would raise now.

        A proof of a key (DPoP) is good for one look only: with one, this refuses.
        """
        await self._admit_again()


def allow_in_steps(
    permission: Permission, *, reach: Reach = Reach.OWN
) -> Callable[..., Awaitable[Steps]]:  # fmt: skip
    """Return a dependency as `allow` does, whose own transaction has ended before the route begins.

    A route that waits for more than the database uses it, and opens a transaction for each of its steps.
    """
    admit = _admission(permission, reach, step_up=False)

    async def allowed(
        request: Request, begin: TransactionsDep, known: _AuthenticatorsDep, clock: ClockDep
    ) -> Steps:
        async def admitted() -> Actor:
            async with begin() as session:
                return await admit(session, await _current_principal(request, session, known), clock)

        return Steps(await admitted(), begin, admitted)

    return _marked(allowed, permission, reach, step_up=False)


def _admission(
    permission: Permission, reach: Reach, *, step_up: bool
) -> Callable[[Session, Principal, Clock], Awaitable[Actor]]:
    if permission not in PERMISSIONS:
        raise ValueError(f"{permission!r} is not a permission")

    async def admit(session: Session, principal: Principal, clock: Clock) -> Actor:
        # Roles are read again for every request: what is taken away is gone at once.
        found = reach_of(permission, await store.roles_of(session, principal.user_id))
        is_within_scope = principal.scopes is None or permission in principal.scopes
        if found is None or not is_within_scope or (reach is Reach.ANY and found is Reach.OWN):
            raise Forbidden("permission_missing", f"This needs the permission {permission}.")
        actor = Actor(principal, found)
        if step_up:
            actor.ensure_recent_factor(clock.now())
        await _confine(session, actor)
        return actor

    return admit


async def _confine(session: Session, actor: Actor) -> None:
    confine = confine_to_customer if actor.reach is Reach.OWN else confine_to_program
    await confine(session, program_id=actor.program_id, user_id=actor.user_id)


def _marked(allowed: G, permission: Permission, reach: Reach, *, step_up: bool) -> G:
    setattr(allowed, PERMISSION_MARK, (permission, reach, step_up))
    return allowed


async def permits(session: Session, principal: Principal, permission: Permission) -> bool:
    """Answer whether somebody's roles, as they are now, permit something for everybody in the program."""
    is_within_scope = principal.scopes is None or permission in principal.scopes
    found = reach_of(permission, await store.roles_of(session, principal.user_id))
    return is_within_scope and found is Reach.ANY
