"""Closing the cards whose uses are spent, once their payments hold no money any more."""

from typing import Final

from cardwright import cards
from cardwright.db.jobs import Work
from cardwright.payments import queries, usage

_AT_ONCE: Final = 200


async def close_used_up_cards(work: Work) -> int:
    """Cancel the cards that were used as often as they may be; return how many. Each in its transaction.

    A payment that is reversed in full gives its use back, so a card stays open while one still holds money.
    """
    closed, after = 0, ""
    while True:
        async with work.transaction() as session:
            card_ids = await cards.limited_card_ids(session, after=after, limit=_AT_ONCE)
        for card_id in card_ids:
            closed += await _close_if_used_up(work, card_id)
        if len(card_ids) < _AT_ONCE:
            return closed
        after = card_ids[-1]


async def _close_if_used_up(work: Work, card_id: str) -> bool:
    async with work.transaction() as session:
        card = await cards.lock_open_card(session, card_id)
        if card is None or card.terms.uses is None:
            return False
        if await usage.uses(session, card, but="") < card.terms.uses:
            return False
        if await queries.is_holding(session, card.root_card_id):
            return False
        await cards.close_used_up(session, card, work.clock.now())
        return True
