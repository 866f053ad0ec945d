"""A card processor that keeps its port as a real one does: idempotent by key, and in the order of arrival."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from cardwright.cards import (
    CardState,
    EphemeralKey,
    Holder,
    HolderRefused,
    IssuedCard,
    MirroredLimit,
    ProcessorCard,
    Replaced,
    Window,
)
from cardwright.core.errors import Unavailable
from cardwright.core.ids import new_id
from cardwright.core.sensitive import Sensitive

T = TypeVar("T")


@dataclass
class WillingProcessor:
    """Does what it is asked, once per key; the same key with other content is refused, as vendors do.

    `failures` makes that many calls Unavailable before they have an effect, `lost_answers` after it.
    """

    failures: int = 0
    lost_answers: int = 0
    holders: dict[str, Holder] = field(default_factory=dict)
    issued: dict[str, str] = field(default_factory=dict)
    states: dict[str, CardState] = field(default_factory=dict)
    limits: dict[str, tuple[MirroredLimit, ...]] = field(default_factory=dict)
    refused_for: str | None = None
    keys: list[str] = field(default_factory=list)
    arrivals: dict[CardState | str, asyncio.Event] = field(default_factory=dict)
    asked: dict[CardState | str, asyncio.Event] = field(default_factory=dict)
    _answers: dict[str, tuple[Any, Any]] = field(default_factory=dict)

    windows = frozenset(Window)

    async def register_holder(self, holder: Holder, *, key: str) -> str:
        await self._arrive("register_holder", key)

        def register() -> str:
            reference = f"ich_{len(self.holders) + 1}"
            self.holders[reference] = holder
            return reference

        return self._once(key, holder, register)

    async def issue_card(
        self,
        *,
        card_id: str,
        currency: str,
        holder_reference: str,
        key: str,
        replaces: Replaced | None = None,
    ) -> IssuedCard:
        await self._arrive("issue_card", key)

        if self.refused_for is not None:
            raise HolderRefused(self.refused_for)

        def issue() -> IssuedCard:
            reference = f"ic_{len(self.issued) + 1}"
            self.issued[reference] = card_id
            self.states[reference] = CardState.ACTIVE
            return IssuedCard(reference, "4242", 11, 2029)

        return self._once(key, (card_id, currency, holder_reference, replaces), issue)

    async def set_state(self, reference: str, state: CardState, *, key: str) -> None:
        await self._arrive(state, key)
        self._once(key, (reference, state), lambda: self.states.update({reference: state}))

    async def set_limits(
        self, reference: str, limits: Sequence[MirroredLimit], *, currency: str, key: str
    ) -> None:
        await self._arrive("set_limits", key)
        content = (reference, tuple(limits), currency)
        self._once(key, content, lambda: self.limits.update({reference: tuple(limits)}))

    async def security_code(self, reference: str) -> Sensitive | None:  # noqa: ARG002 - the port's shape
        return None

    async def ephemeral_key(self, reference: str, *, nonce: str) -> EphemeralKey | None:  # noqa: ARG002
        return None

    async def state_at_processor(self, reference: str) -> ProcessorCard:
        await self._arrive("state_at_processor", new_id("key"))
        return ProcessorCard(self.states.get(reference), self.limits.get(reference, ()))

    def hold_back(self, call: CardState | str) -> tuple[asyncio.Event, asyncio.Event]:
        """Hold calls of a kind back; return what tells that one was made, and what lets them pass."""
        self.asked[call], self.arrivals[call] = asyncio.Event(), asyncio.Event()
        return self.asked[call], self.arrivals[call]

    async def _arrive(self, call: CardState | str, key: str) -> None:
        self.keys.append(key)
        if call in self.arrivals:
            self.asked[call].set()
            await self.arrivals[call].wait()
        if self.failures:
            self.failures -= 1
            raise Unavailable("processor_unavailable", "The processor does not answer.")

    def _once(self, key: str, content: Any, effect: Callable[[], T]) -> T:
        if key not in self._answers:
            self._answers[key] = (content, effect())
        known, answer = self._answers[key]
        assert known == content, "the same key came with other content"
        if self.lost_answers:
            self.lost_answers -= 1
            raise Unavailable("processor_unavailable", "The answer was lost.")
        return answer  # type: ignore[no-any-return]
