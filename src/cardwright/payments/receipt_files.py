"""Files that may be a receipt: what they are is read from their content, whatever they are called. No I/O."""

import base64
from dataclasses import dataclass
from typing import Final

from cardwright.core.errors import Invalid
from cardwright.files import FileType, sniff

MOST_BYTES: Final = 700_000
"""A request has a mebibyte, of which base 64 takes a third."""
_ENDINGS: Final = {FileType.PDF: "pdf", FileType.JPEG: "jpg", FileType.PNG: "png", FileType.WEBP: "webp"}
MEDIA_TYPES: Final = tuple(kind.value for kind in _ENDINGS)


@dataclass(frozen=True, slots=True)
class ReceiptFile:
    """A file with what its content says it is."""

    name: str
    media_type: str
    content: bytes

    @property
    def ending(self) -> str:
        """What names of such files end in."""
        return _ENDINGS[FileType(self.media_type)]


def read_file(name: str, encoded: str) -> ReceiptFile:
    """Return a file sent in base 64, as the API's pattern has seen to.

    Raises Invalid `receipt_too_large`, and `receipt_type_unknown` for anything but JPEG, PNG, WebP and PDF.
    """
    content = base64.b64decode(encoded, validate=True)
    if len(content) > MOST_BYTES:
        raise Invalid("receipt_too_large", f"A receipt has {MOST_BYTES} bytes at most.")
    return ReceiptFile(name, _type_of(content), content)


def _type_of(content: bytes) -> str:
    found = sniff(content)
    if found is None:
        raise Invalid("receipt_type_unknown", "A receipt is a JPEG, PNG or WebP image, or a PDF.")
    return found.value
