"""Use cases of cards, and what the worker does at the processor on their behalf."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import Final

from cardwright import audit, kyc, users
from cardwright.access import Viewer
from cardwright.audit import Action
from cardwright.cards import store
from cardwright.cards.domain import Card, CardState, Limit, ensure_transition, is_raise
from cardwright.cards.ports import DEFAULT_PROCESSOR, CardProcessors, Holder
from cardwright.core.errors import Conflict, Invalid, NotFound
from cardwright.core.ids import new_id
from cardwright.db import outbox
from cardwright.db.jobs import Subscription, Work
from cardwright.db.outbox import Event
from cardwright.db.session import Session

PROCESSOR_ACTOR: Final = "processor"
_ACTIONS: Final[Mapping[CardState, Action]] = {
    CardState.ACTIVE: "card.unfrozen",
    CardState.FROZEN: "card.frozen",
    CardState.CANCELED: "card.canceled",
}


async def create_card(
    session: Session, *, program_id: str, user_id: str, currency: str, label: str,
    limits: Sequence[Limit], at: datetime, processor: str = DEFAULT_PROCESSOR,
) -> Card:  # fmt: skip
    """Ask for a virtual card, for a verified holder; it is inactive until the processor has issued it."""
    await kyc.ensure_verified(session, user_id)
    _ensure_distinct(limits)
    card = Card(
        id=new_id("card"), program_id=program_id, user_id=user_id, label=label, type="standard",
        currency=currency, state=CardState.INACTIVE, last4=None, exp_month=None, exp_year=None,
        processor=processor, processor_reference=None, limits=tuple(limits), created_at=at,
    )  # fmt: skip
    await store.insert_card(session, card)
    await outbox.append(session, _event("cards.card_requested", card, at))
    details = {"type": card.type, "currency": currency, "limits": _amounts(limits)}
    await audit.record(session, user_id, program_id, "card.requested", card.id, details, at)
    return card


async def get_card(session: Session, card_id: str, *, viewer: Viewer) -> Card:
    """Return a card within a viewer's sight; raise NotFound for any other."""
    card = await store.find_card(session, card_id)
    if card is None or not viewer.sees(card):
        raise NotFound("card_unknown", "There is no such card.")
    return card


async def _own_card_for_update(session: Session, card_id: str, user_id: str) -> Card:
    card = await store.card_for_update(session, card_id)
    if card.user_id != user_id:
        raise NotFound("card_unknown", "There is no such card.")
    return card


async def change_state(
    session: Session, card_id: str, wanted: CardState, *, user_id: str, reason: str, at: datetime
) -> Card:
    """Freeze, unfreeze or cancel one's own card; a card already in that state stays as it is."""
    card = await _own_card_for_update(session, card_id, user_id)
    if card.state is wanted:
        return card
    if card.state is CardState.INACTIVE and wanted is not CardState.CANCELED:
        raise Conflict("card_inactive", "The card has not been issued yet.")
    ensure_transition(card.state, wanted)
    await store.save_state(session, card, wanted, actor_id=user_id, reason=reason, at=at)
    changed = replace(card, state=wanted)
    name = {CardState.ACTIVE: "unfrozen"}.get(wanted, str(wanted))
    await outbox.append(
        session,
        _event("cards.card_state_changed", changed, at),
        _event(f"cards.card_{name}", changed, at),
    )
    details = {"before": card.state, "after": wanted, "reason": reason}
    await audit.record(session, user_id, card.program_id, _ACTIONS[wanted], card.id, details, at)
    return changed


async def set_limits(
    session: Session,
    card_id: str,
    limits: Sequence[Limit],
    *,
    user_id: str,
    ensure_may_raise: Callable[[], None],
    at: datetime,
) -> Card:
    """Replace the limits of one's own card; `ensure_may_raise` is asked before more may be spent than now."""
    _ensure_distinct(limits)
    card = await _own_card_for_update(session, card_id, user_id)
    if is_raise(card.limits, limits):
        ensure_may_raise()
    await store.replace_limits(session, card_id, limits)
    changed = replace(card, limits=tuple(limits))
    await outbox.append(session, _event("cards.limits_changed", changed, at))
    details = {"before": _amounts(card.limits), "after": _amounts(limits)}
    await audit.record(session, user_id, card.program_id, "card.limits_changed", card_id, details, at)
    return changed


def _amounts(limits: Sequence[Limit]) -> dict[str, int]:
    return {limit.window.value: limit.amount for limit in limits}


def _ensure_distinct(limits: Sequence[Limit]) -> None:
    if len({limit.window for limit in limits}) != len(limits):
        raise Invalid("limit_repeated", "A card has at most one limit per window.")


async def issue_card(work: Work, event: Event) -> None:
    """Issue a requested card at the processor, with the card's id as the key of the call."""
    async with work.transaction() as session:
        card = await store.find_card(session, event.subject_id)
        if card is None or card.state is not CardState.INACTIVE or card.processor_reference is not None:
            return
        holder_reference = await store.find_holder_reference(session, card.user_id, card.processor)
        profile = await users.get_profile(session, card.user_id)
    processor = work.get(CardProcessors).of(card.processor)
    if holder_reference is None:
        holder = _holder(profile)
        holder_reference = await processor.register_holder(holder, key=_holder_key(holder))
        async with work.transaction() as session:
            await store.save_holder_reference(session, card.user_id, card.processor, holder_reference)
    issued = await processor.issue_card(
        card_id=card.id, currency=card.currency, holder_reference=holder_reference, key=f"{card.id}:issue"
    )
    async with work.transaction() as session:
        card = await store.card_for_update(session, card.id)
        if card.processor_reference is not None:
            return
        await store.save_issued(session, card.id, issued)
        now = work.clock.now()
        if card.state is CardState.CANCELED:
            # It was canceled while it was being issued: the processor must hear of it.
            await outbox.append(session, _event("cards.card_state_changed", card, now))
            return
        await store.save_state(
            session, card, CardState.ACTIVE, actor_id=PROCESSOR_ACTOR, reason="issued", at=now
        )
        await outbox.append(
            session,
            _event("cards.card_issued", replace(card, last4=issued.last4, state=CardState.ACTIVE), now),
        )
        details = {"before": card.state, "after": CardState.ACTIVE}
        await audit.record(session, PROCESSOR_ACTOR, card.program_id, "card.issued", card.id, details, now)


async def push_state(work: Work, event: Event) -> None:
    """Bring the card at the processor to our present state, again when it changed meanwhile."""
    pushed: tuple[CardState, int] | None = None
    while True:
        async with work.transaction() as session:
            card = await store.card_for_update(session, event.subject_id)
            present = (card.state, await store.count_transitions(session, card.id))
        if present == pushed or card.processor_reference is None or card.state is CardState.INACTIVE:
            return
        # A new key for each call: under a key used before, correcting a push that was overtaken would only
        # replay an answer. Setting a state twice does no harm, so nothing is lost.
        processor = work.get(CardProcessors).of(card.processor)
        await processor.set_state(card.processor_reference, card.state, key=new_id("push"))
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


def _event(type_: str, card: Card, at: datetime) -> Event:
    payload = {"user_id": card.user_id, "card_id": card.id, "last4": card.last4, "state": card.state}
    return Event(type_, card.program_id, card.id, at, payload)


SUBSCRIPTIONS: Final = (
    Subscription("cards.issue_card", "cards.card_requested", issue_card),
    Subscription("cards.push_state", "cards.card_state_changed", push_state),
)
