"""What the app says, in three languages."""

from collections.abc import Mapping
from typing import Final

from cardwright_mobile.text import ar, de, en

LANGUAGES: Final[Mapping[str, Mapping[str, str]]] = {"en": en.WORDS, "de": de.WORDS, "ar": ar.WORDS}
OWN_NAMES: Final[Mapping[str, str]] = {"en": "English", "de": "Deutsch", "ar": "العربية"}
"""What each language is called by those who speak it."""
RIGHT_TO_LEFT: Final = frozenset({"ar"})


class Words:
    """The texts of one language."""

    def __init__(self, language: str = "en") -> None:
        self.language = language if language in LANGUAGES else "en"
        self._words = LANGUAGES[self.language]

    @property
    def is_right_to_left(self) -> bool:
        """Whether lines begin on the right."""
        return self.language in RIGHT_TO_LEFT

    def __call__(self, name: str, /, **facts: object) -> str:
        """Return a text with facts filled in."""
        return self._words[name].format(**facts)

    def of(self, group: str, name: str) -> str:
        """Return the text of one of a group; a name that this app is too old to know stands for itself."""
        return self._words.get(f"{group}.{name}", name.replace("_", " "))
