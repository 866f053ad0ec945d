"""Where the request that is being handled came from, for the audit trail and the logs."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Final

from starlette.requests import cookie_parser
from starlette.types import Scope

BROWSER_COOKIE: Final = "__Host-cardwright-browser"
_LONGEST_USER_AGENT: Final = 200


@dataclass(frozen=True, slots=True)
class Origin:
    """One request: its id, the client's address as the socket has it, what it calls itself.

    `browser_id` is what the cookie says by which a browser is known again; it proves nothing by itself.
    """

    request_id: str | None
    client_address: str | None
    user_agent: str | None
    browser_id: str | None = field(default=None, repr=False)


_current: ContextVar[Origin | None] = ContextVar("origin", default=None)


def current_origin() -> Origin | None:
    """Return the origin of the request being handled; None in the worker and in commands."""
    return _current.get()


@contextmanager
def handling(scope: Scope, request_id: str) -> Iterator[None]:
    """Make a request the current one while the block runs."""
    agents, cookies = _headers(scope, b"user-agent"), _headers(scope, b"cookie")
    client = scope.get("client")
    origin = Origin(
        request_id,
        client[0] if client else None,
        _readable(agents[0]) if agents else None,
        cookie_parser("; ".join(cookies)).get(BROWSER_COOKIE),
    )
    token = _current.set(origin)
    try:
        yield
    finally:
        _current.reset(token)


def _headers(scope: Scope, wanted: bytes) -> list[str]:
    return [value.decode("latin-1") for name, value in scope["headers"] if name == wanted]


def _readable(user_agent: str) -> str:
    return "".join(letter for letter in user_agent if letter.isprintable())[:_LONGEST_USER_AGENT]
