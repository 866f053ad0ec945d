"""A card's life: freezing, closing, the staff's lock, and the card that takes its place."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from cardwright import audit
from cardwright.audit import Action
from cardwright.cards import limit_store, store
from cardwright.cards.domain import (
    CancellationReason,
    Card,
    CardState,
    ReplacementReason,
    StaffLock,
    ensure_transition,
)
from cardwright.core.errors import Conflict, NotFound
from cardwright.core.ids import new_id
from cardwright.db import outbox
from cardwright.db.outbox import Event
from cardwright.db.session import Session

PROCESSOR_ACTOR: Final = "processor"
CLOCK_ACTOR: Final = "system"
_ACTIONS: Final[Mapping[CardState, Action]] = {
    CardState.ACTIVE: "card.unfrozen",
    CardState.FROZEN: "card.frozen",
    CardState.CANCELED: "card.canceled",
}


async def own_card_for_update(session: Session, card_id: str, user_id: str) -> Card:
    """Return one's own card, locked; raise NotFound for any other."""
    card = await store.card_for_update(session, card_id)
    if card.user_id != user_id:
        raise NotFound("card_unknown", "There is no such card.")
    return card


async def change_state(
    session: Session, card_id: str, wanted: CardState, *, user_id: str, reason: str, at: datetime
) -> Card:
    """Freeze, unfreeze or cancel one's own card; a card already in that state stays as it is."""
    card = await own_card_for_update(session, card_id, user_id)
    if card.state is wanted:
        return card
    if card.state is CardState.INACTIVE and wanted is not CardState.CANCELED:
        raise Conflict("card_inactive", "The card has not been issued yet.")
    return await _move(session, card, wanted, actor_id=user_id, reason=reason, at=at)


async def close(
    session: Session, card: Card, reason: CancellationReason, *, actor_id: str, at: datetime
) -> Card:
    """Cancel a locked card for a reason that is not its holder's."""
    return await _move(session, card, CardState.CANCELED, actor_id=actor_id, reason=reason, at=at)


async def _move(
    session: Session, card: Card, wanted: CardState, *, actor_id: str, reason: str, at: datetime
) -> Card:
    ensure_transition(card.state, wanted)
    await store.save_state(session, card, wanted, actor_id=actor_id, reason=reason, at=at)
    changed = replace(card, state=wanted)
    name = {CardState.ACTIVE: "unfrozen"}.get(wanted, str(wanted))
    await outbox.append(
        session,
        event_of("cards.card_state_changed", changed, at),
        event_of(f"cards.card_{name}", changed, at, reason=reason),
    )
    details = {"before": card.state, "after": wanted, "reason": reason}
    await audit.record(session, actor_id, card.program_id, _ACTIONS[wanted], card.id, details, at)
    return changed


async def lock(session: Session, card_id: str, *, reason: str, staff_id: str, at: datetime) -> Card:
    """Lock a card as staff: it declines, whatever its holder does, until staff unlock it.

    A card that is on its way to take this one's place is locked with it.
    """
    await store.chain_for_update(session, card_id)
    card = await store.card_for_update(session, card_id)
    if card.state is CardState.CANCELED:
        raise Conflict("card_canceled", "A canceled card needs no lock.")
    if card.replaced_by is not None and (await store.card_for_update(session, card.replaced_by)).is_open:
        await lock(session, card.replaced_by, reason=reason, staff_id=staff_id, at=at)
    if card.lock is not None:
        return card
    return await _set_lock(session, card, StaffLock(reason, staff_id, at), staff_id=staff_id, at=at)


async def unlock(session: Session, card_id: str, *, staff_id: str, at: datetime) -> Card:
    """Take the staff's lock from a card; whether it pays is its holder's choice again."""
    card = await store.card_for_update(session, card_id)
    if card.lock is None:
        return card
    return await _set_lock(session, card, None, staff_id=staff_id, at=at)


