"""Passwords are hashed as in production but for the work: it took a twentieth of the time of the tests."""

from typing import Final

import pytest
from argon2 import PasswordHasher

from cardwright.authentication import hashing

_USUAL: Final = (hashing._HASHER, hashing.NOBODYS_HASH)
_CHEAP: Final = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1, hash_len=32, salt_len=16)


def hash_cheaply(patch: pytest.MonkeyPatch) -> None:
    """Hash with the least work that argon2id allows, for nobody as for everybody."""
    patch.setattr(hashing, "_HASHER", _CHEAP)
    patch.setattr(hashing, "NOBODYS_HASH", _CHEAP.hash(""))


def hash_as_usual(patch: pytest.MonkeyPatch) -> None:
    """Hash with the work that production takes, in tests that are about it."""
    for name, value in zip(("_HASHER", "NOBODYS_HASH"), _USUAL, strict=True):
        patch.setattr(hashing, name, value)
