"""One card: what it is, what it may, and where."""

from cardwright_mobile.features.card.limits import Limits
from cardwright_mobile.features.card.screen import Card
from cardwright_mobile.features.card.where import Where

__all__ = ["Card", "Limits", "Where"]
