"""What a statement is: a period where its holder lives, balances, lines and what is held. No I/O."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from cardwright.core.errors import Invalid

_LONGEST: Final = timedelta(days=366)
_EARLIEST: Final = date(2000, 1, 1)
_DECEMBER: Final = 12


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days in a time zone, the first and the last of them included."""

    first: date
    last: date
    zone: ZoneInfo

    @property
    def since(self) -> datetime:
        """The instant that it begins at."""
        return self._midnight(self.first)

    @property
    def until(self) -> datetime:
        """The instant that it is over at."""
        return self._midnight(self.last + timedelta(days=1))

    def _midnight(self, day: date) -> datetime:
        # A midnight that a change of clocks skips is the instant of the change; of two it is the first.
        return datetime.combine(day, time(), self.zone).astimezone(UTC)


def month(text: str, zone: ZoneInfo) -> Period:
    """Return the period of a month such as "2026-11".

    >>> found = month("2026-12", ZoneInfo("Europe/Berlin"))
    >>> found.last.isoformat(), found.since.isoformat()
    ('2026-12-31', '2026-11-30T23:00:00+00:00')
    """
    first = date.fromisoformat(f"{text}-01")
    over = first.month == _DECEMBER
    following = date(first.year + 1, 1, 1) if over else date(first.year, first.month + 1, 1)
    return Period(first, following - timedelta(days=1), zone)


def ensure_period(period: Period, *, at: datetime) -> Period:
    """Return a period that a statement can be of; raise Invalid `period_invalid` for any other."""
    if period.last < period.first:
        raise _wrong("A period ends on its first day or later.")
    if period.last - period.first >= _LONGEST:
        raise _wrong("A period has 366 days at most.")
    if period.first < _EARLIEST:
        raise _wrong("There are no statements of before the year 2000.")
    if period.first > at.astimezone(period.zone).date():
        raise _wrong("The period has not begun.")
    return period


def _wrong(message: str) -> Invalid:
    return Invalid("period_invalid", message)


@dataclass(frozen=True, slots=True)
class Line:
    """A movement; amounts are minor units, below zero for what left, `balance` is the one after it.

    `text` is the merchant for purchases, empty for what has none. `charged` is what a merchant abroad
    asked: (minor units, currency).
    """

    entry_id: str
    kind: str
    at: datetime
    text: str
    last4: str | None
    payment_id: str | None
    charged: tuple[int, str] | None
    amount: int
    balance: int


@dataclass(frozen=True, slots=True)
class OpenHold:
    """Money set aside for a payment that has not been taken at the end of the period."""

    payment_id: str
    at: datetime
    text: str
    last4: str | None
    amount: int


@dataclass(frozen=True, slots=True)
class Statement:
    """A wallet over a period; `opening + money_in - money_out = closing`, all in minor units.

    A balance is what is in the wallet less what is owed; `available` is the closing one less what is held.
    """

    program_name: str
    holder_name: str
    address: Sequence[str]
    locale: str
    currency: str
    period: Period
    made_at: datetime
    opening: int
    closing: int
    lines: Sequence[Line]
    holds: Sequence[OpenHold]

    @property
    def money_in(self) -> int:
        """What came in."""
        return sum(line.amount for line in self.lines if line.amount > 0)

    @property
    def money_out(self) -> int:
        """What went out, as a positive number."""
        return -sum(line.amount for line in self.lines if line.amount < 0)

    @property
    def held(self) -> int:
        """What is held at the end."""
        return sum(hold.amount for hold in self.holds)

    @property
    def available(self) -> int:
        """What could be spent at the end; below zero when something is owed."""
        return self.closing - self.held

    @property
    def is_provisional(self) -> bool:
        """Whether the period was not over when the statement was made."""
        return self.made_at < self.period.until
