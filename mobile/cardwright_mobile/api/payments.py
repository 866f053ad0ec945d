"""Calls about payments."""

from cardwright_mobile.api import models
from cardwright_mobile.api.caller import Caller


class PaymentCalls(Caller):
    """What a holder reads of payments."""

    async def payments(
        self, *, card_id: str | None = None, status: str | None = None, text: str | None = None,
        merchant_id: str | None = None, cursor: str | None = None, limit: int = 20,
    ) -> models.PagePaymentView:  # fmt: skip
        """Return a page of payments, the newest first; `text` leaves those of such a merchant."""
        asked = {
            "card_id": card_id, "status": status, "text": text, "merchant_id": merchant_id, "cursor": cursor,
            "limit": limit,
        }  # fmt: skip
        given = {name: value for name, value in asked.items() if value is not None}
        return await self._get(models.PagePaymentView, "/v1/payments", **given)

    async def payment(self, payment_id: str) -> models.PaymentTimeline:
        """Return a payment with all that happened to it."""
        return await self._get(models.PaymentTimeline, f"/v1/payments/{payment_id}")

    async def merchant(self, merchant_id: str) -> models.MerchantView | None:
        """Return a merchant that somebody paid; None for any other, as its name is not told."""
        page = await self.payments(merchant_id=merchant_id, limit=1)
        return page.data[0].merchant if page.data else None
