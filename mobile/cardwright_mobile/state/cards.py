"""The cards, and one card as it is looked at."""

import asyncio
from dataclasses import dataclass

import flet as ft

from cardwright_mobile.api.client import Client
from cardwright_mobile.api.models import CardView, LimitUsageView, PaymentView, TemplateView
from cardwright_mobile.state.reading import Reading

RECENT = 5


@ft.observable
@dataclass
class Cards(Reading):
    """All cards that can still be used, the newest first."""

    all: tuple[CardView, ...] = ()

    async def read(self, client: Client) -> None:
        """Read the cards anew; what was known stays where that fails."""
        found = await self.attempt(client.cards())
        if found is not None:
            self.all = tuple(card for card in found if card.state != "canceled")
            self.is_ready = True


@ft.observable
@dataclass
class CardInView(Reading):
    """One card with what its limits leave and what it paid last."""

    card_id: str = ""
    card: CardView | None = None
    limits: tuple[LimitUsageView, ...] = ()
    recent: tuple[PaymentView, ...] = ()
    is_changing: bool = False

    async def read(self, client: Client) -> None:
        """Read the card and what belongs to it."""
        found = await self.attempt(
            asyncio.gather(
                client.card(self.card_id),
                client.limits(self.card_id),
                client.payments(card_id=self.card_id, limit=RECENT),
            )
        )
        if found is None:
            return
        card, self.limits, page = found
        self.recent = page.data
        # What was read before a tap is older than the tap.
        if not self.is_changing:
            self.card = card
        self.is_ready = True

    async def turn(self, client: Client) -> bool:
        """Freeze the card, or unfreeze it; answer whether that worked."""
        if self.card is None or self.is_changing:
            return False
        self.is_changing = True
        change = client.unfreeze if self.card.state == "frozen" else client.freeze
        try:
            changed = await self.attempt(change(self.card.id))
        finally:
            self.is_changing = False
        if changed is not None:
            self.card = changed
        return changed is not None


@ft.observable
@dataclass
class NewCard(Reading):
    """The templates to pick from, and the card that is made from one."""

    templates: tuple[TemplateView, ...] = ()
    chosen: TemplateView | None = None
    is_sending: bool = False

    async def read(self, client: Client) -> None:
        """Read the templates anew."""
        found = await self.attempt(client.templates())
        if found is not None:
            self.templates = tuple(template for template in found if template.is_active)
            self.is_ready = True

    async def create(self, client: Client, label: str, colour: str | None = None) -> CardView | None:
        """Make the card; None where that failed."""
        if self.is_sending:
            return None
        self.is_sending = True
        template_id = self.chosen.id if self.chosen else None
        try:
            return await self.attempt(client.create_card(label, template_id, colour))
        finally:
            self.is_sending = False
