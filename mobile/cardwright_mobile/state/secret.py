"""A card's number: the one place that knows it, for half a minute."""

import asyncio
from dataclasses import dataclass
from typing import Final

import flet as ft

from cardwright_mobile.api.card_models import CardNumberView

SHOWN_SECONDS: Final = 30


@ft.observable
@dataclass
class Secret:
    """Shown, and forgotten after seconds, when its screen is left, and when nobody looks."""

    number: CardNumberView | None = None
    seconds_left: int = 0
    is_elsewhere: str = ""
    """The card whose number only its processor may show."""

    def of(self, card_id: str) -> CardNumberView | None:
        """Return the number of this very card, while it is shown."""
        return self.number if self.number is not None and self.number.card_id == card_id else None

    def forget(self) -> None:
        """Know nothing any more."""
        self.number, self.seconds_left, self.is_elsewhere = None, 0, ""

    async def show(self, number: CardNumberView, second: float = 1.0) -> None:
        """Show a number, and return when it was forgotten; `second` is how long one of them takes."""
        self.number, self.is_elsewhere = number, ""
        for left in range(SHOWN_SECONDS, 0, -1):
            self.seconds_left = left
            await asyncio.sleep(second)
            # Hidden meanwhile, or another one is shown and counts by itself.
            if self.number is not number:
                return
        self.forget()


def grouped(number: str) -> str:
    """Return a number as it is embossed.

    >>> grouped("4000009990123456"), grouped("378282246310005")
    ('4000 0099 9012 3456', '3782 8224 6310 005')
    """
    return " ".join(number[at : at + 4] for at in range(0, len(number), 4))
