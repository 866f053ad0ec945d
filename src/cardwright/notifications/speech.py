"""In which language, and for which corner of the world, somebody is written to."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal
from zoneinfo import ZoneInfo

from babel import Locale
from babel.core import UnknownLocaleError

Language = Literal["en", "de", "fr", "es", "ar"]
LANGUAGES: Final[Mapping[str, Language]] = {"en": "en", "de": "de", "fr": "fr", "es": "es", "ar": "ar"}
_PLAIN: Final = "en"


@dataclass(frozen=True, slots=True)
class Speech:
    """The language of the words, the locale of amounts and dates, and the zone of times."""

    language: Language
    locale: Locale
    time_zone: ZoneInfo

    @property
    def is_right_to_left(self) -> bool:
        """Answer whether lines begin at the right."""
        return self.locale.text_direction == "rtl"


@lru_cache(maxsize=1024)
def speech_of(locale: str | None, time_zone: str | None) -> Speech:
    """Return how to write to somebody with this BCP 47 tag and IANA zone, both as a profile keeps them.

    What is not known is looked for without its last part, and is English and UTC in the end; the country
    still decides how amounts and days are written as long as the language is one of ours.

    >>> [speech_of(tag, None).language for tag in ("de-AT", "ar-EG", "pt-BR", "zh-Hant-TW", "", None)]
    ['de', 'ar', 'en', 'en', 'en', 'en']
    >>> str(speech_of("es-MX-x-private", None).locale), str(speech_of("pt-BR", None).locale)
    ('es_MX', 'en')
    """
    zone = ZoneInfo(time_zone or "UTC")
    parts = (locale or _PLAIN).replace("_", "-").split("-")
    for length in range(len(parts), 0, -1):
        found = _known("-".join(parts[:length]))
        if found is not None and found.language in LANGUAGES:
            return Speech(LANGUAGES[found.language], found, zone)
    return Speech("en", Locale(_PLAIN), zone)


def _known(tag: str) -> Locale | None:
    try:
        return Locale.parse(tag, sep="-")
    except (UnknownLocaleError, ValueError):
        return None
