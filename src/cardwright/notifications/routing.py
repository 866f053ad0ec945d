"""The providers of a channel in the order they are asked, each with its breaker: never two after a doubt."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final, Generic, Protocol, TypeVar

from cardwright.core.clock import Clock
from cardwright.core.errors import Unavailable
from cardwright.measures import provider_call
from cardwright.notifications.breaker import Breaker
from cardwright.notifications.ports import InDoubt, OutcomeUnknown, RecipientAway, Refused

M = TypeVar("M")
T = TypeVar("T")
M_contra = TypeVar("M_contra", contravariant=True)
LONE: Final = "default"
"""The name of a provider that is alone."""


class Sender(Protocol[M_contra]):
    """What the ports of all channels have in common."""

    async def send(self, message: M_contra) -> str:
        """Hand over a message and return the provider's reference."""
        ...


@dataclass(frozen=True, slots=True)
class Provider(Generic[M]):
    """A sender by the name that people see, and whether it is left alone at the moment."""

    name: str
    sender: Sender[M]
    breaker: Breaker = field(default_factory=Breaker)


@dataclass(frozen=True, slots=True)
class Taken:
    """Who took a message, and under which reference."""

    provider: str
    reference: str


@dataclass(frozen=True, slots=True)
class Chain(Generic[M]):
    """Asks the next provider only where the one before has certainly not taken the message.

    It is a sender itself. Raises what the ports raise; Unavailable says in `retry_after_seconds` how long all
    of its providers want to be left alone, if they do.
    """

    clock: Clock
    providers: Sequence[Provider[M]]

    async def send(self, message: M) -> str:
        """Send by whichever provider takes it."""
        return (await self.deliver(message)).reference

    def room(self, most: int) -> int:
        """Return how many messages may be on their way: one while it is tried who is back, none before."""
        at = self.clock.now()
        if any(it.breaker.state(at) == "closed" for it in self.providers):
            return most
        return int(any(it.breaker.may_send(at) for it in self.providers))

    def first(self, bound_to: str | None = None) -> str:
        """Return who is asked first now; raises Unavailable while nobody may be asked."""
        at = self.clock.now()
        for provider in self._candidates(bound_to):
            if provider.breaker.may_send(at):
                return provider.name
        raise self._resting(bound_to)

    async def deliver(
        self,
        message: M,
        bound_to: str | None = None,
        before: Callable[[str], Awaitable[None]] | None = None,
    ) -> Taken:
        """Send, to nobody but `bound_to` if that is given; `before` learns of each provider that is asked."""
        failed: Unavailable | None = None
        for provider in self._candidates(bound_to):
            at = self.clock.now()
            if not provider.breaker.may_send(at):
                continue
            provider.breaker.begin(at)

            async def send(sender: Sender[M], name: str = provider.name) -> str:
                if before is not None:
                    await before(name)
                return await sender.send(message)

            try:
                reference = await self._ask(provider, send)
            except Unavailable as error:
                if isinstance(error, InDoubt):
                    raise
                failed = error
            else:
                return Taken(provider.name, reference)
        raise failed or self._resting(bound_to)

    async def aclose(self) -> None:
        """Close the connections of all."""
        for provider in self.providers:
            close = getattr(provider.sender, "aclose", None)
            if close is not None:
                await close()

    async def ask(self, name: str | None, question: Callable[[Any], Awaitable[T]]) -> T:
        """Ask one provider, the first if that one is gone, something else than to send."""
        provider, at = self._candidates(name)[0], self.clock.now()
        if not provider.breaker.may_send(at):
            raise self._resting(provider.name)
        provider.breaker.begin(at)
        return await self._ask(provider, question)

    async def _ask(self, provider: Provider[M], question: Callable[[Any], Awaitable[T]]) -> T:
        breaker = provider.breaker
        try:
            with provider_call(provider.name, but=RecipientAway):
                answer = await question(provider.sender)
        except Refused:
            breaker.succeed()
            raise
        except RecipientAway:
            # One person's own push service, which anybody can name, switches off nobody else's messages.
            breaker.give_up()
            raise
        except (Unavailable, OutcomeUnknown) as error:
            breaker.fail(self.clock.now(), _asked(error))
            if isinstance(error, InDoubt):
                error.provider = provider.name
            raise
        except (Exception, asyncio.CancelledError):
            breaker.give_up()
            raise
        breaker.succeed()
        return answer

    def _candidates(self, bound_to: str | None) -> Sequence[Provider[M]]:
        """Return whom to ask; a provider that is gone from the settings binds nobody any more."""
        bound = [provider for provider in self.providers if provider.name == bound_to]
        return bound or self.providers

    def _resting(self, bound_to: str | None) -> Unavailable:
        at = self.clock.now()
        seconds = min(provider.breaker.seconds_left(at) for provider in self._candidates(bound_to))
        return Unavailable(
            "provider_resting",
            "The provider is left alone for a while.",
            retry_after_seconds=int(seconds) or 1,
        )


def chain_of(sender: Any, clock: Clock) -> Chain[Any]:
    """Return a sender as a chain, of itself alone if it is none."""
    return sender if isinstance(sender, Chain) else Chain(clock, (Provider(LONE, sender),))


def _asked(error: Exception) -> timedelta | None:
    details = error.details if isinstance(error, Unavailable) else {}
    seconds = details.get("retry_after_seconds")
    return None if seconds is None else timedelta(seconds=seconds)
