"""Temporary exceptions: one merchant is let through a card's controls for a while."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class SpendingException:
    """A holder allows a merchant until an instant: the card's own controls and its lock stand back.

    Limits, the balance, rules, and what staff have set for everybody do not.
    """

    id: str
    card_id: str
    merchant_id: str
    created_at: datetime
    until: datetime
    revoked_at: datetime | None = None
