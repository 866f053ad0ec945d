"""Calls about cards: what they are and what limits leave of them."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Final

from cardwright_mobile.api import card_models, models
from cardwright_mobile.api.caller import Caller

_MOST: Final = 100
_FOUND: Final = 8
ALLOWED_MINUTES: Final = 15
"""For how long a merchant is let through."""


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

    async def set_limits(self, card_id: str, limits: Sequence[Any]) -> models.CardView:
        """Replace one's own limits; StepUpNeeded where one is raised or left out."""
        return await self._put(models.CardView, f"/v1/cards/{card_id}/limits", {"limits": list(limits)})

    async def reveal(self, card_id: str) -> card_models.CardNumberView:
        """Return the card's number; StepUpNeeded without a factor used lately."""
        path = f"/v1/cards/{card_id}"
        grant = await self._post(card_models.GrantView, f"{path}/reveal-grants")
        return await self._post(card_models.CardNumberView, f"{path}/reveal", {"grant": grant.grant})

    async def controls(self, card_id: str) -> card_models.CardControlsView:
        """Return what may be bought with a card."""
        return await self._get(card_models.CardControlsView, f"/v1/cards/{card_id}/controls")

    async def lock_to(self, card_id: str, merchant_id: str | None) -> object:
        """Let a card pay at one merchant only, at any with None; StepUpNeeded where that lets more pass."""
        card = await self.card(card_id)
        if card.is_merchant_locked and merchant_id is not None:
            body: Any = {"merchant_id": merchant_id}
            return await self._put(models.CardView, f"/v1/cards/{card_id}/merchant-lock", body)
        # Whatever else is controlled stays as it is.
        controls = await self.controls(card_id)
        allowed = asdict(controls.allowed) | {"merchants": merchant_id and [merchant_id]}
        body = {"allowed": allowed, "blocked": asdict(controls.blocked)}
        return await self._put(card_models.CardControlsView, f"/v1/cards/{card_id}/controls", body)

    async def exceptions(self, card_id: str) -> tuple[card_models.ExceptionView, ...]:
        """Return the merchants that are let through for now."""
        found = tuple[card_models.ExceptionView, ...]
        return await self._get(found, f"/v1/cards/{card_id}/exceptions")

    async def allow(self, card_id: str, merchant_id: str) -> card_models.ExceptionView:
        """Let a merchant through for a while; StepUpNeeded without a factor used lately."""
        body = {"merchant_id": merchant_id, "minutes": ALLOWED_MINUTES}
        return await self._create(card_models.ExceptionView, f"/v1/cards/{card_id}/exceptions", body)

    async def end_exception(self, card_id: str, exception_id: str) -> None:
        """Let it through no more."""
        await self._delete(f"/v1/cards/{card_id}/exceptions/{exception_id}")

    async def merchants(self, name: str) -> tuple[card_models.MerchantView, ...]:
        """Return merchants whose name has these three letters or more."""
        found = await self._get(card_models.PageMerchantView, "/v1/merchants", search=name, limit=_FOUND)
        return found.data
