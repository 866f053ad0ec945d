"""Passwords: which are accepted, and their argon2id hashes, made on threads of their own."""

import asyncio
import unicodedata
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final

from argon2 import PasswordHasher, Type
from argon2.exceptions import VerifyMismatchError

from cardwright.core.errors import Invalid

MIN_LENGTH: Final = 15
MAX_LENGTH: Final = 128
_MIN_TELLING_LOCAL_PART: Final = 4
_MEMORY_KIB: Final = 19 * 1024
_PASSES: Final = 2
_LANES: Final = 1

_HASHER: Final = PasswordHasher(
    time_cost=_PASSES, memory_cost=_MEMORY_KIB, parallelism=_LANES, hash_len=32, salt_len=16, type=Type.ID
)
# As many threads as hashes may run at once: a flood of sign-ins waits here and starves nothing else.
_THREADS: Final = ThreadPoolExecutor(max_workers=2, thread_name_prefix="argon2")


@dataclass(frozen=True, slots=True)
class PasswordCheck:
    """Whether a password was right, and the hash to keep instead when the parameters have changed since."""

    is_correct: bool
    replacement_hash: str | None = field(default=None, repr=False)


def ensure_acceptable(password: str, email: str) -> str:
    """Return the password in NFC; raise Invalid `password_unacceptable` with what is wrong with it."""
    normal = unicodedata.normalize("NFC", password)
    if not MIN_LENGTH <= len(normal) <= MAX_LENGTH:
        raise _unacceptable("length", f"A password has {MIN_LENGTH} to {MAX_LENGTH} characters.")
    if len(set(normal)) == 1:
        raise _unacceptable("repetition", "A password is more than one character repeated.")
    local_part = email.partition("@")[0].casefold()
    # A local part of a few letters occurs inside ordinary words and tells nothing.
    if len(local_part) >= _MIN_TELLING_LOCAL_PART and local_part in normal.casefold():
        raise _unacceptable("email", "A password does not contain the name in the e-mail address.")
    return normal


async def hash_password(password: str) -> str:
    """Return the argon2id hash of an acceptable password."""
    return await asyncio.get_running_loop().run_in_executor(_THREADS, _HASHER.hash, password)


async def check_password(password: str, password_hash: str | None) -> PasswordCheck:
    """Compare with the stored hash; None, for an unknown person, costs the same work and is never right."""
    normal = unicodedata.normalize("NFC", password)
    return await asyncio.get_running_loop().run_in_executor(_THREADS, _check, normal, password_hash)


def _check(password: str, password_hash: str | None) -> PasswordCheck:
    try:
        _HASHER.verify(password_hash or NOBODYS_HASH, password)
    except VerifyMismatchError:
        return PasswordCheck(is_correct=False)
    if password_hash is None:
        return PasswordCheck(is_correct=False)
    is_outdated = _HASHER.check_needs_rehash(password_hash)
    return PasswordCheck(is_correct=True, replacement_hash=_HASHER.hash(password) if is_outdated else None)


def _unacceptable(reason: str, message: str) -> Invalid:
    return Invalid("password_unacceptable", message, reason=reason)


def _unpadded(data: bytes) -> str:
    return b64encode(data).rstrip(b"=").decode()


NOBODYS_HASH: Final = (
    f"$argon2id$v=19$m={_MEMORY_KIB},t={_PASSES},p={_LANES}${_unpadded(bytes(16))}${_unpadded(bytes(32))}"
)
"""Well-formed, of today's parameters and of no password: what unknown people are checked against."""
