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
SESSION_LIFETIME: Final = timedelta(days=30)
REFRESH_IDLE_LIFETIME: Final = timedelta(days=14)
LOST_RESPONSE_WINDOW: Final = timedelta(seconds=30)
MAX_EMAIL_LENGTH: Final = 254
_MAX_LOCAL_PART_LENGTH: Final = 64

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_EMAIL: Final = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})+")


class Purpose(StrEnum):
    """What an e-mail code proves."""

    EMAIL_ADDRESS = "email_address"


class Rotation(StrEnum):
    """What presenting a refresh token means."""

    ROTATED = "rotated"
    REPEATED = "repeated"
    REUSED = "reused"


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody who registered; `verified_at` is None until they proved that the address is theirs."""

    user_id: str
    program_id: str
    email: str
    verified_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Credentials:
    """An identity beside the hash of its password: None until a registration of its address is confirmed."""

    identity: Identity
    password_hash: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class EmailVerification:
    """An e-mail code of one registration; the code itself is derived from `id` and kept nowhere.

    `pending_password_hash` is what becomes the identity's when this very code is confirmed; None once the
    code is used, another one of its registration took its place, or the registration ended.
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
        is_pending = self.pending_password_hash is not None and self.used_at is None
        return is_pending and at < self.expires_at and self.attempts < MAX_CODE_ATTEMPTS


@dataclass(frozen=True, slots=True)
class EmailCode:
    """A code and where to send it; the code is kept out of the repr."""

    address: str
    code: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class AuthSession:
    """One sign-in on one device: the family that all its refresh tokens belong to.

    `generation` is the newest generation of refresh tokens that was presented, 0 before the first; the tokens
    handed out last are of the generation after it. `rotated_at` is when that generation was first presented.
    """

    id: str
    user_id: str
    program_id: str
    user_agent: str | None
    created_at: datetime
    expires_at: datetime
    generation: int = 0
    rotated_at: datetime | None = None
    revoked_at: datetime | None = None

    def is_alive(self, at: datetime) -> bool:
        """Answer whether requests may still be made in this session."""
        return self.revoked_at is None and at < self.expires_at


def judge_refresh(session: AuthSession, generation: int, at: datetime) -> Rotation:
    """Judge a refresh token of `generation` that is presented at `at` in a living session.

    A newer generation than was ever presented rotates. The one presented last is accepted again during
    LOST_RESPONSE_WINDOW, because its answer may never have arrived, and another token of the next generation
    is handed out. Whichever of those is presented first closes their generation, so that a thief and an owner
    cannot both go on unnoticed.
    """
    if generation > session.generation:
        return Rotation.ROTATED
    if generation < session.generation or session.rotated_at is None:
        return Rotation.REUSED
    return Rotation.REPEATED if at - session.rotated_at <= LOST_RESPONSE_WINDOW else Rotation.REUSED


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
