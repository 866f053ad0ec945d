"""A statement in its holder's language: amounts, days and what each line says."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Self
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, get_timezone_name
from babel.numbers import format_currency

from cardwright.core.money import EXPONENTS
from cardwright.statements.domain import Line, Statement
from cardwright.statements.texts import locale_of, words_of


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes in one language, one currency and one time zone."""

    locale: Locale
    currency: str
    zone: ZoneInfo

    @classmethod
    def of(cls, statement: Statement) -> Self:
        """Return who writes a statement."""
        return cls(locale_of(statement.locale), statement.currency, statement.period.zone)

    def word(self, name: str, **values: object) -> str:
        """Return a text of the language."""
        return words_of(self.locale)[name].format(**values)

    def money(self, amount: int, currency: str | None = None) -> str:
        """Return an amount of minor units with its currency, as the locale writes it."""
        named = currency or self.currency
        value = Decimal(amount).scaleb(-EXPONENTS[named])
        return format_currency(value, named, locale=self.locale, currency_digits=True)

    def day(self, at: date | datetime) -> str:
        """Return a day with its month as a word; of an instant, the day where the holder lives."""
        local = at.astimezone(self.zone).date() if isinstance(at, datetime) else at
        return format_date(local, "medium", locale=self.locale)

    def instant(self, at: datetime) -> str:
        """Return a day and time."""
        return format_datetime(at, "long", tzinfo=self.zone, locale=self.locale)

    def zone_name(self, at: datetime) -> str:
        """Return what people call the time zone, with its name in the IANA database."""
        named = get_timezone_name(at.astimezone(self.zone), locale=self.locale)
        return f"{named} ({self.zone.key})"

    def what(self, line: Line) -> str:
        """Return what moved the money: a word for it, and at whom."""
        words = words_of(self.locale)
        kind = words.get(line.kind, words["other"])
        return line.text or kind

    def details(self, line: Line) -> str:
        """Return the small print of a line."""
        words = words_of(self.locale)
        parts = [words.get(line.kind, words["other"])] if line.text else []
        if line.last4:
            parts.append(self.word("card", last4=line.last4))
        if line.charged:
            parts.append(self.word("charged", amount=self.money(*line.charged)))
        return " · ".join(parts)
