"""How a key is written: `cw_live_<lookup>_<secret><checksum>`, so that a typo is told without a look-up.

`lookup` is the key's id without its prefix, and public. The secret has 160 random bits. The checksum covers
all that stands before it: whoever scans for leaked keys can tell one from noise, and a mistyped key never
reaches the database.
"""

import re
import secrets
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Final
from zlib import crc32

from cardwright.core.ids import new_id
from cardwright.core.sensitive import Sensitive

ID_PREFIX: Final = "key"
KEY_PATTERN: Final = r"cw_(live|test)_([0-7][0-9a-hjkmnp-tv-z]{25})_[0-9a-hjkmnp-tv-z]{39}"
_ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
_SECRET_LENGTH: Final = 32
_CHECKSUM_LENGTH: Final = 7
_SHAPE: Final = re.compile(KEY_PATTERN)


class Environment(StrEnum):
    """Whether a deployment moves real money; a key of one is refused by the other."""

    LIVE = "live"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class MintedKey:
    """A fresh key: its id and its text, which is kept nowhere."""

    id: str
    text: Sensitive


@dataclass(frozen=True, slots=True)
class PresentedKey:
    """What the text of a well-formed key says by itself, and what is compared with the stored hash."""

    id: str
    environment: Environment
    secret_hash: str


def mint(environment: Environment) -> MintedKey:
    """Return a key that nobody had before."""
    key_id = new_id(ID_PREFIX)
    secret = "".join(secrets.choice(_ALPHABET) for _ in range(_SECRET_LENGTH))
    body = f"cw_{environment.value}_{key_id.removeprefix(f'{ID_PREFIX}_')}_{secret}"
    return MintedKey(key_id, Sensitive(body + _checksum(body)))


def read(text: str) -> PresentedKey | None:
    """Return what a key says of itself; None for a text that was never a key, or was mistyped or cut."""
    shape = _SHAPE.fullmatch(text)
    if shape is None or _checksum(text[:-_CHECKSUM_LENGTH]) != text[-_CHECKSUM_LENGTH:]:
        return None
    return PresentedKey(f"{ID_PREFIX}_{shape[2]}", Environment(shape[1]), hash_of(text))


def hash_of(text: str) -> str:
    """Return what is stored of a key; so many random bits need no slow hash."""
    return sha256(text.encode()).hexdigest()


def _checksum(body: str) -> str:
    sum_ = crc32(body.encode())
    return "".join(_ALPHABET[(sum_ >> shift) & 31] for shift in range(30, -1, -5))
