"""Where the request that is being handled came from, for the audit trail and the logs."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final

from starlette.types import Scope

_LONGEST_USER_AGENT: Final = 200


@dataclass(frozen=True, slots=True)
class Origin:
    """One request: its id, the client's address as the socket has it, what it calls itself."""

    request_id: str | None
    client_address: str | None
    user_agent: str | None


_current: ContextVar[Origin | None] = ContextVar("origin", default=None)


def current_origin() -> Origin | None:
    """Return the origin of the request being handled; None in the worker and in commands."""
    return _current.get()


@contextmanager
def handling(scope: Scope, request_id: str) -> Iterator[None]:
    """Make a request the current one while the block runs."""
    agents = [value.decode("latin-1") for name, value in scope["headers"] if name == b"user-agent"]
    client = scope.get("client")
    origin = Origin(request_id, client[0] if client else None, _readable(agents[0]) if agents else None)
    token = _current.set(origin)
    try:
        yield
    finally:
        _current.reset(token)


def _readable(user_agent: str) -> str:
    return "".join(letter for letter in user_agent if letter.isprintable())[:_LONGEST_USER_AGENT]
