"""What a background handler is given and how slices subscribe to events; the queue itself is the worker's."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, TypeVar

from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright.core.clock import Clock
from cardwright.core.errors import Unavailable
from cardwright.db.outbox import Event
from cardwright.db.session import Session, transaction

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Work:
    """The collaborators of a background handler: transactions, the clock, and what wiring provided."""

    engine: AsyncEngine
    clock: Clock
    provided: Mapping[type, Any]

    def transaction(self) -> AbstractAsyncContextManager[Session]:
        """Open a transaction; vendors are called between transactions, never inside one."""
        return transaction(self.engine)

    def get(self, kind: type[T]) -> T:
        """Return what wiring provided under a class or protocol."""
        found: T = self.provided[kind]
        return found


WORKER_NAME: Final = "cardwright-worker"
"""What the queue's connections are called in PostgreSQL; each asks for work every second."""
FIRST_PAUSE_SECONDS: Final = 0.5
LONGEST_PAUSE_SECONDS: Final = 300.0
_LONGEST_ASKED_SECONDS: Final = 3600.0
ATTEMPTS: Final = 12
"""How often something is tried that fails for reasons of our own; a vendor that is down is tried for ever."""


def pause_after(attempts: int, error: Exception | None = None) -> timedelta:
    """Return how long to wait before the next attempt: ever longer, and as long as a vendor asks for."""
    own = min(FIRST_PAUSE_SECONDS * 2 ** min(attempts, 20), LONGEST_PAUSE_SECONDS)
    asked = error.details.get("retry_after_seconds", 0) if isinstance(error, Unavailable) else 0
    return timedelta(seconds=max(own, min(asked, _LONGEST_ASKED_SECONDS)))


async def until_rung(bell: asyncio.Event, seconds: float) -> None:
    """Wait until a bell is rung, at most so long, and let it be silent again."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await bell.wait()
    bell.clear()


Handler = Callable[[Work, Event], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Subscription:
    """A handler of one type of event; `name` is durable, as waiting jobs refer to it.

    Delivery is at least once and unordered: a handler reads the present state and may run again. What it
    raises makes the job wait and run again later, with growing pauses, and at last be held for people.

    With `at_once` there are jobs only for events that it fails for: the relay gives it all that it took, in
    the transaction that records them. It returns what is to be done once that is committed.
    """

    name: str
    event_type: str
    handle: Handler
    at_once: "AtOnce | None" = None


AtOnce = Callable[[Session, Work, Sequence[Event]], Awaitable[Callable[[], Awaitable[None]]]]
