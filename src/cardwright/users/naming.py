"""The words of names, as they are looked for: without case, accents and punctuation."""

from typing import Final
from unicodedata import combining, normalize

_MOST_WORDS: Final = 12


def words_of(name: str) -> tuple[str, ...]:
    """Return the different words of a name, in their order, folded; no more than twelve.

    >>> words_of("Zoë O'Neill-Straße")
    ('zoe', 'o', 'neill', 'strasse')
    >>> words_of("  ... ")
    ()
    """
    folded = "".join(each for each in normalize("NFKD", name.casefold()) if not combining(each))
    words = "".join(each if each.isalnum() else " " for each in folded).split()
    return tuple(dict.fromkeys(words))[:_MOST_WORDS]
