"""What every route declares: the boot check, and the rows of the documentation page."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

from cardwright.access.guards import PERMISSION_MARK
from cardwright.access.permissions import ANY_SESSION, PUBLIC, Permission, Reach
from cardwright.http.routes import flattened


@dataclass(frozen=True, slots=True)
class Operation:
    """A route and what it needs: `permission` is None when it is public, or needs a session alone.

    `needs_step_up` tells of routes that ask for a strong factor whatever is sent; others may by what is sent.
    """

    name: str
    method: str
    path: str
    permission: Permission | None
    reach: Reach
    needs_step_up: bool = False


def operations(routes: Iterable[BaseRoute]) -> list[Operation]:
    """Return what every route needs; raise RuntimeError for one that declares nothing, or two things.

    A public operation declares no permission and stands in PUBLIC, one that needs a session alone stands in
    ANY_SESSION; any other has exactly one `allow`.
    """
    return [_operation(route) for route in _api_routes(routes)]


def ensure_declared(routes: Iterable[BaseRoute]) -> None:
    """Stop the start of an application that has a route nobody decided about."""
    operations(routes)


def _api_routes(routes: Iterable[BaseRoute]) -> Iterator[APIRoute]:
    for route in flattened(routes):
        if isinstance(route, APIRoute):
            yield route
        elif getattr(route, "name", None) not in PUBLIC:
            # Whatever else can be mounted has no dependencies to look at.
            raise RuntimeError(f"{route!r} cannot declare what it needs")


def _operation(route: APIRoute) -> Operation:
    found = sorted(set(_declared(route.dependant)))
    is_unguarded = route.name in PUBLIC | ANY_SESSION
    if len(found) != (0 if is_unguarded else 1):
        needed = "no permission, standing among the exceptions" if is_unguarded else "exactly one permission"
        raise RuntimeError(f"{route.name} declares {found}; it needs {needed}")
    permission, reach, needs_step_up = (None, Reach.OWN, False) if is_unguarded else found[0]
    return Operation(route.name, min(route.methods or ()), route.path, permission, reach, needs_step_up)


def _declared(dependant: Dependant) -> Iterator[tuple[Permission, Reach, bool]]:
    for needed in dependant.dependencies:
        declared = getattr(needed.call, PERMISSION_MARK, None)
        if declared is not None:
            yield declared
        yield from _declared(needed)
