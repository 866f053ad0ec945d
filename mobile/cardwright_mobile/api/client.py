"""What the app asks the server for, typed."""

from typing import Final

from cardwright_mobile.api import models
from cardwright_mobile.api.caller import Caller

_MOST: Final = 100


class Client(Caller):
    """The API for somebody who signed in."""

    async def me(self) -> models.UserOutput:
        """Return who is signed in."""
        return await self._get(models.UserOutput, "/v1/me")

    async def wallet(self) -> models.WalletView:
        """Return the balance."""
        return await self._get(models.WalletView, "/v1/wallet")

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

    async def payments(
        self, *, card_id: str | None = None, status: str | None = None, cursor: str | None = None,
        limit: int = 20,
    ) -> models.PagePaymentView:  # fmt: skip
        """Return a page of payments, the newest first."""
        asked = {"card_id": card_id, "status": status, "cursor": cursor, "limit": limit}
        given = {name: value for name, value in asked.items() if value is not None}
        return await self._get(models.PagePaymentView, "/v1/payments", **given)

    async def payment(self, payment_id: str) -> models.PaymentTimeline:
        """Return a payment with all that happened to it."""
        return await self._get(models.PaymentTimeline, f"/v1/payments/{payment_id}")
