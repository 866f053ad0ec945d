"""Second factors as values: passkeys, authenticator apps, recovery codes, and when each still counts."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Final

CHALLENGE_LIFETIME: Final = timedelta(minutes=5)
MAX_PASSKEYS: Final = 20
RECOVERY_CODES: Final = 10
STEP_SECONDS: Final = 30
_DRIFT_STEPS: Final = 1
_FREE_FAILURES: Final = 5
_FIRST_WAIT: Final = timedelta(minutes=15)
_LONGEST_WAIT: Final = timedelta(days=1)
_ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
_RECOVERY_CODE_LENGTH: Final = 16
_GROUP_LENGTH: Final = 4
# What people type for letters that the alphabet leaves out.
_LOOKALIKES: Final = str.maketrans({"o": "0", "i": "1", "l": "1", "-": None, " ": None})


class FactorMethod(StrEnum):
    """How somebody proves more than a password."""

    PASSKEY = "passkey"
    TOTP = "totp"
    RECOVERY_CODE = "recovery_code"


AMR_WORDS: Final[Mapping[FactorMethod, str]] = {
    FactorMethod.PASSKEY: "hwk",
    FactorMethod.TOTP: "otp",
    FactorMethod.RECOVERY_CODE: "otp",
}
"""What a session notes of each method, in the words of RFC 8176."""


class CeremonyPurpose(StrEnum):
    """What a challenge was made for; it is good for nothing else."""

    REGISTRATION = "registration"
    SIGN_IN = "sign_in"
    STEP_UP = "step_up"


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose factors they are."""

    user_id: str
    program_id: str


@dataclass(frozen=True, slots=True)
class Challenge:
    """A random question that one answer may be given to; `session_id` is None before anybody signed in."""

    id: str
    program_id: str
    purpose: CeremonyPurpose
    session_id: str | None
    challenge: str = field(repr=False)
    expires_at: datetime

    def is_for(self, purpose: CeremonyPurpose, session_id: str | None, at: datetime) -> bool:
        """Answer whether it still asks for this purpose in this very session."""
        return self.purpose is purpose and self.session_id == session_id and at < self.expires_at


@dataclass(frozen=True, slots=True)
class Passkey:
    """A credential that lives in somebody's device or password manager; we keep its public half.

    `sign_count` is the newest counter it told, 0 for ever for those that do not count. `suspended_at` is
    when the counter went backwards: there may be a copy, and neither it nor the original is trusted again.
    """

    id: str
    program_id: str
    user_id: str
    credential_id: str
    public_key: bytes = field(repr=False)
    sign_count: int
    name: str
    transports: tuple[str, ...]
    is_backup_eligible: bool
    is_backed_up: bool
    created_at: datetime
    last_used_at: datetime | None = None
    suspended_at: datetime | None = None

    def is_rolled_back(self, sign_count: int) -> bool:
        """Answer whether a counter is not beyond the newest one, for authenticators that count at all."""
        return (sign_count > 0 or self.sign_count > 0) and sign_count <= self.sign_count


@dataclass(frozen=True, slots=True)
class Totp:
    """An authenticator app; `secret` is a sealed record. It counts once a code of it was confirmed.

    `last_step` is the newest time step whose code was accepted: neither it nor an older one is good again.
    `failures` are the wrong codes since then.
    """

    id: str
    program_id: str
    user_id: str
    secret: str = field(repr=False)
    created_at: datetime
    confirmed_at: datetime | None = None
    last_step: int | None = None
    failures: int = 0
    failed_at: datetime | None = None

    def steps_at(self, at: datetime) -> range:
        """Return the time steps whose codes are good at an instant: the present one, one early, one late."""
        present = int(at.timestamp()) // STEP_SECONDS
        unused = 0 if self.last_step is None else self.last_step + 1
        return range(max(present - _DRIFT_STEPS, unused), present + _DRIFT_STEPS + 1)

    def wait_at(self, at: datetime) -> timedelta:
        """Return how long nothing may be tried: each wrong code past the fifth in a row doubles it."""
        if self.failed_at is None or self.failures < _FREE_FAILURES:
            return timedelta(0)
        # Past some doublings it is the longest wait anyway.
        doublings = min(self.failures - _FREE_FAILURES, 10)
        wait = min(_FIRST_WAIT * (1 << doublings), _LONGEST_WAIT)
        return max(self.failed_at + wait - at, timedelta(0))


def is_same_code(expected: str, code: str) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(expected.encode(), code.encode())


def recovery_code_of(bits: int) -> str:
    """Return 80 random bits as four groups of four letters and digits that are not mistaken for another.

    >>> recovery_code_of(2**80 - 1)
    'zzzz-zzzz-zzzz-zzzz'
    """
    letters = [_ALPHABET[(bits >> shift) & 31] for shift in range(0, 5 * _RECOVERY_CODE_LENGTH, 5)]
    starts = range(0, _RECOVERY_CODE_LENGTH, _GROUP_LENGTH)
    return "-".join("".join(letters[start : start + _GROUP_LENGTH]) for start in starts)


def recovery_code_hash(user_id: str, code: str) -> str:
    """Return what is stored of a recovery code; 80 random bits need no slow hash.

    >>> recovery_code_hash("u", "0123 4567-89AB-CDEF") == recovery_code_hash("u", "oi23456789abcdef")
    True
    """
    return sha256(f"{user_id}\0{code.lower().translate(_LOOKALIKES)}".encode()).hexdigest()
