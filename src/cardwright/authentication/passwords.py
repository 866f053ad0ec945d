"""Passwords: which are accepted and why one is not, and the process's threads that hash them."""

import unicodedata
from typing import Final

from cardwright.authentication.blocklist import is_common
from cardwright.authentication.hashing import NOBODYS_HASH, HashingThreads, PasswordCheck
from cardwright.core.errors import Invalid

__all__ = [
    "HASHING",
    "MAX_LENGTH",
    "MIN_LENGTH",
    "MIN_LENGTH_WITH_FACTOR",
    "NOBODYS_HASH",
    "PasswordCheck",
    "check_password",
    "ensure_acceptable",
    "hash_password",
]

MIN_LENGTH: Final = 15
MIN_LENGTH_WITH_FACTOR: Final = 12
MAX_LENGTH: Final = 128
HASHING: Final = HashingThreads()
"""One per process, whose memory it bounds."""
_MIN_TELLING_LOCAL_PART: Final = 4


def ensure_acceptable(password: str, email: str, *, has_factor: bool = False) -> str:
    """Return the password in NFC; raise Invalid `password_unacceptable` with the `reason`.

    `has_factor` says that signing in asks for a second factor too. No mixture of characters is asked for.
    """
    normal = unicodedata.normalize("NFC", password)
    shortest = MIN_LENGTH_WITH_FACTOR if has_factor else MIN_LENGTH
    if not shortest <= len(normal) <= MAX_LENGTH:
        raise _unacceptable("length", f"A password has {shortest} to {MAX_LENGTH} characters.")
    if len(set(normal)) == 1:
        raise _unacceptable("repetition", "A password is more than one character repeated.")
    local_part = email.partition("@")[0].casefold()
    # A local part of a few letters occurs inside ordinary words and tells nothing.
    if len(local_part) >= _MIN_TELLING_LOCAL_PART and local_part in normal.casefold():
        raise _unacceptable("email", "A password does not contain the name in the e-mail address.")
    if is_common(normal):
        raise _unacceptable("common", "This password is on lists of common ones, which are tried first.")
    return normal


async def hash_password(password: str) -> str:
    """Return the argon2id hash of an acceptable password; raise Unavailable when too many wait."""
    return await HASHING.make(password)


async def check_password(password: str, password_hash: str | None) -> PasswordCheck:
    """Compare with the stored hash; None, for an unknown person, costs the same work and is never right."""
    return await HASHING.check(unicodedata.normalize("NFC", password), password_hash)


def _unacceptable(reason: str, message: str) -> Invalid:
    return Invalid("password_unacceptable", message, reason=reason)
