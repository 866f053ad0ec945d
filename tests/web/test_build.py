"""What the build made: little for the first page, nothing from elsewhere."""

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

MOST_BYTES = 200_000
"""Of JavaScript, gzipped, until the first page can be used."""
FIRST_PAGES = (
    ("src/features/auth/layout.tsx", "src/features/auth/sign-in.tsx"),
    (
        "src/app/shell.tsx",
        "src/features/home/home.tsx",
    ),
)
NAMESPACES = re.compile(r"https?://(www\.w3\.org|reactjs\.org|react\.dev|mantine\.dev|tanstack\.com)[/\w.-]*")


@pytest.mark.parametrize("pages", FIRST_PAGES)
def test_the_first_page_needs_little(built: Path, pages: tuple[str, ...]) -> None:
    manifest: dict[str, Any] = json.loads((built / ".vite/manifest.json").read_text())
    scripts = {manifest[name]["file"] for entry in ("index.html", *pages) for name in needed(manifest, entry)}
    size = sum(len(gzip.compress((built / script).read_bytes(), 9)) for script in scripts)
    assert size <= MOST_BYTES, f"{size} bytes for {pages}"


def needed(manifest: dict[str, Any], name: str) -> Iterator[str]:
    """Yield an entry and whatever it imports at once."""
    waiting, seen = [name], set()
    while waiting:
        current = waiting.pop()
        if current in seen:
            continue
        seen.add(current)
        yield current
        waiting += manifest[current].get("imports", [])


def test_every_text_has_its_compressed_twins(built: Path) -> None:
    large = [file for file in built.rglob("*") if file.suffix in (".js", ".css", ".html")]
    large = [file for file in large if file.stat().st_size >= 512]
    assert large
    for file in large:
        assert gzip.decompress(file.with_name(file.name + ".gz").read_bytes()) == file.read_bytes()
        assert file.with_name(file.name + ".br").stat().st_size < file.stat().st_size


def test_nothing_is_loaded_from_elsewhere(built: Path) -> None:
    page = (built / "index.html").read_text()
    assert re.findall(r'(?:src|href)="(?!/)', page) == []
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    assert [script.partition("(")[0] for script in scripts] == [";", "import"]
    assert "<script " not in page
    assert "<style" not in page
    for sheet in built.rglob("*.css"):
        assert re.findall(r"url\((?!['\"]?(?:/|data:image/svg|\./|#))[^)]*\)", sheet.read_text()) == [], sheet
