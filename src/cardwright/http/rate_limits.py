"""How often something may be asked: counted in Valkey, and as each budget says while Valkey is away."""

import ipaddress
import time
from enum import StrEnum
from typing import Final

import structlog
from limits import RateLimitItem, parse_many
from limits.aio.storage import MemoryStorage, RedisStorage, Storage
from limits.aio.strategies import MovingWindowRateLimiter
from redis.exceptions import RedisError

from cardwright.core.errors import TooMany, Unavailable

_log = structlog.get_logger()
_PROBE_AFTER_SECONDS: Final = 5.0
_IPV6_NETWORK_BITS: Final = 64


class WhenAway(StrEnum):
    """What holds while Valkey does not answer: each process counts on alone, or nothing is let through."""

    LOCAL = "local"
    REFUSE = "refuse"


class RateLimiter:
    """Counts hits per key in a moving window; without a `redis_url` one process counts for itself."""

    def __init__(self, redis_url: str | None) -> None:
        self._local = MovingWindowRateLimiter(MemoryStorage())
        self._shared = MovingWindowRateLimiter(_storage(redis_url)) if redis_url else None
        self._shared_down_until = 0.0

    async def hit(self, limit: str, *key: str, when_away: WhenAway = WhenAway.LOCAL) -> None:
        """Count one use of `key` against a limit such as "5/minute; 50/day".

        Raises TooMany when it is used up, and Unavailable when Valkey is away and the budget asks for it.
        """
        for item in parse_many(limit):
            if not await self._count(item, key, when_away):
                raise TooMany(
                    "rate_limited", "Too many attempts; wait a little.", retry_after_seconds=item.get_expiry()
                )

    async def _count(self, item: RateLimitItem, key: tuple[str, ...], when_away: WhenAway) -> bool:
        is_allowed = await self._count_shared(item, key)
        if is_allowed is None and self._shared is not None and when_away is WhenAway.REFUSE:
            raise Unavailable(
                "budget_unknown", "This cannot be counted right now; try again.",
                retry_after_seconds=int(_PROBE_AFTER_SECONDS),
            )  # fmt: skip
        if is_allowed is False:
            return False
        # What Valkey lets through is counted here too: without it, this process goes on from there.
        is_allowed_here = await self._local.hit(item, *key)
        return is_allowed_here if is_allowed is None else is_allowed

    async def _count_shared(self, item: RateLimitItem, key: tuple[str, ...]) -> bool | None:
        if self._shared is None or time.monotonic() < self._shared_down_until:
            return None
        try:
            return await self._shared.hit(item, *key)
        except (RedisError, OSError, TimeoutError) as error:
            self._shared_down_until = time.monotonic() + _PROBE_AFTER_SECONDS
            _log.warning("rate_limits_local", error=type(error).__name__)
            return None


def client_key(host: str | None) -> str:
    """Return what stands for a client: its IPv4 address, or the IPv6 network that one customer gets.

    >>> client_key("2001:db8:1:2:aaaa::1"), client_key("::ffff:192.0.2.1"), client_key("192.0.2.1")
    ('2001:db8:1:2::/64', '192.0.2.1', '192.0.2.1')
    """
    try:
        address = ipaddress.ip_address(host or "")
    except ValueError:
        return host or "unknown"
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address, _IPV6_NETWORK_BITS), strict=False))


def _storage(redis_url: str) -> Storage:
    return RedisStorage(
        f"async+{redis_url}", implementation="redispy", socket_timeout=0.5, socket_connect_timeout=0.5
    )
