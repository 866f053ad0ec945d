"""Finds every number of the ranges that the test issuers draw from, in every spelling, without knowing one.

As a program it looks at a segment of PostgreSQL's log ahead, and keeps a copy of one that holds a number:
`python ranges.py SEGMENT FOLDER`.
"""

import base64
import re
import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

RANGES: Final = ("400000999", "400012345")
"""How the numbers of 16 digits begin that the simulators of Stripe and Visa, and the tests, hand out."""
_LENGTH: Final = 16


@dataclass(frozen=True, slots=True)
class Found:
    """Where a number stands, and how it is spelt; not the number."""

    place: str
    spelling: str
    offset: int


def find_in(place: str, data: bytes) -> Iterator[Found]:
    """Tell of every number that stands in some bytes."""
    for spelling, pattern in _SPELLINGS:
        for found in pattern.finditer(data):
            yield Found(place, spelling, found.start())


def find_in_file(path: Path, place: str) -> Iterator[Found]:
    """Tell of every number in a file; one that is gone holds none."""
    try:
        yield from find_in(place, path.read_bytes())
    except FileNotFoundError:
        # Servers that run remove files while they are listed.
        return


def _spellings(start: str) -> Mapping[str, bytes]:
    """Return patterns of a range's numbers; each begins with bytes that stand fast, which makes it quick."""
    left, plain = _LENGTH - len(start), start.encode()
    spaced, dashed = (sign.join([plain[:4], plain[4:8], plain[8:]]) for sign in (b" ", b"-"))
    lowest = int(start) * 10**left
    high, middles = lowest >> 32, {(lowest + more) >> 24 & 0xFF for more in (0, 10**left - 1)}
    middle = b"[%b]" % b"".join(b"\\x%02x" % it for it in sorted(middles))
    return {
        "digits": plain + rb"\d{%d}" % left,
        "spaced": spaced + rb"\d{3} \d{4}",
        "dashed": dashed + rb"\d{3}-\d{4}",
        "hex": plain.hex().encode() + rb"(?:3\d){%d}" % left,
        **{f"base64 at {it}": re.escape(_base64_at(plain, it)) + rb"[0-9A-Za-z+/]{8}" for it in range(3)},
        # Without its last zero, so that either end may come first.
        "UTF-16": start.encode("utf-16-le")[:-1] + rb"(?:\x00\d){%d}" % left,
        "packed BCD": re.escape(bytes.fromhex(start[:8]))
        + rb"[\x%b0-\x%b9](?:%b){3}" % (plain[8:], plain[8:], _TWO_DIGITS),
        "integer": re.escape(high.to_bytes(4, "big")) + middle,
        "little integer": middle + re.escape(high.to_bytes(4, "little")),
    }


_TWO_DIGITS: Final = b"[%b]" % b"".join(rb"\x%d0-\x%d9" % (tens, tens) for tens in range(10))


def _base64_at(start: bytes, offset: int) -> bytes:
    # What depends neither on the bytes before nor on the digits that follow.
    encoded = base64.b64encode(bytes(offset) + start + bytes(3))
    return encoded[-(-offset * 8 // 6) : (offset + len(start)) * 8 // 6]


_SPELLINGS: Final = tuple(
    (spelling, re.compile(pattern, re.DOTALL))
    for start in RANGES
    for spelling, pattern in _spellings(start).items()
)


if __name__ == "__main__":
    segment, kept = Path(sys.argv[1]), Path(sys.argv[2])
    if any(find_in_file(segment, segment.name)):
        kept.mkdir(exist_ok=True)
        shutil.copy(segment, kept)
