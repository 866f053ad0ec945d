"""Virtual cards: issued at a processor, frozen and limited here."""

from cardwright.cards.closing import find_obstacles
from cardwright.cards.domain import Card, CardState, Limit, Window, window_bounds
from cardwright.cards.ports import CardProcessor, CardProcessors, Holder, IssuedCard
from cardwright.cards.service import SUBSCRIPTIONS, create_card, get_card
from cardwright.cards.store import (
    find_card,
    find_card_by_processor,
    find_card_by_processor_for_update,
)

__all__ = [
    "SUBSCRIPTIONS",
    "Card",
    "CardProcessor",
    "CardProcessors",
    "CardState",
    "Holder",
    "IssuedCard",
    "Limit",
    "Window",
    "create_card",
    "find_card",
    "find_card_by_processor",
    "find_card_by_processor_for_update",
    "find_obstacles",
    "get_card",
    "window_bounds",
]
