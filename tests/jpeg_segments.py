"""What a JPEG is made of, so that one sees that nothing else is in it."""

from collections.abc import Sequence
from typing import Final

_START_OF_SCAN: Final = 0xDA
_END: Final = 0xD9
PLAIN: Final = {0xD8, 0xE0, 0xDB, 0xC0, 0xC4, _START_OF_SCAN, _END}
"""Start, JFIF, quantization, frame, Huffman tables, scan, end: what an encoder writes of a picture."""


def segments(jpeg: bytes) -> Sequence[int]:
    """Return the markers of a JPEG in their order; whatever follows its end raises ValueError."""
    found, place = [jpeg[1]], 2
    while jpeg[place + 1] != _START_OF_SCAN:
        if jpeg[place] != 0xFF:
            raise ValueError("no marker where one must be")
        found.append(jpeg[place + 1])
        place += 2 + int.from_bytes(jpeg[place + 2 : place + 4])
    if jpeg.index(b"\xff\xd9", place) != len(jpeg) - 2:
        raise ValueError("something follows the end")
    return [*found, _START_OF_SCAN, _END]