async def _set_lock(
    session: Session, card: Card, wanted: StaffLock | None, *, staff_id: str, at: datetime
) -> Card:
    await store.save_staff_lock(session, card, wanted, actor_id=staff_id, at=at)
    changed = replace(card, lock=wanted)
    name = "unlocked" if wanted is None else "locked"
    await outbox.append(
        session,
        event_of("cards.card_state_changed", changed, at),
        event_of(f"cards.card_{name}", changed, at),
    )
    action: Action = "card.unlocked" if wanted is None else "card.locked"
    kept = wanted or card.lock
    details = {"owner_id": card.user_id, "reason": kept and kept.reason}
    await audit.record(session, staff_id, card.program_id, action, card.id, details, at)
    return changed


async def replace_card(
    session: Session, card_id: str, reason: ReplacementReason, *, user_id: str, at: datetime
) -> Card:
    """Ask for a card in place of one's own: label, type, limits, controls, exceptions and locks go over.

    A card whose number may be in wrong hands is canceled at once; a damaged one when the new one is active;
    an expiring one pays until it expires. Limits and uses count over the whole chain.
    """
    card = await own_card_for_update(session, card_id, user_id)
    _ensure_replaceable(card)
    if card.lock is not None:
        raise Conflict("card_locked", "A card that staff have locked cannot be replaced by its holder.")
    is_frozen = card.state is CardState.FROZEN
    return await _replace(session, card, reason, starts_frozen=is_frozen, actor_id=user_id, at=at)


async def replace_as_staff(
    session: Session, card_id: str, reason: ReplacementReason, *, staff_id: str, at: datetime
) -> Card:
    """Ask for a card in place of a holder's, as staff: neither their lock nor a freeze goes over to it.

    Both were put on the number that is given up. Raises Conflict `card_replaced`, or `card_canceled` and
    `card_inactive` for a card that cannot be replaced.
    """
    await store.chain_for_update(session, card_id)
    card = await store.card_for_update(session, card_id)
    _ensure_replaceable(card)
    return await _replace(session, card, reason, starts_frozen=False, actor_id=staff_id, at=at)


def _ensure_replaceable(card: Card) -> None:
    if card.replaced_by is not None:
        raise Conflict("card_replaced", "The card has been replaced already.", replaced_by=card.replaced_by)
    if card.state not in (CardState.ACTIVE, CardState.FROZEN):
        raise Conflict(f"card_{card.state}", f"A card that is {card.state} cannot be replaced.")


async def _replace(
    session: Session, card: Card, reason: ReplacementReason, *, starts_frozen: bool, actor_id: str,
    at: datetime,
) -> Card:  # fmt: skip
    new = replace(
        card, id=new_id("card"), state=CardState.INACTIVE, last4=None, exp_month=None, exp_year=None,
        processor_reference=None, created_at=at, replacement_for=card.id,
        replacement_reason=reason, lock=None, starts_frozen=starts_frozen,
    )  # fmt: skip
    await store.insert_card(session, new)
    for subject_of in (store.subject_of, store.fixed_of):
        kept = [it.control for it in await limit_store.controls_for(session, [subject_of(card.id)])]
        await limit_store.replace_controls(session, card.program_id, subject_of(new.id), kept)
    for running in await limit_store.exceptions_of(session, card.id, at):
        carried = replace(running, id=new_id("exc"), card_id=new.id)
        await limit_store.insert_exception(session, carried)
    await store.save_replacement(session, card.id, new.id)
    await outbox.append(session, event_of("cards.card_requested", new, at))
    details = {"replaces": card.id, "reason": reason}
    await audit.record(session, actor_id, card.program_id, "card.replaced", new.id, details, at)
    if reason.stops_at_once:
        await close(session, card, CancellationReason(reason), actor_id=actor_id, at=at)
    return new


def event_of(type_: str, card: Card, at: datetime, **told: object) -> Event:
    """Return an event that tells of a card."""
    payload = {"user_id": card.user_id, "card_id": card.id, "last4": card.last4, "state": card.state, **told}
    return Event(type_, card.program_id, card.id, at, payload)
