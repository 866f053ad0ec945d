"""Bringing cards at the processor to what they are here: their state, and the limits it enforces besides."""

from dataclasses import dataclass
from typing import Final

from cardwright.cards import limit_store, mirror_store, store
from cardwright.cards.domain import Card, CardState, MirroredLimit, Scope, Subject, mirrored
from cardwright.cards.ports import CardProcessor, CardProcessors
from cardwright.core.ids import new_id
from cardwright.db import outbox
from cardwright.db.jobs import Subscription, Work
from cardwright.db.outbox import Event
from cardwright.db.session import Session

_AT_ONCE: Final = 100


async def push_state(work: Work, event: Event) -> None:
    """Bring the card of an event to our present state at the processor."""
    await bring_state(work, event.subject_id)


async def push_limits(work: Work, event: Event) -> None:
    """Bring the limits of an event's card to ours at the processor."""
    await bring_limits(work, event.subject_id)


async def push_limits_of_issued(work: Work, event: Event) -> None:
    """Give a card that was just issued its limits; the processor has none of it yet."""
    await bring_limits(work, event.subject_id, present=())


async def push_program_limits(work: Work, event: Event) -> None:
    """Bring some cards of a program to its limits, and order the same for the cards that follow."""
    async with work.transaction() as session:
        card_ids = await mirror_store.issued_card_ids(
            session, after=event.payload.get("after", ""), limit=_AT_ONCE, program_id=event.program_id
        )
    for card_id in card_ids:
        await bring_limits(work, card_id)
    if len(card_ids) == _AT_ONCE:
        following = Event(
            event.type, event.program_id, event.subject_id, work.clock.now(), {"after": card_ids[-1]}
        )
        async with work.transaction() as session:
            await outbox.append(session, following)


@dataclass(frozen=True, slots=True)
class _Pushed:
    state: CardState
    version: int


async def bring_state(work: Work, card_id: str) -> None:
    """Bring the card at the processor to our present state, again when it changed meanwhile."""
    pushed: _Pushed | None = None
    while True:
        async with work.transaction() as session:
            card = await store.card_for_update(session, card_id)
            present = _Pushed(card.processor_state, await store.count_transitions(session, card.id))
            if card.processor_reference is None or card.state is CardState.INACTIVE:
                return
            if present == pushed:
                await mirror_store.save_told_state(session, card.id, present.state)
                return
        # A new key for each call: under a key used before, correcting a push that was overtaken would only
        # replay an answer. Setting a state twice does no harm, so nothing is lost.
        processor = processor_of(work, card)
        await processor.set_state(card.processor_reference, present.state, key=new_id("push"))
        pushed = present


async def bring_limits(work: Work, card_id: str, *, present: tuple[MirroredLimit, ...] | None = None) -> None:
    """Bring the limits at the processor to ours, again when they changed meanwhile; `present` are there."""
    pushed = present
    while True:
        async with work.transaction() as session:
            card = await store.card_for_update(session, card_id)
            processor = processor_of(work, card)
            wanted = await mirrored_limits_of(session, card, processor)
            # A canceled card pays nothing, and processors refuse to change it.
            if card.processor_reference is None or card.state in (CardState.INACTIVE, CardState.CANCELED):
                return
            if wanted == pushed:
                await mirror_store.save_told_limits(session, card.id, wanted)
                return
        await processor.set_limits(
            card.processor_reference, wanted, currency=card.currency, key=new_id("push")
        )
        pushed = wanted


def processor_of(work: Work, card: Card) -> CardProcessor:
    """Return the processor that a card is at."""
    return work.get(CardProcessors).of(card.processor)


async def mirrored_limits_of(
    session: Session, card: Card, processor: CardProcessor
) -> tuple[MirroredLimit, ...]:
    """Return the limits that the processor enforces besides us for a card."""
    everybody = Subject(Scope.PROGRAM, card.program_id)
    subjects = (store.subject_of(card.id), store.fixed_of(card.id), everybody)
    limits = mirrored(await limit_store.limits_for(session, subjects))
    return tuple(limit for limit in limits if limit.window in processor.windows)


SUBSCRIPTIONS: Final = (
    Subscription("cards.push_state", "cards.card_state_changed", push_state),
    Subscription("cards.push_limits", "cards.limits_changed", push_limits),
    Subscription("cards.push_limits_of_issued", "cards.card_issued", push_limits_of_issued),
    Subscription("cards.push_program_limits", "cards.program_limits_changed", push_program_limits),
)
