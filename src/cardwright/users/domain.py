"""Profiles and what of them is accepted."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from cardwright.core.card_numbers import holds_card_number
from cardwright.core.countries import COUNTRIES
from cardwright.core.errors import Invalid
from cardwright.core.money import EXPONENTS

PHONE_PATTERN: Final = r"\+[1-9][0-9]{6,14}"
LOCALE_PATTERN: Final = r"[a-z]{2,3}(?:-[A-Z][a-z]{3})?(?:-(?:[A-Z]{2}|[0-9]{3}))?"
MAX_TEXT_LENGTH: Final = 100
_EARLIEST_BIRTH: Final = date(1900, 1, 1)
_JOINERS: Final = "\u200c\u200d"  # some scripts cannot be spelled without them


@dataclass(frozen=True, slots=True)
class Address:
    """Where somebody lives; `country` is ISO 3166-1 alpha-2."""

    line1: str
    city: str
    postal_code: str
    country: str


@dataclass(frozen=True, slots=True)
class ProfileDetails:
    """What a person may set: phone in E.164, locale in BCP 47, time zone from the IANA database.

    `currency` (ISO 4217) is the one they like to read amounts in; None for the program's own.
    """

    full_name: str
    date_of_birth: date
    locale: str
    time_zone: str
    phone: str | None = None
    address: Address | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """A person as other slices see them; `created_at` is when they registered.

    `phone` is what they say it is until they prove it, at `phone_verified_at`; nothing is told to it before.
    """

    user_id: str
    full_name: str
    phone: str | None
    email: str
    locale: str
    time_zone: str
    address: Address | None
    date_of_birth: date
    created_at: datetime
    phone_verified_at: datetime | None = None
    currency: str | None = None

    @property
    def proven_phone(self) -> str | None:
        """The number that may be told things, if there is one."""
        return None if self.phone_verified_at is None else self.phone


@dataclass(frozen=True, slots=True)
class Contact:
    """How a person is written to, and on which phone if they have proven one."""

    locale: str
    time_zone: str
    proven_phone: str | None


@dataclass(frozen=True, slots=True)
class Named:
    """A person by name and date of birth, and nothing else of what they said."""

    user_id: str
    full_name: str
    date_of_birth: date


@dataclass(frozen=True, slots=True)
class TimeZones:
    """The time zone somebody lives in, and those they lived in before, with when they left each last."""

    present: ZoneInfo
    left: tuple[tuple[ZoneInfo, datetime], ...] = ()


def ensure_details(details: ProfileDetails, *, today: date) -> ProfileDetails:
    """Return the details when all of them can be true; raise Invalid naming the `field` otherwise."""
    _ensure_text("full_name", details.full_name)
    if details.phone is not None and not re.fullmatch(PHONE_PATTERN, details.phone, re.ASCII):
        raise _wrong("phone", "A phone number is written like +15551234567.")
    if not re.fullmatch(LOCALE_PATTERN, details.locale):
        raise _wrong("locale", "A locale is written like en or pt-BR.")
    if details.time_zone not in _time_zones():
        raise _wrong(
            "time_zone", f"{details.time_zone[:40]!r} is not an IANA time zone such as Europe/Berlin."
        )
    if not _EARLIEST_BIRTH <= details.date_of_birth < today:
        raise _wrong("date_of_birth", "A date of birth lies in the past and after 1899.")
    if details.currency is not None and details.currency not in EXPONENTS:
        raise _wrong("currency", "A currency is given by its three ISO 4217 letters, such as EUR.")
    if details.address is not None:
        _ensure_address(details.address)
    return details


def _ensure_address(address: Address) -> None:
    _ensure_text("address/line1", address.line1)
    _ensure_text("address/city", address.city)
    _ensure_text("address/postal_code", address.postal_code)
    if address.country not in COUNTRIES:
        raise _wrong("address/country", "A country is given by its two ISO 3166-1 letters, such as DE.")


def _ensure_text(field: str, text: str) -> None:
    is_readable = all(unicodedata.category(letter)[0] != "C" or letter in _JOINERS for letter in text)
    is_one_line = not any(unicodedata.category(letter) in {"Zl", "Zp"} for letter in text)
    if not 0 < len(text) <= MAX_TEXT_LENGTH or text != text.strip() or not (is_readable and is_one_line):
        raise _wrong(field, f"This is one line of 1 to {MAX_TEXT_LENGTH} readable characters.")
    if holds_card_number(text):
        raise Invalid("card_number_refused", "This looks like a card number.", field=field)


@cache
def _time_zones() -> frozenset[str]:
    return frozenset(available_timezones() - {"localtime", "Factory"})


def _wrong(field: str, message: str) -> Invalid:
    return Invalid("profile_invalid", message, field=field)
