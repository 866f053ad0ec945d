"""What the server tells in sentences, which are English, with amounts and instants as people write them."""

import re
from datetime import datetime, tzinfo
from typing import Final

from cardwright_mobile.text import Words
from cardwright_mobile.text.dates import day_text
from cardwright_mobile.text.money import minor_units, money

_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)")
_AMOUNT: Final = re.compile(r"(?<![\d.])(\d+(?:\.\d+)?) ([A-Z]{3})\b")
_ISOLATE: Final = "\u2066{}\u2069"
_ENGLISH: Final = Words("en")


def told(sentence: str, zone: tzinfo | None, words: Words) -> str:
    """Return the sentence as it is shown.

    >>> told("20.00 USD exceeds the limit of 1000.00 USD.", None, Words("en"))
    '$20.00 exceeds the limit of $1,000.00.'
    """
    shown = facts(sentence, zone, _ENGLISH)
    return _ISOLATE.format(shown) if words.is_right_to_left else shown


def facts(sentence: str, zone: tzinfo | None, words: Words) -> str:
    r"""Return a sentence of any language with its amounts and instants as people write them in this one.

    >>> facts("20.00 USD bei Bäcker", None, Words("de"))
    '20,00\xa0$ bei Bäcker'
    """

    def moment(found: re.Match[str]) -> str:
        at = datetime.fromisoformat(found[0]).astimezone(zone)
        day = day_text(at.date(), words)
        return day if (at.hour, at.minute) == (0, 0) else f"{day}, {at:%H:%M}"

    def amount(found: re.Match[str]) -> str:
        units = minor_units(found[1], found[2])
        return found[0] if units is None else money(units, found[2], words.language)

    return _AMOUNT.sub(amount, _INSTANT.sub(moment, sentence))


def isolated(sentence: str) -> str:
    r"""Return a sentence that runs as its own letters do, also among lines that run the other way.

    >>> isolated("Paid.") == "\u2068Paid.\u2069"
    True
    """
    return f"\u2068{sentence}\u2069"
