"""Virtual cards: issued at a processor, with types, limits and controls that are kept here."""

from cardwright.cards.closing import find_obstacles
from cardwright.cards.domain import (
    AppliedLimit,
    Card,
    CardState,
    CardType,
    Control,
    Dimension,
    Effect,
    Hours,
    Limit,
    Measure,
    Purchase,
    Scope,
    Selection,
    SpendingException,
    Terms,
    Window,
    window_bounds,
)
from cardwright.cards.issuing import SUBSCRIPTIONS
from cardwright.cards.limit_store import ScopedControl
from cardwright.cards.ports import CardProcessor, EphemeralKey, Holder, IssuedCard
from cardwright.cards.schemas import SelectionView
from cardwright.cards.service import NewCard, create_card, get_card
from cardwright.cards.spending import controls_on, find_exception, learn_merchant, limits_on
from cardwright.cards.store import (
    find_card,
    find_card_by_processor,
    find_card_by_processor_for_update,
)

__all__ = [
    "SUBSCRIPTIONS",
    "AppliedLimit",
    "Card",
    "CardProcessor",
    "CardState",
    "CardType",
    "Control",
    "Dimension",
    "Effect",
    "EphemeralKey",
    "Holder",
    "Hours",
    "IssuedCard",
    "Limit",
    "Measure",
    "NewCard",
    "Purchase",
    "Scope",
    "ScopedControl",
    "Selection",
    "SelectionView",
    "SpendingException",
    "Terms",
    "Window",
    "controls_on",
    "create_card",
    "find_card",
    "find_card_by_processor",
    "find_card_by_processor_for_update",
    "find_exception",
    "find_obstacles",
    "get_card",
    "learn_merchant",
    "limits_on",
    "window_bounds",
]
