"""One connection with one transaction: what use cases are given and nobody but the edge commits."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

Session: TypeAlias = AsyncConnection
"""A connection inside a transaction that its opener commits or rolls back."""


def create_engine(database_url: str, **options: Any) -> AsyncEngine:
    """Return an engine on asyncpg for a `postgres://` or `postgresql://` address; ValueError for others."""
    scheme, separator, rest = database_url.partition("://")
    if not separator or scheme.partition("+")[0] not in {"postgres", "postgresql"}:
        raise ValueError("DATABASE_URL must be a PostgreSQL address")
    return create_async_engine(
        f"postgresql+asyncpg://{rest}",
        json_serializer=canonical_json,
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
