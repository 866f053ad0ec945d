"""How much is sent: messages per person and channel, and what text messages may cost. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from cardwright.core.money import EXPONENTS
from cardwright.notifications.domain import Channel

CAP_WINDOW: Final = timedelta(hours=1)
MICROS: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Caps:
    """How many messages one person gets on a channel within any hour: ordinary and essential ones."""

    ordinary: Mapping[Channel, int] = field(default_factory=lambda: {"sms": 10, "push": 60, "email": 60})
    essential: Mapping[Channel, int] = field(default_factory=lambda: {"sms": 20, "push": 120, "email": 120})

    def most(self, channel: Channel, *, is_essential: bool) -> int:
        """Return the cap of a channel."""
        return (self.essential if is_essential else self.ordinary)[channel]


@dataclass(frozen=True, slots=True)
class SmsPrices:
    """What a segment of a text message costs by country, in micros (millionths) of `currency`.

    A country that has no price costs `otherwise`. The caps are in minor units of the currency, per day and
    calendar month of UTC, for the whole program; None is no cap.
    """

    currency: str = "USD"
    by_country: Mapping[str, int] = field(default_factory=dict)
    otherwise: int = 50_000
    most_per_day: int | None = None
    most_per_month: int | None = None

    def cost(self, country: str, segments: int) -> int:
        """Return what a message costs, in micros.

        >>> SmsPrices(by_country={"US": 7900}).cost("US", 2)
        15800
        """
        return self.by_country.get(country, self.otherwise) * segments

    def caps_on(self, day: date) -> Mapping[str, int | None]:
        """Return the periods that a message of this day counts in, each with its cap in micros."""
        per_minor_unit = MICROS // 10 ** EXPONENTS[self.currency]
        caps = {f"{day:%Y-%m}": self.most_per_month, f"{day:%Y-%m-%d}": self.most_per_day}
        return {period: None if cap is None else cap * per_minor_unit for period, cap in caps.items()}
