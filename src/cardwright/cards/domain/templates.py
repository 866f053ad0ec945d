"""Templates: what staff prepare for holders to pick, such as "Ads card" or "Trial card"."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from cardwright.cards.domain.controls import Control, Effect
from cardwright.cards.domain.limits import Limit
from cardwright.cards.domain.selection import Dimension
from cardwright.cards.domain.terms import CardType, Terms

_ONLY_MERCHANTS: Final = (Dimension.MERCHANTS, Effect.ALLOWED)


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

    @property
    def fixed_controls(self) -> tuple[Control, ...]:
        """The controls of its cards: a merchant that the template names is the only one, whatever follows."""
        named = self.terms.merchant_id
        if named is None:
            return self.controls
        listed = [found for found in self.controls if found.key == _ONLY_MERCHANTS]
        others = [found for found in self.controls if found.key != _ONLY_MERCHANTS]
        values = (named,) if all(named in found.values for found in listed) else ()
        return (*others, Control(*_ONLY_MERCHANTS, values))

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
