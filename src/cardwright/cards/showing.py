"""Showing cards as they are at this moment, whatever the sweeps have closed so far."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Protocol

from fastapi import Depends

from cardwright.cards.domain import Card, Uses
from cardwright.cards.views import CardView
from cardwright.db.session import Session
from cardwright.http.deps import ClockDep, SessionDep, provided


class UsesBook(Protocol):
    """Counts the uses of cards; what they pay is not known here."""

    async def __call__(self, session: Session, root_card_ids: Sequence[str]) -> Mapping[str, Uses]:
        """Return the uses of chains of cards by their roots; one that was never used may be left out."""
        ...


@dataclass(frozen=True, slots=True)
class Showing:
    """Shows cards at one instant."""

    session: Session
    at: datetime
    count_uses: UsesBook

    async def one(self, card: Card) -> CardView:
        """Show a card."""
        [view] = await self.all([card])
        return view

    async def all(self, cards: Sequence[Card]) -> Sequence[CardView]:
        """Show cards, in their order."""
        counted = [card.root_card_id for card in cards if card.terms.uses is not None]
        uses = await self.count_uses(self.session, counted) if counted else {}
        return [CardView.of(card, self.at, uses.get(card.root_card_id, Uses())) for card in cards]


def _showing(
    session: SessionDep, clock: ClockDep, book: Annotated[UsesBook, Depends(provided(UsesBook))]
) -> Showing:
    return Showing(session, clock.now(), book)


ShowingDep = Annotated[Showing, Depends(_showing)]
