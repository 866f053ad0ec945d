"""Calls about cards: what they are, what they may, and their number."""

from collections.abc import Mapping
from typing import Any, Final

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

    async def set_limits(self, card_id: str, limits: tuple[Mapping[str, Any], ...]) -> models.CardView:
        """Replace the holder's own limits; StepUpNeeded where one of them is raised or goes."""
        return await self._put(models.CardView, f"/v1/cards/{card_id}/limits", {"limits": list(limits)})

    async def templates(self) -> tuple[models.TemplateView, ...]:
        """Return what new cards can be made from."""
        return (await self._get(models.PageTemplateView, "/v1/card-templates", limit=_MOST)).data

    async def create_card(self, label: str, template_id: str | None, colour: str | None) -> models.CardView:
        """Ask for a card; it is `inactive` until it was issued."""
        wish = {"label": label, "template_id": template_id, "colour": colour}
        body = {name: value for name, value in wish.items() if value is not None}
        return await self._create(models.CardView, "/v1/cards", body)

    async def grant_reveal(self, card_id: str) -> models.GrantView:
        """Return the right to see a card's number once; StepUpNeeded without a factor used lately."""
        return await self._post(models.GrantView, f"/v1/cards/{card_id}/reveal-grants")

    async def reveal(self, card_id: str, grant: str) -> models.CardNumberView:
        """Return the number; the grant is used up by it."""
        return await self._post(models.CardNumberView, f"/v1/cards/{card_id}/reveal", {"grant": grant})

    async def controls(self, card_id: str) -> models.CardControlsView:
        """Return what may be bought with a card."""
        return await self._get(models.CardControlsView, f"/v1/cards/{card_id}/controls")

    async def set_controls(
        self, card_id: str, allowed: Mapping[str, Any], blocked: Mapping[str, Any]
    ) -> None:
        """Replace what may be bought; StepUpNeeded where that allows more than before."""
        body = {"allowed": dict(allowed), "blocked": dict(blocked)}
        await self._call("PUT", f"/v1/cards/{card_id}/controls", json=body)

    async def lock_to(self, card_id: str, merchant_id: str) -> models.CardView:
        """Name the merchant that a card of one merchant pays from now on."""
        return await self._put(
            models.CardView, f"/v1/cards/{card_id}/merchant-lock", {"merchant_id": merchant_id}
        )

    async def exceptions(self, card_id: str) -> tuple[models.ExceptionView, ...]:
        """Return who is let through for a while."""
        return await self._get(tuple[models.ExceptionView, ...], f"/v1/cards/{card_id}/exceptions")

    async def allow(self, card_id: str, merchant_id: str, minutes: int) -> None:
        """Let a merchant through for some minutes; StepUpNeeded without a factor used lately."""
        body = {"merchant_id": merchant_id, "minutes": minutes}
        await self._call("POST", f"/v1/cards/{card_id}/exceptions", json=body)

    async def end_exception(self, card_id: str, exception_id: str) -> None:
        """Let a merchant through no longer."""
        await self._delete(f"/v1/cards/{card_id}/exceptions/{exception_id}")
