"""Calls about somebody: who they are and what they have."""

from cardwright_mobile.api import models
from cardwright_mobile.api.caller import Caller


class AccountCalls(Caller):
    """What a holder reads of themselves."""

    async def me(self) -> models.UserOutput:
        """Return who is signed in."""
        return await self._get(models.UserOutput, "/v1/me")

    async def wallet(self) -> models.WalletView:
        """Return the balance."""
        return await self._get(models.WalletView, "/v1/wallet")
