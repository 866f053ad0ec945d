"""What a file is, read from its first bytes, whatever it is called. No I/O."""

from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Final

_RIFF: Final = slice(0, 4)
_FORM: Final = slice(8, 12)


class FileType(StrEnum):
    """The kinds of files that anybody may send us."""

    PDF = "application/pdf"
    PNG = "image/png"
    JPEG = "image/jpeg"
    WEBP = "image/webp"


_SIGNATURES: Final[Mapping[bytes, FileType]] = {
    b"%PDF-": FileType.PDF,
    b"\x89PNG\r\n\x1a\n": FileType.PNG,
    b"\xff\xd8\xff": FileType.JPEG,
}


def sniff(content: bytes, among: Collection[FileType] = tuple(FileType)) -> FileType | None:
    """Return which of some types a file begins as; None for anything else.

    >>> sniff(b"%PDF-1.7")
    <FileType.PDF: 'application/pdf'>
    >>> sniff(b"<svg onload=alert(1)>") is None
    True
    """
    found = _begins_as(content)
    return found if found in among else None


def _begins_as(content: bytes) -> FileType | None:
    if content[_RIFF] == b"RIFF" and content[_FORM] == b"WEBP":
        return FileType.WEBP
    return next((kind for start, kind in _SIGNATURES.items() if content.startswith(start)), None)
