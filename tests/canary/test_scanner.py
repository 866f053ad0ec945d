"""The scanner finds what it is to find, wherever it lies, and nothing else."""

import base64
from pathlib import Path

import pytest

from canary.scanner import Hit, scan, scan_files, spellings
from canary.watch import write_on_purpose

NUMBER, OTHER = "4000009990123456", "4000009990654321"


@pytest.mark.parametrize("spelling", spellings(NUMBER))
def test_every_spelling_is_found_in_the_midst_of_other_bytes(spelling: str) -> None:
    data = b"before\0" + spellings(NUMBER)[spelling] + b"\xffafter"
    assert Hit("here", spelling, "3456") in scan("here", data, [OTHER, NUMBER])


@pytest.mark.parametrize("before", range(7))
def test_base64_is_found_whatever_was_encoded_with_it(before: int) -> None:
    encoded = base64.b64encode(b"x" * before + NUMBER.encode() + b", and more")
    assert [hit.spelling for hit in scan("here", encoded, [NUMBER])] == [f"base64 at {before % 3}"]


def test_another_number_is_not_found() -> None:
    assert scan("here", b"".join(spellings(OTHER).values()), [NUMBER]) == []


def test_files_are_read_in_all_folders(tmp_path: Path) -> None:
    (write_on_purpose(tmp_path) / "deep").mkdir()
    (tmp_path / "deep" / "file").write_bytes(b"\0" + NUMBER.encode())
    assert scan_files(tmp_path, [NUMBER]) == [Hit("deep/file", "digits", "3456")]
