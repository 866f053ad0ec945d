"""argon2id on threads of its own: as many hashes at once as there are threads, and a queue with an end."""

import asyncio
from base64 import b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final, TypeVar

from argon2 import PasswordHasher, Type
from argon2.exceptions import VerifyMismatchError

from cardwright.core.errors import Unavailable

T = TypeVar("T")
THREADS: Final = 2
MOST_WAITING: Final = 32
"""About a second's work for the threads: whoever comes when so many wait is sent away at once."""
_MEMORY_KIB: Final = 19 * 1024
_PASSES: Final = 2
_LANES: Final = 1
_HASHER: Final = PasswordHasher(
    time_cost=_PASSES, memory_cost=_MEMORY_KIB, parallelism=_LANES, hash_len=32, salt_len=16, type=Type.ID
)


@dataclass(frozen=True, slots=True)
class PasswordCheck:
    """Whether a password was right, and the hash to keep instead when the parameters have changed since."""

    is_correct: bool
    replacement_hash: str | None = field(default=None, repr=False)


class HashingThreads:
    """Runs hashes; `made`, `checked` and `refused` count since the process started, for tests and metrics."""

    def __init__(self, *, threads: int = THREADS, most_waiting: int = MOST_WAITING) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="argon2")
        self._most = threads + most_waiting
        self._present = 0
        self.made = 0
        self.checked = 0
        self.refused = 0

    async def make(self, password: str) -> str:
        """Return the hash of a password in NFC; raise Unavailable when too many wait already."""
        made = await self._run(_HASHER.hash, password)
        self.made += 1
        return made

    async def check(self, password: str, password_hash: str | None) -> PasswordCheck:
        """Compare a password in NFC with a stored hash, or with nobody's at the same cost.

        Raises Unavailable when too many wait already.
        """
        checked = await self._run(_check, password, password_hash)
        self.checked += 1
        return checked

    async def _run(self, function: Callable[..., T], *arguments: str | None) -> T:
        if self._present >= self._most:
            self.refused += 1
            raise Unavailable(
                "passwords_busy", "Too many passwords are being checked right now; try again.",
                retry_after_seconds=2,
            )  # fmt: skip
        self._present += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, function, *arguments)
        finally:
            self._present -= 1


def _check(password: str, password_hash: str | None) -> PasswordCheck:
    try:
        _HASHER.verify(password_hash or NOBODYS_HASH, password)
    except VerifyMismatchError:
        return PasswordCheck(is_correct=False)
    if password_hash is None:
        return PasswordCheck(is_correct=False)
    is_outdated = _HASHER.check_needs_rehash(password_hash)
    return PasswordCheck(is_correct=True, replacement_hash=_HASHER.hash(password) if is_outdated else None)


def _unpadded(data: bytes) -> str:
    return b64encode(data).rstrip(b"=").decode()


NOBODYS_HASH: Final = (
    f"$argon2id$v=19$m={_MEMORY_KIB},t={_PASSES},p={_LANES}${_unpadded(bytes(16))}${_unpadded(bytes(32))}"
)
"""Well-formed, of today's parameters and of no password: what unknown people are checked against."""
