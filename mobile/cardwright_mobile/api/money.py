"""Calls about money: the balance, adding to it, and merchants by name."""

from cardwright_mobile.api import models
from cardwright_mobile.api.caller import Caller
from cardwright_mobile.api.money_models import (
    MerchantView,
    MethodList,
    MethodOutput,
    PageMerchantView,
    TopUpOutput,
)


class MoneyCalls(Caller):
    """What a holder does with money."""

    async def wallet(self) -> models.WalletView:
        """Return the balance."""
        return await self._get(models.WalletView, "/v1/wallet")

    async def payment_methods(self) -> tuple[MethodOutput, ...]:
        """Return what somebody keeps to add money from."""
        return (await self._get(MethodList, "/v1/payment-methods")).data

    async def add_money(self, amount: int, currency: str, source: str) -> TopUpOutput:
        """Add money from a kept payment method, by its id, or from a new one, by the gateway's token."""
        name = "payment_method_token" if source.startswith("pm_") else "payment_method_id"
        body = {"amount": amount, "currency": currency, name: source}
        return await self._create(TopUpOutput, "/v1/top-ups", body)

    async def top_up(self, top_up_id: str) -> TopUpOutput:
        """Return a top-up as it stands."""
        return await self._get(TopUpOutput, f"/v1/top-ups/{top_up_id}")

    async def merchants(self, search: str) -> tuple[MerchantView, ...]:
        """Return merchants whose name has three letters or more in it."""
        return (await self._get(PageMerchantView, "/v1/merchants", search=search, limit=8)).data
