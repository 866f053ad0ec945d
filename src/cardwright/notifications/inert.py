"""Values that others chose (merchants, devices, programs), made so that they can only be read. Pure.

Nothing here escapes HTML: the layouts do. What this takes away works in plain text, too: line breaks in
headers, invisible characters that turn a line around, and addresses that mail and phone apps make links of.
"""

import re
import unicodedata
from typing import Final

_ISOLATE: Final = "\u2068"
_END: Final = "\u2069"
_JOINER: Final = "\u2060"
_CUT: Final = "..."
_RIGHT_TO_LEFT: Final = frozenset({"R", "AL", "AN"})
# A dot before a letter, the colon of a scheme, an at sign: what apps recognise links and addresses by.
_LINKING: Final = re.compile(r"(?<=\w)\.(?=[^\W\d_])|:(?=//)|(?<=\S)@(?=\S)")


def cleaned(text: str) -> str:
    r"""Return a text of one line, without anything invisible.

    >>> cleaned("Evil\r\nBcc: x\u202egnp.exe")
    'Evil Bcc: xgnp.exe'
    """
    return "".join(character for character in " ".join(text.split()) if character.isprintable())


def shortened(text: str, limit: int) -> str:
    """Return a text of at most so many characters."""
    return text if len(text) <= limit else text[: limit - len(_CUT)].rstrip() + _CUT


def unlinked(text: str) -> str:
    """Return a text that looks as before and that no app makes a link of; the joiner inside is invisible."""
    return _LINKING.sub(lambda found: f"{_JOINER}{found[0]}{_JOINER}", text)


def spelled_out(text: str) -> str:
    """Return a text that no phone makes a link of, in the few characters that text messages have.

    >>> spelled_out("https://evil.example/a"), spelled_out("AMAZON.COM 12.50")
    ('https //evil example/a', 'AMAZON COM 12.50')
    """
    return _LINKING.sub(" ", text)


def isolated(text: str, *, is_right_to_left: bool) -> str:
    """Return a text whose direction cannot disorder the line around it, nor be disordered by it."""
    turns = any(unicodedata.bidirectional(character) in _RIGHT_TO_LEFT for character in text)
    return f"{_ISOLATE}{text}{_END}" if is_right_to_left or turns else text
