"""A card's end: it closes itself when it is over or used up, and its holder is told before it expires."""

from datetime import UTC, datetime, timedelta
from typing import Final

from cardwright.cards import store, sweep_store
from cardwright.cards.domain import CancellationReason, Card, CardState
from cardwright.cards.lifecycle import CLOCK_ACTOR, close, event_of
from cardwright.db import outbox
from cardwright.db.jobs import Work
from cardwright.db.session import Session

WARNED_BEFORE: Final = timedelta(days=30)
_AT_ONCE: Final = 200


async def close_over(work: Work) -> int:
    """Cancel the cards whose validity has ended or that have expired; return how many were due."""
    async with work.transaction() as session:
        due = await sweep_store.over_card_ids(session, work.clock.now().astimezone(UTC), limit=_AT_ONCE)
    for card_id in due:
        async with work.transaction() as session:
            card, at = await store.card_for_update(session, card_id), work.clock.now()
            reason = card.end_at(at)
            if reason is not None and card.state is not CardState.CANCELED:
                await close(session, card, reason, actor_id=CLOCK_ACTOR, at=at)
    return len(due)


async def tell_of_expiry(work: Work) -> int:
    """Tell holders, once, of cards that expire within 30 days and have no successor; return how many."""
    told, until = 0, work.clock.now().astimezone(UTC) + WARNED_BEFORE
    async with work.transaction() as session:
        due = await sweep_store.expiring_card_ids(session, until, limit=_AT_ONCE)
    for card_id in due:
        async with work.transaction() as session:
            card, at = await store.card_for_update(session, card_id), work.clock.now()
            if await sweep_store.mark_told(session, card_id, at):
                month, year = card.exp_month, card.exp_year
                event = event_of("cards.card_expiring", card, at, exp_month=month, exp_year=year)
                await outbox.append(session, event)
                told += 1
    return told


async def lock_open_card(session: Session, card_id: str) -> Card | None:
    """Return a card that is not canceled, locked until the transaction ends."""
    card = await store.card_for_update(session, card_id)
    return None if card.state is CardState.CANCELED else card


async def close_used_up(session: Session, card: Card, at: datetime) -> None:
    """Cancel a locked card whose uses are spent."""
    await close(session, card, CancellationReason.USED_UP, actor_id=CLOCK_ACTOR, at=at)
