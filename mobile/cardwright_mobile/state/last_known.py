"""What the app knew last, kept on the device: shown with its age while the server cannot be reached."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cardwright_mobile.api.decoding import as_json, decoded
from cardwright_mobile.api.models import CardView, PaymentView, WalletView
from cardwright_mobile.device.storage import Storage
from cardwright_mobile.state.activity import Activity
from cardwright_mobile.state.cards import Cards
from cardwright_mobile.state.wallet import Wallet

_NAME: Final = "cardwright.last_known"
_PAYMENTS: Final = 20


@dataclass
class LastKnown:
    """Balance, cards and the newest payments; never a card's number, of which the app keeps nothing."""

    storage: Storage
    _written: str = ""

    async def restore(self, wallet: Wallet, cards: Cards, activity: Activity) -> None:
        """Fill what nobody has read yet with what was known last."""
        text = await self.storage.get(_NAME)
        try:
            kept = json.loads(text) if text else None
            if kept is None or any(it.is_ready for it in (wallet, cards, activity)):
                return
            at = datetime.fromisoformat(kept["at"])
            view = decoded(WalletView, kept["wallet"])
            all_cards = decoded(tuple[CardView, ...], kept["cards"])
            payments = decoded(tuple[PaymentView, ...], kept["payments"])
        except (AttributeError, KeyError, TypeError, ValueError):
            # What an older app wrote, or another one, is no reason to stop.
            return
        wallet.view, cards.all, activity.payments = view, all_cards, payments
        for reading in (wallet, cards, activity):
            reading.recall(at)

    async def keep(self, wallet: Wallet, cards: Cards, activity: Activity) -> None:
        """Write what is known, where all of it is and something of it is new."""
        if wallet.view is None or activity.status is not None:
            return
        times = [it.read_at for it in (wallet, cards, activity)]
        known = {
            "wallet": as_json(wallet.view), "cards": as_json(cards.all),
            "payments": as_json(activity.payments[:_PAYMENTS]),
        }  # fmt: skip
        oldest = min((it for it in times if it is not None), default=None)
        if oldest is None or None in times:
            return
        written = json.dumps(known)
        if written != self._written:
            await self.storage.put(_NAME, json.dumps({"at": oldest.isoformat(), **known}))
            self._written = written

    async def forget(self) -> None:
        """Leave nothing of whoever signed out."""
        self._written = ""
        await self.storage.remove(_NAME)
