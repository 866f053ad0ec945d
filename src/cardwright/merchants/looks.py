"""How a merchant without a picture is shown: a letter on a colour, the same ones each time. No I/O."""

import zlib
from typing import Final

PALETTE: Final = (
    "red", "orange", "amber", "lime", "green", "emerald", "teal", "cyan", "sky", "blue", "indigo", "violet",
    "purple", "fuchsia", "pink", "rose",
)  # fmt: skip
"""Names of the design's tokens; those of white letters on a colour."""


def logo_letter(name: str) -> str:
    """Return the letter that stands for a name.

    >>> logo_letter("corner shop"), logo_letter("'t Hoekje"), logo_letter("***")
    ('C', 'T', '?')
    """
    return next((char.upper()[0] for char in name if char.isalnum()), "?")


def colour_of(merchant_id: str) -> str:
    """Return the colour of a merchant; another name does not change it."""
    return PALETTE[zlib.crc32(merchant_id.encode()) % len(PALETTE)]
