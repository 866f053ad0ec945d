"""What the worker does at the processor on behalf of cards: issue them, once it accepts their holders."""

from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import Final

from cardwright import audit, users, vault
from cardwright.cards import batches, holder_store, mirror_store, mirroring, reveals, store
from cardwright.cards.domain import CancellationReason, Card, CardState, ReplacementReason
from cardwright.cards.lifecycle import CLOCK_ACTOR, PROCESSOR_ACTOR, close, event_of
from cardwright.cards.ports import CardProcessors, Holder, HolderRefused, IssuedCard, Replaced
from cardwright.cards.rows import card_of_row
from cardwright.core.errors import Conflict
from cardwright.db import outbox
from cardwright.db.jobs import Subscription, Work
from cardwright.db.outbox import Event
from cardwright.db.session import Session


async def issue_card(work: Work, event: Event) -> None:
    """Issue a requested card at the processor, with the card's id as the key of the call.

    Where the processor refuses its holder, the card is held up and says why, until that is settled there.
    """
    async with work.transaction() as session:
        card = await store.find_card(session, event.subject_id)
        if card is None or card.state is not CardState.INACTIVE or card.processor_reference is not None:
            return
        holder_reference = await holder_store.find_holder_reference(session, card.user_id, card.processor)
        profile = await users.get_profile(session, card.user_id)
        attempt = await store.count_refusals(session, card.id)
        replaces = await _replaced(session, card)
    processor = work.get(CardProcessors).of(card.processor)
    if holder_reference is None:
        holder = _holder(profile)
        holder_reference = await processor.register_holder(holder, key=_holder_key(holder))
        async with work.transaction() as session:
            await holder_store.save_holder_reference(session, card.user_id, card.processor, holder_reference)
    try:
        issued = await processor.issue_card(
            card_id=card.id, currency=card.currency, holder_reference=holder_reference,
            key=_issue_key(card, attempt), replaces=replaces,
        )  # fmt: skip
    except HolderRefused as refusal:
        await _hold_up(work, card, refusal.reason, attempt)
        return
    await _keep_number(work, card, issued)
    async with work.transaction() as session:
        await _keep_issued(session, card, issued, work.clock.now())


async def _keep_issued(session: Session, requested: Card, issued: IssuedCard, now: datetime) -> None:
    # Older cards of a chain are locked first, here as everywhere.
    replaced = requested.replacement_for and await store.card_for_update(session, requested.replacement_for)
    card = await store.card_for_update(session, requested.id)
    if card.processor_reference is not None:
        return
    await store.save_issued(session, card.id, issued)
    await mirror_store.save_told_state(session, card.id, CardState.ACTIVE)
    if card.state is CardState.CANCELED:
        # It was canceled while it was being issued: the processor must hear of it.
        await outbox.append(session, event_of("cards.card_state_changed", card, now))
        return
    wanted = CardState.FROZEN if card.starts_frozen else CardState.ACTIVE
    await store.save_state(session, card, wanted, actor_id=PROCESSOR_ACTOR, reason="issued", at=now)
    shown = replace(card, last4=issued.last4, state=wanted)
    if shown.processor_state is not CardState.ACTIVE:
        # The processor has just made it active.
        await outbox.append(session, event_of("cards.card_state_changed", shown, now))
    await outbox.append(
        session, event_of("cards.card_issued", shown, now, replacement_reason=card.replacement_reason)
    )
    if replaced and card.replacement_reason is not ReplacementReason.EXPIRING:
        # An expiring card goes on until it expires: who keeps it on file has time to learn the new one.
        await _retire(session, replaced, now)
    details = {"before": card.state, "after": wanted}
    await audit.record(session, PROCESSOR_ACTOR, card.program_id, "card.issued", card.id, details, now)


async def _hold_up(work: Work, card: Card, reason: str, attempt: int) -> None:
    at = work.clock.now()
    async with work.transaction() as session:
        if await store.save_refusal(session, card.id, reason, attempt=attempt):
            details = {"reason": reason}
            await audit.record(
                session, PROCESSOR_ACTOR, card.program_id, "card.held_up", card.id, details, at
            )


async def refresh_holder(work: Work, reference: str) -> None:
    """Ask again for the cards that the processor holds up because of a holder, who has changed there."""
    async with work.transaction() as session:
        for card in await store.held_up_cards(session, reference):
            await outbox.append(session, event_of("cards.card_requested", card, work.clock.now()))


async def _replaced(session: Session, card: Card) -> Replaced | None:
    if card.replacement_for is None or card.replacement_reason is None:
        return None
    old = await store.find_card(session, card.replacement_for)
    if old is None or old.processor_reference is None:
        return None
    return Replaced(old.processor_reference, card.replacement_reason)


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


def _holder(profile: users.Profile) -> Holder:
    if profile.address is None:
        raise Conflict("profile_incomplete", "The holder's profile has no address.")
    home = profile.address
    return Holder(
        profile.user_id, profile.full_name, profile.email, profile.phone, home.line1, home.city,
        home.postal_code, home.country,
    )  # fmt: skip


def _issue_key(card: Card, attempt: int) -> str:
    # A processor repeats its answer to a key, and a refusal is one: it made nothing, so another key is safe.
    return f"{card.id}:issue:{attempt}" if attempt else f"{card.id}:issue"


def _holder_key(holder: Holder) -> str:
    # A profile may change before a lost answer is asked for again; one key stands for one content.
    return f"{holder.user_id}:holder:{sha256(repr(holder).encode()).hexdigest()[:16]}"


SUBSCRIPTIONS: Final = (
    batches.subscription(card_of_row),
    Subscription("cards.issue_card", "cards.card_requested", issue_card),
    *mirroring.SUBSCRIPTIONS,
    reveals.SUBSCRIPTION,
)
