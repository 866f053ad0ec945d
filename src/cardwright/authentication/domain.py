"""Identities, e-mail verifications and sessions, and when each of them still counts."""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Final

from cardwright.core.errors import Invalid

CODE_LIFETIME: Final = timedelta(minutes=10)
MAX_CODE_ATTEMPTS: Final = 5
SIGHTING_INTERVAL: Final = timedelta(minutes=1)
FACTOR_PATIENCE: Final = timedelta(minutes=10)
MAX_EMAIL_LENGTH: Final = 254
_MAX_LOCAL_PART_LENGTH: Final = 64

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_EMAIL: Final = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})+")


class Purpose(StrEnum):
    """What an e-mail code proves."""

    EMAIL_ADDRESS = "email_address"


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody who registered; `verified_at` is None until they proved that the address is theirs.

    Once `closed_at` is set nobody signs in as them any more, and their address is forgotten soon after.
    """

    user_id: str
    program_id: str
    email: str
    verified_at: datetime | None
    created_at: datetime
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Credentials:
    """An identity beside the hash of its password.

    None until a registration of its address is confirmed, and for whoever signs in with a provider alone.
    """

    identity: Identity
    password_hash: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class EmailVerification:
    """An e-mail code of one registration; the code itself is derived from `id` and kept nowhere.

    `pending_password_hash` is what becomes the identity's when this very code is confirmed; None once the
    code is used, another one of its registration took its place, or the registration ended. It is None from
    the beginning where the address was proven before: such a one can be tried like any other, in vain.
    """

    id: str
    registration_id: str
    user_id: str
    purpose: Purpose
    expires_at: datetime
    pending_password_hash: str | None = field(repr=False)
    attempts: int = 0
    used_at: datetime | None = None

    def is_open(self, at: datetime) -> bool:
        """Answer whether a code may still be tried."""
        return self.used_at is None and at < self.expires_at and self.attempts < MAX_CODE_ATTEMPTS


@dataclass(frozen=True, slots=True)
class Lifetime:
    """How long a session lasts at most, and how long it lasts unused."""

    absolute: timedelta
    idle: timedelta


CARDHOLDERS: Final = Lifetime(absolute=timedelta(days=30), idle=timedelta(days=14))
STAFF: Final = Lifetime(absolute=timedelta(hours=12), idle=timedelta(minutes=15))


@dataclass(frozen=True, slots=True)
class AuthSession:
    """One sign-in in one browser.

    `secret_hash` is the SHA-256 of what the browser's cookie holds. `methods` are RFC 8176's words for how
    the person proved who they are. A session with `awaits_factor` counts for nothing but giving the factor;
    `factor_used_at` is when one was given last.
    `browser_hash` tells browsers apart, whoever signs in in them.
    """

    id: str
    user_id: str
    program_id: str
    user_agent: str | None
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    secret_hash: str = field(repr=False)
    methods: tuple[str, ...] = ()
    awaits_factor: bool = False
    factor_used_at: datetime | None = None
    revoked_at: datetime | None = None
    client_address: str | None = None
    browser_hash: str | None = field(default=None, repr=False)

    def is_alive(self, at: datetime, lifetime: Lifetime) -> bool:
        """Answer whether requests may still be made in this session by people of this lifetime."""
        ends_at = min(self.expires_at, self.created_at + lifetime.absolute, self.last_seen_at + lifetime.idle)
        if self.awaits_factor:
            ends_at = min(ends_at, self.created_at + FACTOR_PATIENCE)
        return self.revoked_at is None and at < ends_at

    def is_sighting_due(self, at: datetime) -> bool:
        """Answer whether it is long enough since it was noted that the session is in use."""
        return at - self.last_seen_at >= SIGHTING_INTERVAL


def normalize_email(text: str) -> str:
    """Return the address in the form that is stored and compared; raise Invalid for what is not one.

    >>> normalize_email("Ada.Lovelace@Example.com")
    'ada.lovelace@example.com'
    """
    local_part = text.rpartition("@")[0]
    is_too_long = len(text) > MAX_EMAIL_LENGTH or len(local_part) > _MAX_LOCAL_PART_LENGTH
    if is_too_long or not _EMAIL.fullmatch(text):
        raise Invalid("email_invalid", "This is not an e-mail address such as ada@example.com.")
    return text.lower()


def address_digest(address: str) -> str:
    """Return what stands for a normalized address where it need not be readable."""
    return sha256(address.encode()).hexdigest()
