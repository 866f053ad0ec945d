"""Signals through Valkey's publish and subscribe: at once, to every process, and kept by nobody."""

import json
import time
from collections.abc import AsyncIterator, Sequence
from typing import Final

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from cardwright.notifications import Hint, Signal

_PREFIX: Final = "cardwright:live:"
_PROBE_AFTER_SECONDS: Final = 5.0
_SOCKET_SECONDS: Final = 0.5
_ALIVE_SECONDS: Final = 5.0
_log = structlog.get_logger()


class ValkeySignals:
    """Keeps the Signals port. After a failure nothing is sent for 5 seconds, so that nobody waits."""

    def __init__(self, redis_url: str) -> None:
        self._url = redis_url
        self._sending = Redis.from_url(
            redis_url, socket_timeout=_SOCKET_SECONDS, socket_connect_timeout=_SOCKET_SECONDS
        )
        self._down_until = 0.0

    async def aclose(self) -> None:
        """Close the connections that send."""
        await self._sending.aclose()

    async def publish(self, program_id: str, signals: Sequence[Signal]) -> None:
        """Send signals in one trip, unless Valkey is away."""
        if not signals or time.monotonic() < self._down_until:
            return
        try:
            async with self._sending.pipeline(transaction=False) as trip:
                for signal in signals:
                    trip.publish(_PREFIX + program_id, _packed(signal))
                await trip.execute()
        except (RedisError, OSError, TimeoutError) as error:
            self._down_until = time.monotonic() + _PROBE_AFTER_SECONDS
            _log.warning("signals_lost", error=type(error).__name__)

    async def listen(self, program_id: str) -> AsyncIterator[Signal | None]:
        """Yield None when subscribed, then signals; ends when Valkey goes away or does not answer."""
        # A connection of its own: one that waits takes none from those that send.
        client = Redis.from_url(
            self._url, socket_timeout=_ALIVE_SECONDS, socket_connect_timeout=_SOCKET_SECONDS
        )
        try:
            async with client.pubsub() as heard:
                await heard.subscribe(_PREFIX + program_id)
                while True:
                    message = await heard.get_message(timeout=_ALIVE_SECONDS)
                    if message is None:
                        await heard.ping()
                    elif message["type"] == "subscribe":
                        yield None
                    elif message["type"] == "message":
                        yield _unpacked(message["data"])
        except (RedisError, OSError, TimeoutError) as error:
            _log.warning("signals_away", error=type(error).__name__)
        finally:
            await client.aclose()


def _packed(signal: Signal) -> bytes:
    hint = signal.hint
    told = [signal.user_id] if hint is None else [signal.user_id, hint.kind, hint.id]
    return json.dumps(told, separators=(",", ":")).encode()


def _unpacked(data: bytes) -> Signal:
    user_id, *hint = json.loads(data)
    return Signal(user_id, Hint(*hint) if hint else None)
