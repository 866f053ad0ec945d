"""Errors that say that the database cannot be reached or lets nobody in, in one sentence for operators."""

import re
import socket
from collections.abc import Iterator
from typing import Final

import asyncpg
from sqlalchemy.exc import DBAPIError

_HINT: Final = "is PostgreSQL running there, and is DATABASE_URL right?"
_REFUSALS: Final = (
    asyncpg.CannotConnectNowError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.TooManyConnectionsError,
    asyncpg.PostgresConnectionError,
)
_ADDRESS: Final = re.compile(r"Connect call failed \('([^']+)', (\d+)")


def sentence_of(error: BaseException) -> str | None:
    """Return what to tell an operator, or None for an error of any other kind."""
    for each in _chain(error):
        if isinstance(each, _REFUSALS):
            return f"The database lets nobody in ({each}); {_HINT}"
        if isinstance(each, socket.gaierror):
            return f"There is no such address as the database's; {_HINT}"
        if isinstance(each, ConnectionError | TimeoutError) or _ADDRESS.search(str(each)):
            return f"The database cannot be reached{_place(str(each))}; {_HINT}"
    return None


def _chain(error: BaseException) -> Iterator[BaseException]:
    # Only what the driver met counts, not what happened to be handled at the time.
    yield error
    if isinstance(error, DBAPIError) and error.orig is not None:
        yield error.orig
        if error.orig.__cause__ is not None:
            yield error.orig.__cause__


def _place(text: str) -> str:
    found = _ADDRESS.search(text)
    return f": nothing answers at {found[1]}:{found[2]}" if found else ""
