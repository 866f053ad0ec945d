"""What a background handler is given and how slices subscribe to events; the queue itself is the worker's."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright.core.clock import Clock
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


Handler = Callable[[Work, Event], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Subscription:
    """A handler of one type of event; `name` is durable, as waiting jobs refer to it.

    Delivery is at least once and unordered: a handler reads the present state and may run again. What it
    raises makes the job wait and run again later, with growing pauses, and at last be held for people.
    """

    name: str
    event_type: str
    handle: Handler
