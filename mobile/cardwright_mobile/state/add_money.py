"""Adding money: how much, from where, and seeing it come."""

import asyncio
from dataclasses import dataclass
from typing import Final

import flet as ft

from cardwright_mobile.api.client import Client
from cardwright_mobile.api.money_models import MethodOutput, TopUpOutput
from cardwright_mobile.state.reading import Reading
from cardwright_mobile.text.money import typed_amount

TEST_CARDS: Final = {
    "visa": "pm_card_visa", "secure": "pm_card_threeDSecure2Required",
    "poor": "pm_card_chargeDeclinedInsufficientFunds",
}  # fmt: skip
"""What the payment provider's stand-in calls its cards; on a live system there is only what is kept."""
_OVER: Final = frozenset({"succeeded", "failed", "canceled"})


@ft.observable
@dataclass
class AddMoney(Reading):
    """One top-up, from the first digit to the money."""

    kept: tuple[MethodOutput, ...] = ()
    currency: str = ""
    source: str = ""
    top_up: TopUpOutput | None = None
    is_sending: bool = False

    async def read(self, client: Client) -> None:
        """Read what is kept to pay with and in which currency; once money was asked for, how that stands."""
        if self.top_up is not None:
            await self._look(client, self.top_up)
            return
        found = await self.attempt(asyncio.gather(client.payment_methods(), client.wallet()))
        if found is None:
            return
        methods, wallet = found
        self.kept = tuple(it for it in methods if it.status == "active" and it.card is not None)
        self.currency = wallet.currency
        known = {it.id for it in self.kept} | set(TEST_CARDS.values())
        if self.source not in known:
            first = next((it for it in self.kept if it.is_default), next(iter(self.kept), None))
            self.source = first.id if first else TEST_CARDS["visa"]
        self.is_ready = True

    def amount(self, typed: str, language: str) -> int | None:
        """Return what was typed in minor units; None where it is no amount of money."""
        return typed_amount(typed, self.currency, language) or None

    async def send(self, client: Client, amount: int) -> bool:
        """Ask for the money and answer whether that worked; asked again after a lost answer, it is one."""
        if self.is_sending:
            return False
        self.is_sending = True
        is_kept = any(it.id == self.source for it in self.kept)
        try:
            made = await self.attempt(client.add_money(amount, self.currency, self.source, is_kept=is_kept))
        finally:
            self.is_sending = False
        if made is not None:
            self.top_up = made
        return made is not None

    def begin_again(self) -> None:
        """Forget this one, for another card."""
        self.top_up, self.is_ready = None, False

    async def _look(self, client: Client, top_up: TopUpOutput) -> None:
        if top_up.status in _OVER:
            return
        found = await self.attempt(client.top_up(top_up.id))
        if found is not None:
            self.top_up = found
