"""Calls about money that is added."""

from typing import Any

from cardwright_mobile.api import money_models as models
from cardwright_mobile.api.caller import Caller


class MoneyCalls(Caller):
    """How a holder adds money."""

    async def payment_methods(self) -> tuple[models.MethodOutput, ...]:
        """Return what somebody keeps to pay with."""
        return (await self._get(models.MethodList, "/v1/payment-methods")).data

    async def add_money(
        self, amount: int, currency: str, source: str, *, is_kept: bool
    ) -> models.TopUpOutput:
        """Ask for money, in minor units, from what is kept or from a token of the payment provider."""
        named = "payment_method_id" if is_kept else "payment_method_token"
        body: dict[str, Any] = {"amount": amount, "currency": currency, named: source}
        return await self._create(models.TopUpOutput, "/v1/top-ups", body)

    async def top_up(self, top_up_id: str) -> models.TopUpOutput:
        """Return how one of them stands."""
        return await self._get(models.TopUpOutput, f"/v1/top-ups/{top_up_id}")
