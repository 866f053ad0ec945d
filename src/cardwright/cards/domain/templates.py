"""Templates: what staff prepare for holders to pick, such as "Ads card" or "Trial card"."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from cardwright.cards.domain.controls import Control
from cardwright.cards.domain.limits import Limit
from cardwright.cards.domain.terms import CardType, Terms


@dataclass(frozen=True, slots=True)
class Blueprint:
    """Everything that a template sets for its cards; `valid_for_days` counts from their making."""

    type: CardType
    terms: Terms
    limits: tuple[Limit, ...]
    controls: tuple[Control, ...]
    colour: str | None
    icon: str | None
    processor: str | None
    valid_for_days: int | None

    def terms_at(self, at: datetime) -> Terms:
        """Return the terms of a card that is made at an instant."""
        if self.valid_for_days is None:
            return self.terms
        return replace(self.terms, valid_until=at + timedelta(days=self.valid_for_days))


@dataclass(frozen=True, slots=True)
class Template:
    """A blueprint with a name; cards that were made from it do not change with it."""

    id: str
    program_id: str
    name: str
    description: str
    blueprint: Blueprint
    is_active: bool
    created_at: datetime
