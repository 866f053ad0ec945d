"""Calls about cards: what they are and what limits leave of them."""

from typing import Final

from cardwright_mobile.api import models
from cardwright_mobile.api.caller import Caller

_MOST: Final = 100


class CardCalls(Caller):
    """What a holder does with cards."""

    async def cards(self) -> tuple[models.CardView, ...]:
        """Return the newest hundred cards."""
        return (await self._get(models.PageCardView, "/v1/cards", limit=_MOST)).data

    async def card(self, card_id: str) -> models.CardView:
        """Return a card."""
        return await self._get(models.CardView, f"/v1/cards/{card_id}")

    async def freeze(self, card_id: str) -> models.CardView:
        """Let a card decline everything until it is unfrozen."""
        return await self._post(models.CardView, f"/v1/cards/{card_id}/freeze")

    async def unfreeze(self, card_id: str) -> models.CardView:
        """Let a card pay again."""
        return await self._post(models.CardView, f"/v1/cards/{card_id}/unfreeze")

    async def limits(self, card_id: str) -> tuple[models.LimitUsageView, ...]:
        """Return what limits leave of a card."""
        return await self._get(tuple[models.LimitUsageView, ...], f"/v1/cards/{card_id}/limits")

    async def templates(self) -> tuple[models.TemplateView, ...]:
        """Return what new cards can be made from."""
        return (await self._get(models.PageTemplateView, "/v1/card-templates", limit=_MOST)).data

    async def create_card(self, label: str, template_id: str | None, colour: str | None) -> models.CardView:
        """Ask for a card; it is `inactive` until it was issued."""
        wish = {"label": label, "template_id": template_id, "colour": colour}
        body = {name: value for name, value in wish.items() if value is not None}
        return await self._create(models.CardView, "/v1/cards", body)
