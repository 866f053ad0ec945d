"""One connection with one transaction: what use cases are given and nobody but the edge commits."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from typing import Any, Final, TypeAlias

import asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

Session: TypeAlias = AsyncConnection
"""A connection inside a transaction that its opener commits or rolls back."""
Begin: TypeAlias = Callable[[], AbstractAsyncContextManager[Session]]
"""Opens a transaction that commits when its block ends, and rolls back when it raises."""

AWAY: Final = (
    OSError, asyncpg.PostgresConnectionError, asyncpg.CannotConnectNowError, asyncpg.TooManyConnectionsError,
)  # fmt: skip
"""What is raised where the database is not there, lets nobody in or left in the middle."""


def is_away(error: BaseException) -> bool:
    """Whether an error says that the database went or is gone: asked again, it may be back."""
    if not isinstance(error, DBAPIError):
        return isinstance(error, AWAY)
    # A server that starts, recovers or shuts down lets nobody in: SQLAlchemy has no word for that.
    return error.connection_invalidated or (error.orig is not None and isinstance(error.orig.__cause__, AWAY))


def plain_url(database_url: str) -> str:
    """Return `postgresql://…` for any spelling of a PostgreSQL address; ValueError for other addresses.

    >>> plain_url("postgresql+asyncpg://app@localhost/cards")
    'postgresql://app@localhost/cards'
    """
    scheme, separator, rest = database_url.partition("://")
    if not separator or scheme.partition("+")[0] not in {"postgres", "postgresql"}:
        raise ValueError("DATABASE_URL is not the address of a PostgreSQL: postgresql://user@host/database")
    return f"postgresql://{rest}"


def create_engine(database_url: str, **options: Any) -> AsyncEngine:
    """Return an engine on asyncpg; ValueError for an address that is not PostgreSQL's."""
    return create_async_engine(
        plain_url(database_url).replace("://", "+asyncpg://", 1),
        json_serializer=canonical_json,
        # An error names its statement; what was to be stored may be personal and stays out of the logs.
        hide_parameters=True,
        connect_args={"server_settings": {"timezone": "UTC", "application_name": "cardwright"}},
        **options,
    )


@asynccontextmanager
async def transaction(engine: AsyncEngine) -> AsyncIterator[Session]:
    """Open a session; commit when the block ends, roll back when it raises."""
    async with engine.begin() as connection:
        yield connection


def canonical_json(value: Any) -> str:
    """Write JSON with sorted keys and no spaces, instants as ISO 8601, and nothing that is not JSON."""
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, default=_plain
    )


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is not JSON")
