"""What the worker does at the processor on behalf of cards: issue them, and bring them to our state."""

from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import Final

from cardwright import audit, users, vault
from cardwright.cards import store
from cardwright.cards.domain import CancellationReason, Card, CardState, ReplacementReason
from cardwright.cards.lifecycle import CLOCK_ACTOR, PROCESSOR_ACTOR, close, event_of
from cardwright.cards.ports import CardProcessor, Holder, IssuedCard
from cardwright.core.errors import Conflict
from cardwright.core.ids import new_id
from cardwright.db import outbox
from cardwright.db.jobs import Subscription, Work
from cardwright.db.outbox import Event
from cardwright.db.session import Session


async def issue_card(work: Work, event: Event) -> None:
    """Issue a requested card at the processor, with the card's id as the key of the call."""
    async with work.transaction() as session:
        card = await store.find_card(session, event.subject_id)
        if card is None or card.state is not CardState.INACTIVE or card.processor_reference is not None:
            return
        holder_reference = await store.find_holder_reference(session, card.user_id)
        profile = await users.get_profile(session, card.user_id)
    processor = work.get(CardProcessor)
    if holder_reference is None:
        holder = _holder(profile)
        holder_reference = await processor.register_holder(holder, key=_holder_key(holder))
        async with work.transaction() as session:
            await store.save_holder_reference(session, card.user_id, holder_reference)
    issued = await processor.issue_card(
        card_id=card.id, currency=card.currency, holder_reference=holder_reference, key=f"{card.id}:issue"
    )
    await _keep_number(work, card, issued)
    async with work.transaction() as session:
        # Older cards of a chain are locked first, here as everywhere.
        replaced = card.replacement_for and await store.card_for_update(session, card.replacement_for)
        card = await store.card_for_update(session, card.id)
        if card.processor_reference is not None:
            return
        await store.save_issued(session, card.id, issued)
        now = work.clock.now()
        if card.state is CardState.CANCELED:
            # It was canceled while it was being issued: the processor must hear of it.
            await outbox.append(session, event_of("cards.card_state_changed", card, now))
            return
        await store.save_state(
            session, card, CardState.ACTIVE, actor_id=PROCESSOR_ACTOR, reason="issued", at=now
        )
        await outbox.append(
            session,
            event_of("cards.card_issued", replace(card, last4=issued.last4, state=CardState.ACTIVE), now),
        )
        if replaced and card.replacement_reason is not ReplacementReason.EXPIRING:
            # An expiring card goes on until it expires: who keeps it on file has time to learn the new one.
            await _retire(session, replaced, now)
        details = {"before": card.state, "after": CardState.ACTIVE}
        await audit.record(session, PROCESSOR_ACTOR, card.program_id, "card.issued", card.id, details, now)


async def _keep_number(work: Work, card: Card, issued: IssuedCard) -> None:
    # Before the card is active: a number may be kept for a card that is not there yet, never the other way.
    # When this is run again, the processor answers the same number, and keeping that again does nothing.
    if issued.number is None:
        return
    async with work.transaction() as session:
        await vault.keep(
            session, card_id=card.id, program_id=card.program_id, number=issued.number, at=work.clock.now()
        )


async def _retire(session: Session, card: Card, at: datetime) -> None:
    if card.state is not CardState.CANCELED:
        await close(session, card, CancellationReason.REPLACED, actor_id=CLOCK_ACTOR, at=at)


async def push_state(work: Work, event: Event) -> None:
    """Bring the card at the processor to our present state, again when it changed meanwhile."""
    pushed: tuple[CardState, int] | None = None
    while True:
        async with work.transaction() as session:
            card = await store.card_for_update(session, event.subject_id)
            present = (card.processor_state, await store.count_transitions(session, card.id))
        if present == pushed or card.processor_reference is None or card.state is CardState.INACTIVE:
            return
        # A new key for each call: under a key used before, correcting a push that was overtaken would only
        # replay an answer. Setting a state twice does no harm, so nothing is lost.
        await work.get(CardProcessor).set_state(card.processor_reference, present[0], key=new_id("push"))
        pushed = present


def _holder(profile: users.Profile) -> Holder:
    if profile.address is None:
        raise Conflict("profile_incomplete", "The holder's profile has no address.")
    home = profile.address
    return Holder(
        profile.user_id, profile.full_name, profile.email, profile.phone, home.line1, home.city,
        home.postal_code, home.country,
    )  # fmt: skip


def _holder_key(holder: Holder) -> str:
    # A profile may change before a lost answer is asked for again; one key stands for one content.
    return f"{holder.user_id}:holder:{sha256(repr(holder).encode()).hexdigest()[:16]}"


SUBSCRIPTIONS: Final = (
    Subscription("cards.issue_card", "cards.card_requested", issue_card),
    Subscription("cards.push_state", "cards.card_state_changed", push_state),
)
