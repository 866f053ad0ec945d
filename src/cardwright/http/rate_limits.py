"""How often something may be asked: counted in Valkey, in this process while Valkey is away."""

import time
from typing import Final

import structlog
from limits import parse
from limits.aio.storage import MemoryStorage, RedisStorage, Storage
from limits.aio.strategies import MovingWindowRateLimiter
from redis.exceptions import RedisError

from cardwright.core.errors import TooMany

_log = structlog.get_logger()
_PROBE_AFTER_SECONDS: Final = 5.0


class RateLimiter:
    """Counts hits per key in a moving window; a Valkey that is down or slow never fails a request."""

    def __init__(self, redis_url: str | None) -> None:
        self._local = MovingWindowRateLimiter(MemoryStorage())
        self._shared = MovingWindowRateLimiter(_storage(redis_url)) if redis_url else None
        self._shared_down_until = 0.0

    async def hit(self, limit: str, *key: str) -> None:
        """Count one use of `key` against a limit such as "5/minute"; raise TooMany when it is used up."""
        item = parse(limit)
        if not await self._count(limit, key):
            raise TooMany(
                "rate_limited", "Too many attempts; wait a little.", retry_after_seconds=item.get_expiry()
            )

    async def _count(self, limit: str, key: tuple[str, ...]) -> bool:
        item = parse(limit)
        if self._shared is not None and time.monotonic() >= self._shared_down_until:
            try:
                return await self._shared.hit(item, *key)
            except (RedisError, OSError, TimeoutError) as error:
                self._shared_down_until = time.monotonic() + _PROBE_AFTER_SECONDS
                _log.warning("rate_limits_local", error=type(error).__name__)
        return await self._local.hit(item, *key)


def _storage(redis_url: str) -> Storage:
    return RedisStorage(
        f"async+{redis_url}", implementation="redispy", socket_timeout=0.5, socket_connect_timeout=0.5
    )
