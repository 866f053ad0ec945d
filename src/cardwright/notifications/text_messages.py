"""What a text message costs: segments of 160 letters of the GSM alphabet, or of 70 of any other. Pure."""

import unicodedata
from typing import Final

_BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED: Final = frozenset("^{}\\[~]|€")
_PLAINER: Final = str.maketrans({
    "\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u201e": '"', "\u00ab": '"', "\u00bb": '"',
    "\u2013": "-", "\u2014": "-", "\u2026": "...", "\u00a0": " ", "\u202f": " ", "\u2009": " ",
    "\u2022": "*", "\u0153": "oe", "\u0152": "OE",
    "\u0141": "L", "\u0142": "l", "\u0110": "D", "\u0111": "d", "\u0131": "i",
})  # fmt: skip
_ONE: Final = {True: 160, False: 70}
_EACH_OF_MANY: Final = {True: 153, False: 67}
MAX_SEGMENTS: Final = {True: 2, False: 3}
"""How many segments a message may have at most: in the GSM alphabet, and otherwise."""


def is_gsm(text: str) -> bool:
    """Answer whether the short alphabet of text messages has all of these characters."""
    return all(character in _BASIC or character in _EXTENDED for character in text)


def segments_of(text: str) -> int:
    """Return how many segments a text is sent and paid as.

    >>> [segments_of(text) for text in ("a" * 160, "a" * 161, "€" * 80, "€" * 81, "ي" * 70, "ي" * 71)]
    [1, 2, 1, 2, 1, 2]
    """
    gsm, length = is_gsm(text), _length(text)
    return 1 if length <= _ONE[gsm] else -(-length // _EACH_OF_MANY[gsm])


def plainer(text: str) -> str:
    """Return a text in the GSM alphabet where nothing but accents and typography stands in the way.

    Other scripts stay as they are: one such letter makes every segment short anyway.

    >>> plainer("Votre carte a été bloquée\u00a0: « ça »"), plainer("Su número cambió")
    ('Votre carte a été bloquée : " ca "', 'Su numero cambio')
    """
    plain = text.translate(_PLAINER)
    bare = "".join(_bare(character) for character in plain)
    return bare if is_gsm(bare) else plain


def fitting(text: str) -> str:
    """Return a text cut to as many segments as are allowed."""
    gsm = is_gsm(text)
    limit = _EACH_OF_MANY[gsm] * MAX_SEGMENTS[gsm]
    if segments_of(text) <= MAX_SEGMENTS[gsm]:
        return text
    while _length(text) > limit - 3:
        text = text[:-1]
    return text.rstrip() + "..."


def _bare(character: str) -> str:
    if is_gsm(character):
        return character
    parts = unicodedata.normalize("NFKD", character)
    return "".join(part for part in parts if unicodedata.category(part) not in {"Mn", "Cf"})


def _length(text: str) -> int:
    if is_gsm(text):
        return sum(2 if character in _EXTENDED else 1 for character in text)
    return len(text.encode("utf-16-le")) // 2
