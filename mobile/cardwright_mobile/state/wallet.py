"""The balance."""

from dataclasses import dataclass

import flet as ft

from cardwright_mobile.api.client import Client
from cardwright_mobile.api.models import WalletView
from cardwright_mobile.state.reading import Reading


@ft.observable
@dataclass
class Wallet(Reading):
    """What can be spent, and what is held for payments that have not cleared."""

    view: WalletView | None = None

    async def read(self, client: Client) -> None:
        """Read the balance anew; what was known stays where that fails."""
        found = await self.attempt(client.wallet())
        if found is not None:
            self.view = found
            self.is_ready = True
