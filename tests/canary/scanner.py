"""Looks for known numbers, of cards or documents, in bytes: in every spelling that software uses."""

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from urllib.parse import quote


@dataclass(frozen=True, slots=True)
class Hit:
    """A number that stands where it must not: it is named by its last digits only."""

    place: str
    spelling: str
    last4: str


def spellings(number: str) -> Mapping[str, bytes]:
    """Return a number's spellings as bytes; base64 at each of the three ways it can lie in a longer text."""
    written = number.encode()
    groups = [number[start : start + 4] for start in range(0, len(number), 4)]
    return {
        "digits": written,
        "spaced": " ".join(groups).encode(),
        "dashed": "-".join(groups).encode(),
        "hex": written.hex().encode(),
        **{f"base64 at {offset}": _base64_at(written, offset) for offset in range(3)},
        "UTF-16 little endian": number.encode("utf-16-le"),
        "UTF-16 big endian": number.encode("utf-16-be"),
        **(_of_digits(number) if number.isdigit() else _of_letters(number)),
    }


def _of_digits(number: str) -> Mapping[str, bytes]:
    return {
        "packed BCD": bytes.fromhex(number + "f" * (len(number) % 2)),
        "integer": int(number).to_bytes(8, "big"),
    }


def _of_letters(number: str) -> Mapping[str, bytes]:
    # What is typed, or read by a machine, loses its case; in addresses and pages signs are escaped.
    spelt = {"small letters": number.lower(), "in an address": quote(number), "on a page": escape(number)}
    return {name: it.encode() for name, it in spelt.items() if it != number}


def _base64_at(number: bytes, offset: int) -> bytes:
    # What does not depend on the bytes before and after: whole groups of six bits within the number.
    encoded = base64.b64encode(bytes(offset) + number + bytes(3))
    return encoded[-(-offset * 8 // 6) : (offset + len(number)) * 8 // 6]


def scan(place: str, data: bytes, numbers: Sequence[str]) -> list[Hit]:
    """Return every spelling of every number that stands in some bytes."""
    return [
        Hit(place, spelling, number[-4:])
        for number in numbers
        for spelling, written in spellings(number).items()
        if written in data
    ]


def scan_files(folder: Path, numbers: Sequence[str]) -> list[Hit]:
    """Return what stands in the files of a folder and of all folders in it."""
    return [
        hit for path, data in _files(folder) for hit in scan(str(path.relative_to(folder)), data, numbers)
    ]


def _files(folder: Path) -> Iterator[tuple[Path, bytes]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            try:
                yield path, path.read_bytes()
            except FileNotFoundError:
                # Servers that run remove files while they are listed.
                continue
