"""Cursors: places in a stream that tell nobody how much happens in the program."""

import hmac
from hashlib import sha256
from typing import Final

from cardwright.core.errors import Invalid

CURSOR_PATTERN: Final = "^evc_[0-9a-f]{16}$"
_PREFIX: Final = "evc_"
_ROUNDS: Final = 6
_HALF_BITS: Final = 32
_HALF: Final = (1 << _HALF_BITS) - 1


def cursor_at(position: int, key: bytes) -> str:
    """Return the cursor of a position: another number of 64 bits, found by a keyed permutation.

    >>> cursor_at(7, b"key") == cursor_at(7, b"key") != cursor_at(8, b"key")
    True
    """
    left, right = position >> _HALF_BITS, position & _HALF
    for turn in range(_ROUNDS):
        left, right = right, left ^ _mixed(right, turn, key)
    return f"{_PREFIX}{left:08x}{right:08x}"


def position_of(cursor: str, key: bytes, *, last: int) -> int:
    """Return the position of a cursor of a stream that has come to `last`; Invalid `cursor_invalid`.

    >>> position_of(cursor_at(7, b"key"), b"key", last=10)
    7
    """
    digits = cursor.removeprefix(_PREFIX)
    left, right = int(digits[:8], 16), int(digits[8:], 16)
    for turn in reversed(range(_ROUNDS)):
        left, right = right ^ _mixed(left, turn, key), left
    position = left << _HALF_BITS | right
    if position > last:
        raise Invalid("cursor_invalid", "This is no cursor of this stream; begin without one.")
    return position


def _mixed(half: int, turn: int, key: bytes) -> int:
    digest = hmac.digest(key, bytes([turn]) + half.to_bytes(4, "big"), sha256)
    return int.from_bytes(digest[:4], "big")
