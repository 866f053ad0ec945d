"""What a virtual card is: its states, its type's terms, its limits and controls. No I/O."""

from cardwright.cards.domain.batches import Batch, BatchRow, RowState
from cardwright.cards.domain.card import Bearer, Card, StaffLock
from cardwright.cards.domain.controls import Control, Effect, ensure_one_each, is_loosening
from cardwright.cards.domain.exceptions import SpendingException
from cardwright.cards.domain.hours import Hours
from cardwright.cards.domain.limits import (
    AppliedLimit,
    Limit,
    Measure,
    Scope,
    Subject,
    ensure_distinct,
    is_raise,
)
from cardwright.cards.domain.mirror import MirroredLimit, mirrored
from cardwright.cards.domain.selection import Dimension, Purchase, Selection
from cardwright.cards.domain.states import (
    CancellationReason,
    CardState,
    ReplacementReason,
    Transition,
    ensure_transition,
)
from cardwright.cards.domain.templates import Blueprint, Template
from cardwright.cards.domain.terms import (
    CardType,
    Terms,
    Uses,
    agreed_terms,
    completed_terms,
    ensure_limits_suit,
)
from cardwright.cards.domain.windows import Window, window_bounds

__all__ = [
    "AppliedLimit",
    "Batch",
    "BatchRow",
    "Bearer",
    "Blueprint",
    "CancellationReason",
    "Card",
    "CardState",
    "CardType",
    "Control",
    "Dimension",
    "Effect",
    "Hours",
    "Limit",
    "Measure",
    "MirroredLimit",
    "Purchase",
    "ReplacementReason",
    "RowState",
    "Scope",
    "Selection",
    "SpendingException",
    "StaffLock",
    "Subject",
    "Template",
    "Terms",
    "Transition",
    "Uses",
    "Window",
    "agreed_terms",
    "completed_terms",
    "ensure_distinct",
    "ensure_limits_suit",
    "ensure_one_each",
    "ensure_transition",
    "is_loosening",
    "is_raise",
    "mirrored",
    "window_bounds",
]
