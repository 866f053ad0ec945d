"""The routes of an application, one by one, and which methods an address has."""

from collections.abc import Iterable, Iterator

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute, Route


def operation_id(route: APIRoute) -> str:
    """Return what clients call an operation by: its function's name."""
    return route.name


def flattened(routes: Iterable[BaseRoute]) -> Iterator[BaseRoute]:
    """Yield routes, those of included routers among them."""
    for route in routes:
        included = getattr(route, "original_router", None)
        if isinstance(included, APIRouter):
            yield from flattened(included.routes)
        else:
            yield route


def methods_at(routes: Iterable[BaseRoute], path: str) -> list[str]:
    """Return every method that some route answers at an address, sorted.

    Where a route has this very address, those whose parameters it would fit too do not count.
    """
    fitting = [
        route for route in flattened(routes) if isinstance(route, Route) and route.path_regex.match(path)
    ]
    meant = [route for route in fitting if route.path == path] or fitting
    return sorted({method for route in meant for method in route.methods or ()})
