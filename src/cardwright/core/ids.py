"""Ids as people and logs see them: a prefix that names the kind, then a time-ordered UUIDv7 in base 32."""

import re
import secrets
import threading
import time
from datetime import timedelta
from typing import Final

from cardwright.core.errors import Invalid

_ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
_SHAPE: Final = re.compile(r"[a-z]{2,12}_[0-7][0-9a-hjkmnp-tv-z]{25}")
ID_PATTERN: Final = f"^{_SHAPE.pattern}$"


def new_id(prefix: str) -> str:
    """Return a fresh id such as `card_01jd...`; ids of one prefix sort by the time they were made.

    >>> new_id("card") < new_id("card")
    True
    """
    return f"{prefix}_{_base32(_uuid7())}"


def first_id(prefix: str, *, before_now: timedelta) -> str:
    """Return what sorts before the ids of a prefix that were made since so long ago.

    >>> first_id("card", before_now=timedelta(seconds=1)) < new_id("card")
    True
    """
    milliseconds = time.time_ns() // 1_000_000 - before_now // timedelta(milliseconds=1)
    return f"{prefix}_{_base32(milliseconds << 80)}"


def ensure_id(text: str, prefix: str) -> str:
    """Return `text` when it has the shape of an id of that prefix; raise Invalid otherwise."""
    if not _SHAPE.fullmatch(text) or not text.startswith(prefix + "_"):
        raise Invalid("id_invalid", f"{text[:40]!r} is not an id of the form {prefix}_…")
    return text


_last_tick = 0
_turn: Final = threading.Lock()


def _uuid7() -> int:
    # Sub-millisecond order comes from 12 bits of fraction, nudged on so that no two ticks are equal.
    global _last_tick  # noqa: PLW0603 - one counter per process is the point
    nanoseconds = time.time_ns()
    tick = (nanoseconds // 1_000_000 << 12) | ((nanoseconds % 1_000_000) * 4096 // 1_000_000)
    with _turn:
        _last_tick = tick = max(tick, _last_tick + 1)
    return (tick >> 12) << 80 | 0x7 << 76 | (tick & 0xFFF) << 64 | 0b10 << 62 | secrets.randbits(62)


def _base32(value: int) -> str:
    return "".join(_ALPHABET[(value >> shift) & 31] for shift in range(125, -1, -5))
