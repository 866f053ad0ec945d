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
    MirroredLimit,
    Purchase,
    ReplacementReason,
    Scope,
    Selection,
    SpendingException,
    Terms,
    Uses,
    Window,
    window_bounds,
)
from cardwright.cards.drifting import find_drift, refresh_card
from cardwright.cards.ending import close_over, close_used_up, lock_open_card, tell_of_expiry
from cardwright.cards.issuing import SUBSCRIPTIONS, refresh_holder
from cardwright.cards.lifecycle import change_state, lock, replace_as_staff, unlock
from cardwright.cards.limit_store import ScopedControl
from cardwright.cards.ports import (
    CardProcessor,
    CardProcessors,
    EphemeralKey,
    Holder,
    HolderRefused,
    IssuedCard,
    ProcessorCard,
    Replaced,
)
from cardwright.cards.reveals import erase_numbers, forget_grants
from cardwright.cards.schemas import SelectionView
from cardwright.cards.service import NewCard, create_card, get_card
from cardwright.cards.showing import UsesBook
from cardwright.cards.spending import controls_on, find_exception, learn_merchant, limits_on
from cardwright.cards.store import (
    find_card,
    find_card_by_processor,
    find_card_by_processor_for_update,
    lineage,
)
from cardwright.cards.sweep_store import issued_among, limited_card_ids, processor_references

__all__ = [
    "SUBSCRIPTIONS",
    "AppliedLimit",
    "Card",
    "CardProcessor",
    "CardProcessors",
    "CardState",
    "CardType",
    "Control",
    "Dimension",
    "Effect",
    "EphemeralKey",
    "Holder",
    "HolderRefused",
    "Hours",
    "IssuedCard",
    "Limit",
    "Measure",
    "MirroredLimit",
    "NewCard",
    "ProcessorCard",
    "Purchase",
    "Replaced",
    "ReplacementReason",
    "Scope",
    "ScopedControl",
    "Selection",
    "SelectionView",
    "SpendingException",
    "Terms",
    "Uses",
    "UsesBook",
    "Window",
    "change_state",
    "close_over",
    "close_used_up",
    "controls_on",
    "create_card",
    "erase_numbers",
    "find_card",
    "find_card_by_processor",
    "find_card_by_processor_for_update",
    "find_drift",
    "find_exception",
    "find_obstacles",
    "forget_grants",
    "get_card",
    "issued_among",
    "learn_merchant",
    "limited_card_ids",
    "limits_on",
    "lineage",
    "lock",
    "lock_open_card",
    "processor_references",
    "refresh_card",
    "refresh_holder",
    "replace_as_staff",
    "tell_of_expiry",
    "unlock",
    "window_bounds",
]
