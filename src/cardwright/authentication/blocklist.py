"""Common passwords: a Bloom filter over a public list of those that people were seen to choose.

The list is 488,130 entries long; the filter answers for it in 1.5 MB and is wrong about one password in
100,000 that is not on it, which then has to be another one.
"""

import re
from collections.abc import Iterator
from functools import cache
from hashlib import blake2b
from importlib.resources import as_file, files
from typing import Final

from rbloom import Bloom

SHORTEST_ENTRY: Final = 8
_FILE: Final = "common_passwords.bloom"
_PADDING: Final = r"[\W\d_]*"
_PADDED: Final = re.compile(rf"{_PADDING}(?P<core>.*?){_PADDING}", re.DOTALL)
_REPEATED: Final = re.compile(r"(?P<core>.+?)\1+", re.DOTALL)


def is_common(password: str) -> bool:
    """Answer whether a password in NFC is on the list, whatever its case, or is one padded or repeated.

    Only what is at least as long as the shortest entry is looked for, so that words inside of a phrase do
    not count.

    >>> is_common("1qaz2wsx3edc4rfv"), is_common("Princess!!123456"), is_common("correct horse battery")
    (True, True, False)
    """
    return any(form in _common() for form in _forms(password.casefold()) if len(form) >= SHORTEST_ENTRY)


def _forms(password: str) -> Iterator[str]:
    yield password
    for disguise in (_REPEATED, _PADDED):
        found = disguise.fullmatch(password)
        if found is not None:
            yield found["core"]


def digest(entry: str) -> int:
    """Return what stands for an entry in the filter: the same number in every process, below 2^127."""
    return int.from_bytes(blake2b(entry.encode(), digest_size=16).digest(), signed=True)


@cache
def _common() -> Bloom:
    with as_file(files("cardwright.authentication") / "data" / _FILE) as path:
        return Bloom.load(path, digest)
